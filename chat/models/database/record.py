"""Record: a document of the database, as the driver reads and writes it."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

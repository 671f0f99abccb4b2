"""orjson in the shape of the standard library's json module, for Socket.IO."""

from __future__ import annotations

from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError


def dumps(value: Any, **_: Any) -> str:
    """`value` as JSON without spaces; the options of json.dumps are accepted and not needed."""
    return orjson.dumps(value).decode()


def loads(text: str | bytes, **_: Any) -> Any:
    return orjson.loads(text)

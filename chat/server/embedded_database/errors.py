"""The error of an embedded database that is not available."""

from __future__ import annotations


class EmbeddedDatabaseFailed(Exception):
    """The embedded database is not available; the text says in one sentence why and what to do."""

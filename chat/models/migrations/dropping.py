"""Drop indexes of earlier versions."""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection
from pymongo.errors import OperationFailure

GONE = (26, 27)  # MongoDB's codes: there is no such collection, no such index


def drop_index(collection: Collection[dict[str, Any]], name: str) -> None:
    """Drop an index, unless it is gone: perhaps another process has dropped it."""
    try:
        collection.drop_index(name)
    except OperationFailure as error:
        if error.code not in GONE:
            raise

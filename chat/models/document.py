"""What all that we keep has in common: an id of 24 hex digits."""

from __future__ import annotations

from typing import TypeAlias

from bson import ObjectId
from bson.errors import InvalidId

Id: TypeAlias = ObjectId


def new_id() -> Id:
    return ObjectId()


def id_from(text: object) -> Id | None:
    """The id that `text` writes in 24 hex digits; None for anything else, which therefore names nothing."""
    if not isinstance(text, str) or len(text) != 24:
        return None
    try:
        return ObjectId(text)
    except InvalidId:
        return None

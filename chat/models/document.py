"""What all that we keep has in common: an id of 24 hex digits."""

from __future__ import annotations

import os
import time
from typing import TypeAlias

from bson import ObjectId
from bson.errors import InvalidId

Id: TypeAlias = ObjectId


def new_id() -> Id:
    """Return an id that begins with the second and its fraction, in 65,536ths, so that ids are in the order of time.

    The rest is random. MongoDB's own names the process and counts up, which tells how much others do.
    """
    moment = int(time.time() * 65_536)
    return ObjectId((moment & 0xFFFF_FFFF_FFFF).to_bytes(6, "big") + os.urandom(6))


def id_from(text: object) -> Id | None:
    """The id that `text` writes in 24 hex digits; None for anything else, which therefore names nothing."""
    if not isinstance(text, str) or len(text) != 24:
        return None
    try:
        return ObjectId(text)
    except InvalidId:
        return None

"""The ids of all stored records: 24 hex digits."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from bson import ObjectId
from bson.errors import InvalidId

Id: TypeAlias = ObjectId

REMEMBERED = 10_000


def new_id() -> Id:
    """Return an id that begins with the time in 65,536ths of a second, so that ids sort by time.

    The rest is random. MongoDB's own ids name the process and count up. So they would reveal how
    many records other people create.
    """
    moment = int(time.time() * 65_536)
    return ObjectId((moment & 0xFFFF_FFFF_FFFF).to_bytes(6, "big") + os.urandom(6))


FIRST_ID = ObjectId(bytes(12))  # the lower end of a range
LAST_ID = ObjectId(b"\xff" * 12)  # its upper end


def first_id_at(moment: datetime) -> Id:
    """Return the lowest id that `new_id` can make at a moment: the lower end of a range."""
    return ObjectId(int(moment.timestamp() * 65_536).to_bytes(6, "big") + bytes(6))


def derived_id(moment: datetime, *parts: str) -> Id:
    """Return an id that begins with a moment, as those of `new_id`, and is the same every time.

    The rest is made of `parts`: the names by which something is known elsewhere.
    """
    digest = hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()
    return ObjectId(first_id_at(moment).binary[:6] + digest[:6])


def id_from(text: object) -> Id | None:
    """Return the id that `text` spells in 24 hex digits; None for anything else."""
    return _parsed(text) if isinstance(text, str) and len(text) == 24 else None


# The cache returns the same object for the same id, so dicts find it by identity, which is faster.
@lru_cache(REMEMBERED)
def _parsed(text: str) -> Id | None:
    try:
        return ObjectId(text)
    except InvalidId:
        return None

"""Seal the texts of an audit's entry: names, and what a setting was before and after.

The audit's own key seals what administrators may read. The room's key seals what only its
moderators read, so that a deleted room takes these texts along.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import orjson

from chat.models.database import Record
from chat.models.key_ring import RoomKeys, key_ring
from chat.models.own_ids import AUDIT_ID
from chat.utils.encryption import CannotOpen, padded

NO_END = "never"  # when a ban or mute ends that somebody has to end
STEP = 64  # bytes; texts are padded to a multiple of it before they are sealed


class Texts(NamedTuple):
    """The name of a room or setting, and what it or a person's role was before and after.

    Of a ban or mute: when it ended before, and when it ends; NO_END if somebody has to end it.
    """

    name: str = ""
    before: str = ""
    after: str = ""


NO_TEXTS = Texts()
logger = logging.getLogger(__name__)


def seal(record: Record, texts: Texts) -> bytes | None:
    """Return the texts of an entry, sealed; None without texts, or when its room was deleted."""
    keys = _keys_of(record)
    if texts == NO_TEXTS or keys is None:
        return None
    return keys.data.seal(padded(orjson.dumps(texts._asdict()), STEP), _place(record))


def texts_of(record: Record) -> Texts:
    """Return the texts of an entry to show it; empty ones where they do not open."""
    try:
        return open_texts(record)
    except CannotOpen as error:  # one damaged entry must not hide the others
        logger.warning("an entry of the audit does not open", extra={"reason": str(error)})
        return NO_TEXTS


def open_texts(record: Record) -> Texts:
    """Return the texts of an entry; empty ones when its room was deleted. Raises CannotOpen."""
    keys = _keys_of(record)
    if record["texts"] is None or keys is None:
        return NO_TEXTS
    return Texts(**orjson.loads(keys.open(record["texts"], _place(record)).rstrip(b"\0")))


def audit_keys() -> RoomKeys:
    """Return the audit's own keys, which the first entry makes."""
    return key_ring.made(AUDIT_ID)


def _keys_of(record: Record) -> RoomKeys | None:
    """Return the keys of an entry's texts; None if its room was deleted."""
    if not record["is_private"]:
        return audit_keys()
    try:
        return key_ring.of(record["room_id"])
    except CannotOpen:
        return None


def _place(record: Record) -> str:
    return f"{record['_id']}/audit"

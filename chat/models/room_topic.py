"""A room's topic, sealed under the room's keys."""

from __future__ import annotations

import logging

from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.encryption import CannotOpen, padded

STEP = 64  # bytes; a topic is padded to a multiple of it before it is sealed

logger = logging.getLogger(__name__)


def seal_topic(room_id: Id, topic: str) -> bytes | None:
    """Seal a topic with its length rounded up. Return None for an empty topic.

    So the database reveals only whether a room has a topic, and roughly how long the topic is.
    """
    if not topic:
        return None
    return key_ring.of(room_id).data.seal(padded(topic.encode(), STEP), _place(room_id))


def open_topic(room_id: Id, sealed: bytes | None) -> str:
    """Return the topic, or an empty text if the topic cannot be opened."""
    if sealed is None:
        return ""
    try:
        return key_ring.of(room_id).open(sealed, _place(room_id)).rstrip(b"\0").decode()
    except CannotOpen as error:
        # Somebody is deleting the room, or its record is damaged. This must not hide other rooms
        # in a list.
        logger.warning("a topic cannot be opened", extra={"reason": str(error)})
        return ""


def _place(room_id: Id) -> str:
    return f"{room_id}/topic"

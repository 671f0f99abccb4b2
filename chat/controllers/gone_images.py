"""Tell which images are gone with their messages, though a job has not erased them yet."""

from __future__ import annotations

from chat.models.image import Image
from chat.models.message import Message
from chat.models.room import Room


def is_gone(image: Image) -> bool:
    """Return whether an image's message is too old for its room, though it is not erased yet."""
    if image.message_id is None or image.seq is None:
        return False
    room = Room.find(image.room_id)
    if room is None or image.seq >= room.floor.seq:
        return False
    message = Message.find(image.message_id)
    return message is None or message.deleted_at is not None

"""Recognize a message whose form was sent twice, with its pictures."""

from __future__ import annotations

from typing import Any

from chat.controllers import access
from chat.models.image import Image
from chat.models.log import log_of
from chat.models.message import Message
from chat.models.user import User


def is_sent_alike(
    author: User,
    room_id: str,
    *,
    body: str,
    client_id: str,
    image_ids: list[str],
    reply_to_id: str | None = None,
) -> bool:
    """Return whether the author's message of this `client_id` says the same, with images alike.

    If so, discard these images, which were uploaded once more. Raises NotFound.
    """
    room = access.membership(author, room_id).room
    record = log_of(room.id).message_of(str(author.id), client_id)
    message = record and Message.find(record["_id"])
    if not message or message.text.body != body:
        return False
    copies = [access.own_image(author, room.id, image_id) for image_id in image_ids]
    looks = [_look(copy.as_reference()) for copy in copies]
    answered = str(message.reply_to.id) if message.reply_to else None
    if answered != reply_to_id or looks != [_look(each) for each in message.images]:
        return False
    for copy in copies:
        Image.discard(copy.id)
    return True


def _look(reference: dict[str, Any]) -> list[object]:
    """Return what two images of the same file have in common."""
    return [reference[name] for name in ("content_type", "width", "height", "bytes")]

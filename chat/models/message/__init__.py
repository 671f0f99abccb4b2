"""Message: a message that a person posted in a room, and everything that people do with it."""

from __future__ import annotations

import logging

from chat.models.database import Record
from chat.models.halves import Destroyed, halves
from chat.models.image import Image
from chat.models.log import forget_entries
from chat.models.log.applying import when_deleted
from chat.models.message.deletable import Deletable
from chat.models.message.editable import Editable
from chat.models.message.opened import OpenMessage, Reply
from chat.models.message.paged import Paged
from chat.models.message.pinnable import Pinnable
from chat.models.message.postable import Postable
from chat.models.message.reactable import Reactable
from chat.models.message.text import forget_rendered
from chat.utils.encryption import CannotOpen

__all__ = ["Message", "OpenMessage", "Reply", "forget_opened"]

logger = logging.getLogger(__name__)


class Message(Postable, Editable, Deletable, Reactable, Pinnable, Paged):
    """A message with everything that people do with it."""


def forget_opened(_: object = None) -> None:
    """Empty the caches, so that this process's memory holds no deleted message."""
    forget_rendered()
    forget_entries()


def _discard_images(records: list[Record]) -> None:
    """Discard the images that messages' records name.

    A search by the images' own records could miss some, which may not name the message yet.
    """
    for record in records:
        try:
            for reference in Message.open_images(record):
                Image.discard_referenced(reference)
        except Destroyed:
            pass  # an earlier attempt discarded the images and then destroyed the half
        except CannotOpen as error:  # the deletion goes on; `bin/chat verify` reports these images
            logger.error("the images of a deleted message stay", extra={"reason": str(error)})


def _destroy_halves(records: list[Record]) -> None:
    """Destroy messages' halves, so that nobody can open any copy of their texts."""
    known = []
    for record in records:
        try:
            half = None if "deleted_at" in record else Message.half_of(record)
        except CannotOpen as error:  # a damaged record names no half
            logger.error("the half of a deleted message is not known", extra={"reason": str(error)})
        else:
            known += [] if half is None else [half]
    halves.destroy(known)


def _forget_mentions(records: list[Record]) -> None:
    Message.forget_mentions(*(record["_id"] for record in records))


when_deleted(_discard_images)
when_deleted(_destroy_halves)  # after the images, because their list opens only with the half
when_deleted(forget_opened)
when_deleted(_forget_mentions)

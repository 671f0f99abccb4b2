"""Pictures: uploading, looking, giving the disk back."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from typing import IO

from chat import extensions
from chat.controllers import access
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.image import RENDITIONS, Image
from chat.models.log import log_of
from chat.models.user import User
from chat.utils import pictures
from chat.utils.errors import ChatError, Conflict, TooLarge, UnsupportedType, ValidationFailed
from chat.utils.pictures import PictureRefused, PixelBudget

PICTURES_IN_BUDGET = 4  # of the largest size that is accepted, decoded at once
REFUSALS: dict[str, type[ChatError]] = {
    "too_large": TooLarge, "unsupported_type": UnsupportedType, "validation_failed": ValidationFailed,
}

logger = logging.getLogger(__name__)
_budgets: dict[int, PixelBudget] = {}


def upload(person: User, room_id: str, source: IO[bytes], alt: str = "") -> Image:
    """Keeps a picture for a message to come. Raises NotFound, TooLarge, UnsupportedType, ValidationFailed."""
    room = access.membership(person, room_id).must("post").room
    if source.seek(0, os.SEEK_END) > extensions.settings().max_image_bytes:
        raise TooLarge(f"At most {extensions.settings().max_image_bytes // 2**20} MB are accepted.")
    image_id = Image.begin(room.id, person.id)
    try:
        with tempfile.TemporaryFile() as original, tempfile.TemporaryFile() as thumbnail:
            picture = pictures.make(source, original, thumbnail, most_pixels=extensions.settings().max_image_pixels, budget=_budget())
            files = dict(zip(RENDITIONS, (original, thumbnail), strict=True))
            bytes_of = {name: file.seek(0, os.SEEK_END) for name, file in files.items()}
            for name, file in files.items():
                Image.store(room.id, image_id, name, file)
        return Image.finish(image_id, room.id, picture, bytes_of, alt)
    except PictureRefused as refusal:
        Image.discard(image_id)
        raise REFUSALS[refusal.code](str(refusal)) from None
    except BaseException:
        with contextlib.suppress(DatabaseError):  # what stays is swept
            Image.discard(image_id)
        raise


def show(person: User, image_id: str) -> Image:
    """An image that the person may see: of a room they are in, their own until a message has it. Raises NotFound."""
    return access.image(person, image_id)


def describe(person: User, image_id: str, alt: str) -> Image:
    """Says what an own image shows, before a message has it. Raises NotFound, Conflict."""
    image = access.image(person, image_id)
    if image.uploader_id != person.id or not image.describe(Image.seal_alt(image.room_id, image.id, alt)):
        raise Conflict("A picture is described before it is sent, by who uploaded it.")
    return access.image(person, image_id)


def claim(author: User, room_id: Id, client_id: str, image_ids: list[str]) -> list[Image]:
    """The images of the message that is sent under `client_id`, taken for it alone. Raises ValidationFailed."""
    images = [access.own_image(author, room_id, image_id) for image_id in image_ids]
    for number, image in enumerate(images):
        if not image.claim(author.id, client_id):
            for taken in images[:number]:
                taken.release(author.id, client_id)
            raise ValidationFailed(fields={"image_ids": "An image here belongs to another message."})
    return images


def sweep() -> int:
    """Takes away what no message claimed for a day, and what broken uploads left; how many images went."""
    gone = 0
    for image_id, room_id, claim_key in Image.unclaimed():
        author_id, _, client_id = (claim_key or "").partition("/")
        message_id = log_of(room_id).message_of(author_id, client_id) if client_id else None
        if message_id:
            Image.settle(image_id, message_id)  # its message was kept, and the server died before noting it here
        else:
            Image.discard(image_id)
            gone += 1
    return gone


def _budget() -> PixelBudget:
    most = extensions.settings().max_image_pixels
    return _budgets.setdefault(most, PixelBudget(most * PICTURES_IN_BUDGET))

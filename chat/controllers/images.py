"""Upload and show images, and delete images that no message claimed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from typing import IO, NamedTuple

from chat import extensions
from chat.controllers import access, storage
from chat.controllers.gone_images import is_gone
from chat.controllers.image_processing import processing
from chat.controllers.one_by_one import for_each
from chat.models import image_quota
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.image import RENDITIONS, Image
from chat.models.image.listable import USUAL_PAGE, Cursor
from chat.models.log import log_of
from chat.models.message import Message
from chat.models.user import User
from chat.utils import pictures
from chat.utils.errors import Conflict, ValidationFailed
from chat.utils.fair_queue import never
from chat.utils.list_page import ListPage
from chat.utils.pictures import Picture
from chat.utils.translation import _


class Usage(NamedTuple):
    stored_bytes: int
    quota_bytes: int  # 0 for no limit


def upload(
    person: User,
    room_id: str,
    source: IO[bytes],
    alt: str = "",
    has_hung_up: Callable[[], bool] = never,
) -> Image:
    """Store an image for a message that the person will send.

    Raises NotFound, TooLarge, UnsupportedType, ValidationFailed, RateLimited, ClientGone.
    """
    room = access.membership(person, room_id).must("post").room
    storage.require_space()
    most_pixels = extensions.settings().max_image_pixels
    with (
        processing(person, source, has_hung_up),
        tempfile.TemporaryFile() as original,
        tempfile.TemporaryFile() as thumbnail,
    ):
        picture = pictures.make(
            source, original, thumbnail, most_pixels=most_pixels, has_hung_up=has_hung_up
        )
        return store(
            room.id,
            person.id,
            picture,
            dict(zip(RENDITIONS, (original, thumbnail), strict=True)),
            alt,
        )


def bytes_left(person: User, room_id: str, size: int) -> int | None:
    """Return how many bytes of images the person may still upload; None for no limit.

    Raises NotFound or Forbidden if the person may upload no image to this room. Raises TooLarge if
    fewer than `size` bytes are left.
    """
    access.membership(person, room_id).must("post")
    storage.require_space()
    settings = extensions.settings()
    return image_quota.bytes_left(
        person.id,
        size,
        most_of_person=settings.image_quota_bytes_per_person,
        most_of_everybody=settings.image_quota_bytes,
    )


def show(person: User, image_id: str) -> Image:
    """Return an image of a room that the person is in.

    Only its uploader gets an image that no message has. Raises NotFound.
    """
    return access.image(person, image_id)


def gallery(
    person: User, room_id: str, before: Cursor | None = None, limit: int = USUAL_PAGE
) -> ListPage[Image, Cursor]:
    """Return a page of the images of a room's messages, newest first. Raises NotFound."""
    room = access.membership(person, room_id).must("read").room
    end = log_of(room.id).head().seq + 1
    if before is None or before.seq >= end:
        before = Cursor(end, None)
    page = Image.page(room.id, before, limit)
    return ListPage([each for each in page.items if not is_gone(each)], page.following)


def describe(person: User, image_id: str, alt: str) -> Image:
    """Set the description of the person's own image, before a message has the image.

    Raises NotFound, Conflict.
    """
    image = access.image(person, image_id)
    if image.uploader_id != person.id or not image.describe(
        Image.seal_alt(image.room_id, image.id, alt)
    ):
        raise Conflict(_("Only its uploader can describe a picture, before it is sent."))
    return access.image(person, image_id)


def claim(author: User, room_id: Id, client_id: str, image_ids: list[str]) -> list[Image]:
    """Claim the images for the author's message with this `client_id`, and return the images.

    Raises ValidationFailed if another message has claimed one of them.
    """
    images = [access.own_image(author, room_id, image_id) for image_id in image_ids]
    for number, image in enumerate(images):
        if not image.claim(author.id, client_id):
            for taken in images[:number]:
                taken.release(author.id, client_id)
            raise ValidationFailed(
                fields={"image_ids": _("One of these pictures belongs to another message.")}
            )
    return images


def attach(claimed: list[Image], message: Message) -> None:
    """Attach the images that a message has, so that the room's list shows them."""
    for image in claimed:
        Image.attach(image.id, message.id, message.seq, message.created_at)


def release_unsent(author: User, client_id: str, claimed: list[Image]) -> None:
    """Release the claims on images that the author's message with this `client_id` has not.

    So another message can claim them.
    """
    for image in claimed:
        if not _message_with(image.id, image.room_id, str(author.id), client_id):
            image.release(author.id, client_id)


def usage_of(person: User) -> Usage:
    """Return how many bytes of images a person stores, and the person's quota."""
    return Usage(
        image_quota.bytes_of(person.id), extensions.settings().image_quota_bytes_per_person
    )


def sweep() -> int:
    """Delete images that no message claimed for a day, and broken uploads. Return how many.

    Then recount the bytes of images of people for whom these changed.
    """
    deleted = for_each(Image.unclaimed(), attach_or_discard, "an image could not be swept")
    image_quota.recount()
    return deleted


def attach_or_discard(unclaimed: tuple[Id, Id, str | None]) -> bool:
    """Attach an image to the message that has it, or discard it. Return whether it is discarded."""
    image_id, room_id, claim_key = unclaimed
    author_id, _, client_id = (claim_key or "").partition("/")
    if message := _message_with(image_id, room_id, author_id, client_id):
        # A process stored the message, and died before it attached the image.
        Image.attach(image_id, message.id, message.seq, message.created_at)
        return False
    Image.discard(image_id)
    return True


def _message_with(image_id: Id, room_id: Id, author_id: str, client_id: str) -> Message | None:
    """Return the author's message with this `client_id`, if it has the image. Raises CannotOpen."""
    record = log_of(room_id).message_of(author_id, client_id) if client_id else None
    message = record and Message.find(record["_id"])
    if message and any(image["id"] == str(image_id) for image in message.images):
        return message
    return None


def store(
    room_id: Id,
    uploader_id: Id,
    picture: Picture,
    files: dict[str, IO[bytes]],
    alt: str,
    *,
    is_bounded: bool = True,
) -> Image:
    """Store an image with its renditions; `is_bounded`: within the quotas. Raises TooLarge."""
    settings = extensions.settings()
    image_id = Image.begin(room_id, uploader_id)
    try:
        bytes_of = {name: file.seek(0, os.SEEK_END) for name, file in files.items()}
        Image.reserve(
            image_id,
            uploader_id,
            sum(bytes_of.values()),
            most_of_person=settings.image_quota_bytes_per_person if is_bounded else 0,
            most_of_everybody=settings.image_quota_bytes if is_bounded else 0,
        )
        for name, file in files.items():
            Image.store(room_id, image_id, name, file)
        return Image.finish(image_id, room_id, picture, bytes_of, alt)
    except BaseException:
        with contextlib.suppress(DatabaseError):  # if this fails, `sweep` deletes the image later
            Image.discard(image_id)
        raise

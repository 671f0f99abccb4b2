"""The pictures of imported messages."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import IO

from chat import extensions
from chat.controllers import images
from chat.models.document import Id
from chat.models.image import RENDITIONS, Image
from chat.utils import pictures
from chat.utils.pictures import Picture


def store(room_id: Id, uploader_id: Id, client_id: str, content: bytes, alt: str = "") -> Image:
    """Store a picture of an imported message, beyond all quotas, and claim it for the message.

    Raises PictureRefused.
    """
    with _renditions(content) as (picture, files):
        image = images.store(room_id, uploader_id, picture, files, alt, is_bounded=False)
    image.claim(uploader_id, client_id)
    return image


def check(content: bytes) -> None:
    """Raise PictureRefused if `store` would; store nothing."""
    with _renditions(content):
        return


def settle(room_id: Id) -> None:
    """Attach or discard the pictures of a room that an interrupted import left alone."""
    for image_id, claim_key in Image.alone_in(room_id):
        images.attach_or_discard((image_id, room_id, claim_key))


@contextlib.contextmanager
def _renditions(content: bytes) -> Iterator[tuple[Picture, dict[str, IO[bytes]]]]:
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as original,
        tempfile.TemporaryFile() as thumbnail,
    ):
        source.write(content)
        most_pixels = extensions.settings().max_image_pixels
        picture = pictures.make(source, original, thumbnail, most_pixels=most_pixels)
        yield picture, dict(zip(RENDITIONS, (original, thumbnail), strict=True))

"""Limit the processing of uploaded images, for messages and for avatars."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import IO

from chat import extensions
from chat.controllers import turns
from chat.models.user import User
from chat.utils.errors import ChatError, TooLarge, UnsupportedType, ValidationFailed
from chat.utils.pictures import PictureRefused
from chat.utils.translation import _

REFUSALS: dict[str, type[ChatError]] = {
    "too_large": TooLarge,
    "unsupported_type": UnsupportedType,
    "validation_failed": ValidationFailed,
}


@contextlib.contextmanager
def processing(person: User, source: IO[bytes], has_hung_up: Callable[[], bool]) -> Iterator[None]:
    """Wait for the person's turn, and hold it while the caller processes `source`.

    Raises TooLarge, UnsupportedType or ValidationFailed for an image that the chat does not accept;
    RateLimited; ClientGone.
    """
    if source.seek(0, os.SEEK_END) > extensions.settings().max_image_bytes:
        most = f"{extensions.settings().max_image_bytes // 10**6} MB"
        raise TooLarge(_("A picture has at most {most}. Make it smaller first.", most=most))
    with turns.PICTURES.turn(turns.PEOPLE, person.answerable_id, has_hung_up):
        try:
            yield
        except PictureRefused as refusal:
            raise REFUSALS[refusal.code](str(refusal)) from None

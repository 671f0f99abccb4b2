"""What every picture that somebody sends goes through, whatever it is for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO

from chat import extensions
from chat.utils.errors import ChatError, TooLarge, UnsupportedType, ValidationFailed
from chat.utils.pictures import PictureRefused, PixelBudget

PICTURES_IN_BUDGET = 4  # of the largest size that is accepted, decoded at once
REFUSALS: dict[str, type[ChatError]] = {
    "too_large": TooLarge, "unsupported_type": UnsupportedType, "validation_failed": ValidationFailed,
}

_budgets: dict[int, PixelBudget] = {}


@contextlib.contextmanager
def judged(source: IO[bytes]) -> Iterator[None]:
    """Around what is made of a file. Raises TooLarge, UnsupportedType, ValidationFailed for what is not accepted."""
    if source.seek(0, os.SEEK_END) > extensions.settings().max_image_bytes:
        raise TooLarge(f"At most {extensions.settings().max_image_bytes // 2**20} MB are accepted.")
    try:
        yield
    except PictureRefused as refusal:
        raise REFUSALS[refusal.code](str(refusal)) from None


def pixel_budget() -> PixelBudget:
    """What all workers share, as MAX_IMAGE_PIXELS has it."""
    most = extensions.settings().max_image_pixels
    return _budgets.setdefault(most, PixelBudget(most * PICTURES_IN_BUDGET))

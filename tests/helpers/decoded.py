"""What a picture looks like after the chat has stored it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from chat.utils.fair_queue import never
from chat.utils.pictures import Picture, make

MOST = 40_000_000


def made_of(
    data: bytes, most_pixels: int = MOST, has_hung_up: Callable[[], bool] = never
) -> tuple[Picture, bytes, bytes]:
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as original,
        tempfile.TemporaryFile() as thumbnail,
    ):
        source.write(data)
        picture = make(
            source, original, thumbnail, most_pixels=most_pixels, has_hung_up=has_hung_up
        )
        original.seek(0)
        thumbnail.seek(0)
        return picture, original.read(), thumbnail.read()

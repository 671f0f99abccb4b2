"""Compute an animation's frames as displayed and clean, each with its duration in ms."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import IO

from PIL import Image
from PIL.PngImagePlugin import Blend, Disposal

from chat.utils.decoding.opening import count_frames
from chat.utils.decoding.pixels import clean
from chat.utils.decoding.png_reading import deepen_transparency, png_pieces
from chat.utils.decoding.refusals import damaged


def frames_of(picture: Image.Image, file: IO[bytes]) -> Iterator[tuple[Image.Image, int]]:
    """Yield the frames of an animation of any format."""
    composed = usual_frames(picture)
    if picture.format == "PNG":
        composed = png_frames(picture, file)
    for frame, duration in composed:
        if duration <= 10:
            duration = 100  # browsers show so short a frame for 100 ms
        yield frame, duration


def usual_frames(picture: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    canvas = (0, 0, *picture.size)  # a later frame of a GIF may be larger than the first
    for number in range(count_frames(picture)):
        picture.seek(number)
        picture.load()
        frame = picture.convert("RGBA").crop(canvas)
        yield clean(frame), int(picture.info.get("duration", 100))


def png_frames(picture: Image.Image, file: IO[bytes]) -> Iterator[tuple[Image.Image, int]]:
    """Compose the frames by PNG's specification, which Pillow violates for disposed frames."""
    ground = Image.new("RGBA", picture.size)
    frames = count_frames(picture)
    for control, data in itertools.islice(png_pieces(file, picture.size), frames):
        corner = (control.left, control.upper)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as piece:
            deepen_transparency(piece)
            piece.load()
            covering = clean(piece).convert("RGBA")
        before = ground
        if control.disposal == Disposal.OP_PREVIOUS:
            before = ground.copy()
        if control.blending == Blend.OP_OVER:
            ground.alpha_composite(covering, corner)
        else:
            ground.paste(covering, corner)
        shown = ground.copy()
        shown.info["exif"] = picture.info.get("exif", b"")
        yield clean(shown), 1000 * control.duration // (control.parts_of_second or 100)
        frames -= 1
        if control.disposal == Disposal.OP_BACKGROUND:
            end = (control.left + piece.width, control.upper + piece.height)
            ground.paste((0, 0, 0, 0), (*corner, *end))
        if control.disposal == Disposal.OP_PREVIOUS:
            ground = before
    if frames:
        raise damaged()

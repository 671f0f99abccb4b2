"""Write renditions of clean pixels to files."""

from __future__ import annotations

import base64
import io
from typing import IO, Any

from PIL import Image

from chat.utils.decoding.opening import HEIF

QUALITY = 88
PLACEHOLDER = (16, 16)  # px

# A picture that is too long for its usual format is written in another format.
LONGEST_WEBP = 16_383  # px
LONGEST_JPEG = 65_500  # px

# A preview of a very long picture shows only its beginning, because a whole page's screenshot would
# be unreadable. routes/pages and message_view.js use the same numbers.
MOST_WIDE = 5  # width, as a multiple of the height
MOST_TALL = 3  # height, as a multiple of the width
PREVIEW = (384, 320)  # px in a room; a preview shows at least this much of a long picture


def still(picture: Image.Image, large: IO[bytes], kind: str) -> str:
    """Write a picture in its own format; AVIF and GIF as WebP, HEIC as JPEG.

    Returns its content type.
    """
    written = kind_to_write(picture, kind)
    if written == "JPEG":
        picture.save(large, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        return "image/jpeg"
    if written == "PNG":
        picture.save(large, "PNG")
        return "image/png"
    picture.save(large, "WEBP", quality=QUALITY, lossless=kind == "GIF")
    return "image/webp"


def kind_to_write(picture: Image.Image, kind: str) -> str:
    """Return JPEG, PNG or WEBP: the format that suits a picture and can hold its length."""
    longest = max(picture.size)
    is_photo = kind in ("JPEG", HEIF) or (kind in ("AVIF", "WEBP") and longest > LONGEST_WEBP)
    if is_photo and picture.mode != "RGBA" and longest <= LONGEST_JPEG:
        return "JPEG"
    if kind == "PNG" or longest > LONGEST_WEBP:
        return "PNG"
    return "WEBP"


def animation(frames: list[tuple[Image.Image, int]], loop: int, large: IO[bytes]) -> str:
    """Write (frame, ms) pairs as an animated WebP, or as a PNG if they are too long for WebP.

    Returns the content type.
    """
    first = frames[0][0]
    moving: dict[str, Any] = {
        "save_all": True,
        "append_images": [frame for frame, _ in frames[1:]],
        "duration": [duration for _, duration in frames],
        "loop": loop,
    }
    if max(first.size) > LONGEST_WEBP:
        first.save(large, "PNG", **moving)
        return "image/png"
    first.save(large, "WEBP", **moving, quality=75, method=2, minimize_size=False)
    return "image/webp"


def beginning(picture: Image.Image) -> Image.Image:
    """Return a copy of the previewed part: the whole, or a long picture's upper or left end."""
    width = min(picture.width, max(PREVIEW[0], MOST_WIDE * picture.height))
    height = min(picture.height, max(PREVIEW[1], MOST_TALL * picture.width))
    return picture.crop((0, 0, width, height))


def placeholder(picture: Image.Image) -> str:
    """Return a few pixels as a data URL, to show until the picture loads; transparency is white."""
    ground = Image.new("RGBA", picture.size, "white")
    tiny = Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
    tiny.thumbnail(PLACEHOLDER)
    written = io.BytesIO()
    tiny.save(written, "WEBP", quality=30, method=6)
    return "data:image/webp;base64," + base64.b64encode(written.getvalue()).decode()

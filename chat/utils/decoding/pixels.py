"""Clean pixels: upright, in sRGB, eight bits a channel, without any other data of the file."""

from __future__ import annotations

import io
from typing import IO, NamedTuple

from PIL import Image, ImageCms

from chat.utils.decoding.jpeg_ends import without_end
from chat.utils.decoding.opening import HEIF, must_be_small
from chat.utils.decoding.refusals import UNREADABLE_HEIC, Refused
from chat.utils.sentences import N_

DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # more than eight bits a channel
USUAL_GAMMA = 1 / 2.2  # the gamma of a PNG that was made for screens

# EXIF's orientation tag, and the transposition that makes a picture upright
ORIENTATION = 0x0112
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Parts(NamedTuple):
    colours: Image.Image  # in mode L, RGB or CMYK
    opacity: Image.Image | None = None  # the opacity of each pixel; None where all are opaque


def decoded(picture: Image.Image, file: IO[bytes], most_pixels: int) -> Image.Image:
    """Return the picture with its pixels decoded. A JPEG may lack its end."""
    try:
        picture.load()
    except (OSError, ValueError, RuntimeError, SyntaxError, EOFError):
        if picture.format == HEIF:
            raise Refused("validation_failed", UNREADABLE_HEIC) from None
        if picture.format == "JPEG":
            return without_end(file)
        raise
    must_be_small(picture, most_pixels)  # again, because a HEIC may be larger than it announces
    return picture


def clean(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, upright, in sRGB, with eight bits a channel."""
    profile = picture.info.get("icc_profile")
    parts = parted(upright(picture))
    colours = parts.colours
    if profile:
        colours = to_srgb(colours, profile)
    elif gamma := picture.info.get("gamma"):
        colours = with_usual_gamma(colours, gamma)
    if parts.opacity:
        colours = colours.convert("RGB")
        colours.putalpha(parts.opacity)
    elif colours.mode != "L":
        colours = colours.convert("RGB")
    alone = Image.new(colours.mode, colours.size)
    alone.paste(colours)
    return alone


def upright(picture: Image.Image) -> Image.Image:
    """Return the picture upright; unchanged, where its EXIF cannot be read."""
    # without it, Pillow rotates by XMP where EXIF has no orientation; browsers do not
    picture.info.pop("xmp", None)
    try:
        transposition = TRANSPOSITIONS.get(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001  damaged EXIF raises anything, and the pixels may be fine
        transposition = None
    if transposition is None:
        return picture
    return picture.transpose(transposition)


def parted(picture: Image.Image) -> Parts:
    """Return the colours of a picture and its opacity."""
    if picture.mode in DEEP:
        return shallow(picture)
    if picture.mode == "L" and "transparency" in picture.info:
        clear = picture.info["transparency"]
        return Parts(picture, picture.point(_opaque_except(clear, 256)))
    if "A" in picture.getbands() or "transparency" in picture.info:
        return _parted_from_opacity(picture)
    if picture.mode in ("1", "L"):
        return Parts(picture.convert("L"))
    if picture.mode == "CMYK":
        return Parts(picture)
    return Parts(picture.convert("RGB"))


def _parted_from_opacity(picture: Image.Image) -> Parts:
    whole = picture.convert("RGBA")
    opacity = whole.getchannel("A")
    colours = whole.convert("RGB")
    if picture.mode == "LA":
        colours = picture.convert("L")
    if opacity.getextrema() == (255, 255):
        return Parts(colours)
    return Parts(colours, opacity)


def _opaque_except(clear: object, shades: int) -> list[int]:
    """Return the opacity of each of `shades` shades: one is clear, the others are opaque."""
    return [0 if shade == clear else 255 for shade in range(shades)]


def shallow(picture: Image.Image) -> Parts:
    """Return grey of sixteen bits as eight bits; Pillow alone would clip the lighter shades."""
    if picture.mode == "F":
        raise Refused("validation_failed", N_("This picture's numbers are not colours."))
    numbers = picture.convert("I")
    grey = numbers.point([value >> 8 for value in range(65_536)], "L")
    clear = picture.info.get("transparency")
    if clear is None:
        return Parts(grey)
    return Parts(grey, numbers.point(_opaque_except(clear, 65_536), "L"))


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in sRGB; unchanged, when its profile is invalid or does not fit."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() == "RGB" and picture.mode == "L":
            picture = picture.convert("RGB")
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def with_usual_gamma(picture: Image.Image, gamma: float) -> Image.Image:
    """Return a picture of unusual gamma with the brightness that browsers show."""
    if abs(gamma - USUAL_GAMMA) < 0.02:
        return picture
    power = USUAL_GAMMA / gamma
    table = [round(255 * (number / 255) ** power) for number in range(256)]
    return picture.point(table * len(picture.getbands()))

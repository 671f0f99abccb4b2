"""Identify a file by its content, and decide whether it may be decoded."""

from __future__ import annotations

from typing import IO

from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from chat.utils.decoding import png_reading
from chat.utils.decoding.gif_reading import Gif
from chat.utils.decoding.refusals import UNREADABLE_HEIC, Refused
from chat.utils.sentences import N_

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")  # the allow-list: no other decoder is ever tried,
HEIF = "HEIF"  # except this one, which is loaded only for a HEIC file
# All frames of an animation together may have this many times the pixels of the largest picture.
PICTURES_IN_ANIMATION = 4


def judged(file: IO[bytes], most_pixels: int, most_frames: int) -> Image.Image:
    """Return the picture, not decoded yet. Raises Refused if it must not be decoded."""
    picture = opened(file)
    must_be_small(picture, most_pixels)
    frames = count_frames(picture)
    if frames > most_frames:
        raise Refused(
            "too_large",
            N_(
                "This animation has {frames} frames, at most {most} are accepted: shorten it first."
            ),
            frames=frames,
            most=most_frames,
        )
    return picture


def opened(file: IO[bytes]) -> Image.Image:
    """Return the picture, identified by its content and not decoded yet."""
    prepare_decoders()
    brand = file.read(12)[4:]
    file.seek(0)
    if not brand.startswith(b"ftyp") or brand.endswith((b"avif", b"avis")):
        picture = Image.open(file, formats=FORMATS)
        png_reading.deepen_transparency(picture)
        return picture
    import pillow_heif  # loaded only for HEIC, because it is large and adds a decoder

    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    try:
        return Image.open(file, formats=(*FORMATS, HEIF))
    except UnidentifiedImageError:
        if brand.startswith((b"ftyphe", b"ftypmif", b"ftypmsf")):
            raise Refused("validation_failed", UNREADABLE_HEIC) from None
        raise


def prepare_decoders() -> None:
    """Make Pillow read GIF, JPEG and PNG as browsers do."""
    Image.register_open("GIF", Gif, lambda prefix: prefix.startswith((b"GIF87a", b"GIF89a")))
    # Phones append more pictures to a JPEG (MPO): previews, depth, gain maps, the other eye's view.
    # Pillow takes these for frames; here a JPEG is its first picture.
    Image.register_open("JPEG", JpegImageFile, lambda prefix: prefix.startswith(b"\xff\xd8\xff"))
    png_reading.prepare()


def count_frames(picture: Image.Image) -> int:
    """Return the number of frames of an animation.

    A HEIC's pictures are alternatives or a burst, so only one counts.
    """
    if picture.format == HEIF:
        return 1
    # The first picture of a PNG may be no frame, but a fallback for programs without animations.
    not_moving = int(picture.info.get("default_image", False))
    return max(1, getattr(picture, "n_frames", 1) - not_moving)


def must_be_small(picture: Image.Image, most_pixels: int) -> None:
    pixels = picture.width * picture.height
    if pixels > most_pixels:
        raise Refused(
            "too_large",
            N_(
                "This picture has {pixels} pixels, at most {most} million are accepted: make it "
                "smaller first."
            ),
            pixels=f"{pixels:,}",
            most=most_pixels // 1_000_000,
        )


def must_be_decodable(pixels: int, most_pixels: int) -> None:
    """Raise Refused for too many pixels in all frames of an animation together."""
    if pixels > most_pixels * PICTURES_IN_ANIMATION:
        raise Refused(
            "too_large",
            N_(
                "At most {most} million pixels, all frames together, are accepted: shorten it or "
                "make it smaller."
            ),
            most=most_pixels * PICTURES_IN_ANIMATION // 1_000_000,
        )

"""Reads one picture and makes clean renditions of it; a program of its own, run by pictures.py in a process that can be killed.

    python -I picture_worker.py MOST_PIXELS MOST_FRAMES SOURCE_FD original:FD thumbnail:FD
    python -I picture_worker.py MOST_PIXELS MOST_FRAMES SOURCE_FD 48:FD 96:FD …                 squares so many pixels wide

It prints one line: what it made, or `{"refused": [code, sentence]}`.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")  # the allow-list: no other decoder is ever tried
MEMORY = 3 * 2**30         # bytes of address space
CPU_SECONDS = 10           # then the system kills it
PICTURES_IN_ANIMATION = 4  # of the largest size: so many pixels have all its frames together
THUMBNAIL = (800, 800)     # px
PLACEHOLDER = (16, 16)     # px
QUALITY = 88
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # more than eight bits a channel


class Refused(Exception):
    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


def main() -> None:
    most_pixels, most_frames, source = (int(argument) for argument in sys.argv[1:4])
    wanted = dict(argument.split(":") for argument in sys.argv[4:])
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS knows the first one only by name
            resource.setrlimit(limit, (most, most))
    os.nice(10)  # the chat goes first
    Image.MAX_IMAGE_PIXELS = None  # we count ourselves, and before anything is decoded
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(os.fdopen(source, "rb"))
            files: dict[str, IO[bytes]] = {name: stack.enter_context(os.fdopen(int(fd), "wb")) for name, fd in wanted.items()}
            make = renditions if "original" in files else squares
            made = make(file, files, most_pixels, most_frames)
    except Refused as refusal:
        made = {"refused": [refusal.code, str(refusal)]}
    except UnidentifiedImageError:
        made = {"refused": ["unsupported_type", "This is not a picture of a kind that is accepted: PNG, JPEG, WebP, GIF, AVIF."]}
    except MemoryError:
        made = {"refused": ["too_large", "This picture takes more memory than is given to one."]}
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, ZeroDivisionError, OverflowError):
        # what Pillow's decoders raise for files that are cut off or made to confuse them
        made = {"refused": ["validation_failed", "This picture is damaged or incomplete."]}
    say(made)


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def renditions(file: IO[bytes], files: dict[str, IO[bytes]], most_pixels: int, most_frames: int) -> dict[str, Any]:
    """The picture itself, and a small one."""
    with judged(file, most_pixels, most_frames) as picture:
        frames = getattr(picture, "n_frames", 1)
        must_be_decodable(picture.width * picture.height * frames, most_pixels)
        kind = picture.format
        if frames > 1:
            first, content_type = animation(picture, files["original"]), "image/webp"
        else:
            first = clean(picture)
            content_type = still(first, files["original"], kind or "")
    size = first.size
    first.thumbnail(THUMBNAIL)
    first.save(files["thumbnail"], "WEBP", quality=80)
    return {
        "width": size[0], "height": size[1], "content_type": content_type,
        "thumbnail": {"width": first.width, "height": first.height}, "placeholder": placeholder(first),
    }


def squares(file: IO[bytes], files: dict[str, IO[bytes]], most_pixels: int, most_frames: int) -> dict[str, Any]:
    """The middle of the picture, of an animation's first frame, in several sizes."""
    with judged(file, most_pixels, most_frames) as picture:
        first = clean(picture)
    for side, square in files.items():
        ImageOps.fit(first, (int(side), int(side)), Image.Resampling.LANCZOS).save(square, "WEBP", quality=QUALITY)
    return {}


def judged(file: IO[bytes], most_pixels: int, most_frames: int) -> Image.Image:
    """The picture, not decoded yet, if it may be."""
    picture = Image.open(file, formats=FORMATS)
    if picture.width * picture.height > most_pixels:
        raise Refused("too_large", f"At most {most_pixels // 1_000_000} million pixels are accepted.")
    must_end_where_it_ends(file, picture.format or "")
    if getattr(picture, "n_frames", 1) > most_frames:
        raise Refused("too_large", f"At most {most_frames} frames are accepted.")
    return picture


def must_be_decodable(pixels: int, most_pixels: int) -> None:
    """Refuses what takes too much altogether, all frames of an animation counted."""
    if pixels > most_pixels * PICTURES_IN_ANIMATION:
        most = f"{most_pixels * PICTURES_IN_ANIMATION // 1_000_000} million pixels"
        raise Refused("too_large", f"At most {most}, all frames together, are accepted.")


def must_end_where_it_ends(file: IO[bytes], kind: str) -> None:
    """Refuses a file with something behind the picture: it is meant to be read as something else, too.

    Not of JPEG, behind which cameras put previews; they are not re-encoded with it.
    """
    position = file.tell()
    file.seek(0)
    head = file.read(12)
    file.seek(-12, os.SEEK_END)
    tail = file.read()
    size = file.tell()
    file.seek(position)
    ends = {
        "PNG": tail == b"\0\0\0\0IEND\xaeB`\x82",
        "GIF": tail.rstrip(b"\0").endswith(b";"),
        "WEBP": 0 <= size - (int.from_bytes(head[4:8], "little") + 8) <= 1,
    }
    if not ends.get(kind, True):
        raise Refused("validation_failed", "There is more in this file than a picture, or less.")


def clean(picture: Image.Image) -> Image.Image:
    """The pixels alone, upright, in sRGB, eight bits a channel: nothing else that the file carried."""
    profile = picture.info.get("icc_profile")
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    if upright.mode in DEEP:
        upright = shallow(upright)
    converted = to_srgb(upright, profile, has_alpha) if profile else None
    if converted is None:
        converted = upright.convert("RGBA" if has_alpha else "L" if upright.mode in ("1", "L") else "RGB")
    alone = Image.new(converted.mode, converted.size)
    alone.paste(converted)
    return alone


def shallow(picture: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight; Pillow alone would cut the light half off."""
    if picture.mode == "F":
        raise Refused("validation_failed", "This picture's numbers are not colours.")
    return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def to_srgb(picture: Image.Image, profile: bytes, has_alpha: bool) -> Image.Image | None:
    """The picture in sRGB; None when its profile is none, or not for it."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        base = picture if picture.mode in ("RGB", "RGBA", "CMYK", "L") else picture.convert("RGBA" if has_alpha else "RGB")
        return ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGBA" if base.mode == "RGBA" else "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def still(picture: Image.Image, large: IO[bytes], kind: str) -> str:
    """Writes the picture in the kind it came in, AVIF and GIF as WebP; the content type."""
    if kind == "JPEG":
        picture.save(large, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        return "image/jpeg"
    if kind == "PNG":
        picture.save(large, "PNG")
        return "image/png"
    picture.save(large, "WEBP", quality=QUALITY, lossless=kind == "GIF")
    return "image/webp"


def animation(picture: Image.Image, large: IO[bytes]) -> Image.Image:
    """Writes all frames as an animated WebP, one at a time; the first frame."""
    durations = [max(20, int(frame.info.get("duration", 100))) for frame in ImageSequence.Iterator(picture)]
    loop = int(picture.info.get("loop", 0) or 0)
    picture.seek(0)
    first = clean(picture.convert("RGBA"))

    def others() -> Iterator[Image.Image]:
        for number in range(1, len(durations)):
            picture.seek(number)
            yield clean(picture.convert("RGBA"))

    first.save(
        large, "WEBP", save_all=True, append_images=others(), duration=durations, loop=loop, quality=75, method=2, minimize_size=False
    )
    return first


def placeholder(picture: Image.Image) -> str:
    """A few pixels as a data URL, shown until the picture is there."""
    tiny = picture.convert("RGB")
    tiny.thumbnail(PLACEHOLDER)
    written = io.BytesIO()
    tiny.save(written, "WEBP", quality=30, method=6)
    return "data:image/webp;base64," + base64.b64encode(written.getvalue()).decode()


if __name__ == "__main__":
    main()

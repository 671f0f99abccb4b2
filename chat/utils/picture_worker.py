"""Read one picture and write clean renditions of it; a program of its own, run by pictures.py.

    python -I picture_worker.py MOST_PIXELS MOST_FRAMES SOURCE_FD original:FD thumbnail:FD
    python -I picture_worker.py MOST_PIXELS MOST_FRAMES SOURCE_FD 48:FD 96:FD …
    python -I picture_worker.py MOST_PIXELS MOST_FRAMES SOURCE_FD 64.png:FD 192.png:FD …

The second form makes squares of these widths in pixels, the third makes them as PNG. The program
prints one line: the renditions that it made, or `{"refused": [code, sentence]}`. Its process can be
killed at any time. Of the chat's code it loads only `decoding/`, which no other program loads.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

sys.path.append(str(Path(__file__).resolve().parents[2]))

from chat.utils.decoding.frames import frames_of
from chat.utils.decoding.opening import count_frames, judged, must_be_decodable
from chat.utils.decoding.pixels import clean, decoded
from chat.utils.decoding.refusals import DAMAGED, LARGE, UNKNOWN, Refused
from chat.utils.decoding.writing import QUALITY, animation, beginning, placeholder, still

MEMORY = 3 * 2**30  # bytes of address space
CPU_SECONDS = 10  # after these, the system kills the process
THUMBNAIL = (800, 800)  # px


def main() -> None:
    most_pixels = int(sys.argv[1])
    most_frames = int(sys.argv[2])
    source = int(sys.argv[3])
    wanted = dict(argument.split(":") for argument in sys.argv[4:])
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS does not implement the first limit
            resource.setrlimit(limit, (most, most))
    os.nice(10)  # the chat's own processes run first
    # Pillow's own limit; we check the pixels before anything is decoded
    Image.MAX_IMAGE_PIXELS = None
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(os.fdopen(source, "rb"))
            files: dict[str, IO[bytes]] = {
                name: stack.enter_context(os.fdopen(int(fd), "wb")) for name, fd in wanted.items()
            }
            if "original" in files:
                made = renditions(file, files, most_pixels, most_frames)
            else:
                made = squares(file, files, most_pixels, most_frames)
    except Refused as refusal:
        made = {"refused": [refusal.code, refusal.sentence, refusal.values]}
    except UnidentifiedImageError:
        made = {"refused": ["unsupported_type", UNKNOWN, {}]}
    except MemoryError:
        made = {"refused": ["too_large", LARGE, {}]}
    except Exception:  # noqa: BLE001  decoders may raise anything for hostile files
        made = {"refused": ["validation_failed", DAMAGED, {}]}
    print_answer(made)


def print_answer(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def renditions(
    file: IO[bytes], files: dict[str, IO[bytes]], most_pixels: int, most_frames: int
) -> dict[str, Any]:
    """Write the picture itself, and a small one; return what was made."""
    with judged(file, most_pixels, most_frames) as picture:
        frames = count_frames(picture)
        must_be_decodable(picture.width * picture.height * frames, most_pixels)
        kind = picture.format or ""
        if frames > 1:
            moving = list(frames_of(picture, file))
            first = moving[0][0]
            loop = int(picture.info.get("loop", 0) or 0)
            content_type = animation(moving, loop, files["original"])
        else:
            first = clean(decoded(picture, file, most_pixels))
            content_type = still(first, files["original"], kind)
    size = first.size
    small = beginning(first)
    small.thumbnail(THUMBNAIL)
    small.save(files["thumbnail"], "WEBP", quality=80)
    return {
        "width": size[0],
        "height": size[1],
        "content_type": content_type,
        "thumbnail": {"width": small.width, "height": small.height},
        "placeholder": placeholder(small),
    }


def squares(
    file: IO[bytes], files: dict[str, IO[bytes]], most_pixels: int, most_frames: int
) -> dict[str, Any]:
    """Write the middle of the picture, or of an animation's first frame, in several sizes."""
    with judged(file, most_pixels, most_frames) as picture:
        if count_frames(picture) > 1:
            first = next(frames_of(picture, file))[0]
        else:
            first = clean(decoded(picture, file, most_pixels))
    for name, file_of_square in files.items():
        side, _, extension = name.partition(".")
        square = ImageOps.fit(first, (int(side), int(side)), Image.Resampling.LANCZOS)
        if extension:
            square.save(file_of_square, "PNG", optimize=True)
        else:
            square.save(file_of_square, "WEBP", quality=QUALITY)
    return {}


if __name__ == "__main__":
    main()

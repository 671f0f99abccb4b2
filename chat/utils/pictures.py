"""Untrusted pictures: check and re-encode them in a separate process with a time limit.

Hostile files attack decoders, so no decoder runs in this process: `picture_worker.py` reads the
file under limits of memory and time. The caller decides how many workers run at once, and for whom
(controllers/turns.py).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from chat.utils.errors import ClientGone
from chat.utils.fair_queue import never
from chat.utils.sentences import N_, Later
from chat.utils.translation import said

AVATAR_SIZES = (48, 96, 256)  # px
ICON_SIZES = (64, 192, 512)  # px, of the chat's icon
MOST_FRAMES = 500
SECONDS = 30.0  # from a worker's start to its end; the worker's CPU time has its own limit
LOOK_EVERY = 0.5  # seconds between checks whether the client still waits
LONGEST_ANSWER = 65_536  # bytes
WORKERS = 2  # workers at a time: each may use 3 GB of address space
UNDECODABLE = N_(
    "This picture takes too long to decode, or cannot be decoded at all: "
    "make it smaller, or send it as JPEG."
)
WORKER = Path(__file__).with_name("picture_worker.py")


class PictureRefused(Exception):
    """A file that the chat refuses. The text is a sentence for people.

    `code` is one of too_large, unsupported_type, validation_failed.
    """

    def __init__(self, code: str, sentence: str, **values: object):
        super().__init__(said(Later(sentence, **values)))
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A processed picture.

    It has the pixels of the original and of its thumbnail, the original's content type, and a tiny
    picture as a data URL.
    """

    content_type: str
    width: int
    height: int
    thumbnail_width: int
    thumbnail_height: int
    placeholder: str


def make(
    source: IO[bytes],
    original: IO[bytes],
    thumbnail: IO[bytes],
    *,
    most_pixels: int,
    has_hung_up: Callable[[], bool] = never,
) -> Picture:
    """Write clean renditions of `source` to two files. All three must be real files.

    Raises PictureRefused, ClientGone.
    """
    answer = _work(source, {"original": original, "thumbnail": thumbnail}, most_pixels, has_hung_up)
    small = answer["thumbnail"]
    return Picture(
        answer["content_type"],
        answer["width"],
        answer["height"],
        small["width"],
        small["height"],
        answer["placeholder"],
    )


def make_squares(
    source: IO[bytes],
    squares: Mapping[int, IO[bytes]],
    *,
    as_icon: bool = False,
    most_pixels: int,
    has_hung_up: Callable[[], bool] = never,
) -> None:
    """Write the middle of `source` as squares to real files; `squares` has them by width.

    They are WebP, or PNG `as_icon`, which every system takes for an icon. Raises PictureRefused,
    ClientGone.
    """
    ending = ".png" if as_icon else ""
    made = {f"{size}{ending}": file for size, file in squares.items()}
    _work(source, made, most_pixels, has_hung_up)


def _work(
    source: IO[bytes],
    made: Mapping[str, IO[bytes]],
    most_pixels: int,
    has_hung_up: Callable[[], bool],
) -> dict[str, Any]:
    """Return the answer of a worker that wrote these files from `source`.

    Raises PictureRefused. If the client has hung up, kills the worker and raises ClientGone.
    """
    for file in (source, *made.values()):
        file.flush()
    source.seek(0)
    files = [str(source.fileno()), *(f"{name}:{file.fileno()}" for name, file in made.items())]
    worker = subprocess.Popen(  # noqa: S603  the program is ours, and its arguments are numbers
        [sys.executable, "-I", str(WORKER), str(most_pixels), str(MOST_FRAMES), *files],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[file.fileno() for file in (source, *made.values())],
    )
    try:
        answer = _answer(worker, has_hung_up)
    finally:
        worker.kill()
        worker.communicate()
    if "refused" in answer:
        code, sentence, values = answer["refused"]
        raise PictureRefused(code, sentence, **values)
    return answer


def _answer(worker: subprocess.Popen[bytes], has_hung_up: Callable[[], bool]) -> dict[str, Any]:
    """Return the line that the worker writes before it ends."""
    assert worker.stdout
    line = b""
    until = time.monotonic() + SECONDS
    while not line.endswith(b"\n"):
        if select.select([worker.stdout], [], [], LOOK_EVERY)[0]:
            more = os.read(worker.stdout.fileno(), LONGEST_ANSWER)
            line += more
            if more and len(line) <= LONGEST_ANSWER:
                continue
            raise PictureRefused("validation_failed", UNDECODABLE)
        if has_hung_up():
            raise ClientGone
        if time.monotonic() > until:
            raise PictureRefused("validation_failed", UNDECODABLE)
    answer: dict[str, Any] = json.loads(line)
    return answer

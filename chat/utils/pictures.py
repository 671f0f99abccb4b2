"""Pictures of strangers: judged and re-encoded in a process of its own, which is killed when it takes too long.

Decoders are where hostile files do harm. None runs in this process: `picture_worker.py` reads the file under limits of
memory and time, tells what decoding it will cost, and waits until the pixels it needs are free of a budget that all share.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

AVATAR_SIZES = (48, 96, 256)  # px
MOST_FRAMES = 500
SECONDS = 30.0           # from the start of a worker to its end, waiting for the budget apart
WORKERS = 2              # at a time
WORKER = Path(__file__).with_name("picture_worker.py")


class PictureRefused(Exception):
    """A file that is not kept. `code` is one of too_large, unsupported_type, validation_failed; the text is a sentence."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """What was made: pixels of the original and of its thumbnail, the original's content type, a tiny data URL."""

    content_type: str
    width: int
    height: int
    thumbnail_width: int
    thumbnail_height: int
    placeholder: str


class PixelBudget:
    """How many pixels may be decoded at once by all workers together."""

    def __init__(self, pixels: int):
        self.pixels = pixels
        self._free = pixels
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def spend(self, pixels: int) -> Iterator[None]:
        """Waits until so many are free. Raises PictureRefused for more than there ever are."""
        if pixels > self.pixels:
            raise PictureRefused("too_large", f"At most {self.pixels // 1_000_000} million pixels, all frames together, are accepted.")
        with self._changed:
            while self._free < pixels:
                self._changed.wait()
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()


_workers = threading.BoundedSemaphore(WORKERS)


def make(source: IO[bytes], original: IO[bytes], thumbnail: IO[bytes], *, most_pixels: int, budget: PixelBudget) -> Picture:
    """Writes clean renditions of `source` to two files, all three real files. Raises PictureRefused."""
    answer = _work(source, {"original": original, "thumbnail": thumbnail}, most_pixels, budget)
    small = answer["thumbnail"]
    return Picture(
        answer["content_type"], answer["width"], answer["height"], small["width"], small["height"], answer["placeholder"]
    )


def make_avatar(source: IO[bytes], squares: Mapping[int, IO[bytes]], *, most_pixels: int, budget: PixelBudget) -> None:
    """Writes the middle of `source` to real files as WebP, each a square as wide as its number says. Raises PictureRefused."""
    _work(source, {str(size): file for size, file in squares.items()}, most_pixels, budget)


def _work(source: IO[bytes], made: Mapping[str, IO[bytes]], most_pixels: int, budget: PixelBudget) -> dict[str, Any]:
    """What a worker says that made these files of `source`. Raises PictureRefused."""
    for file in (source, *made.values()):
        file.flush()
    source.seek(0)
    files = [str(source.fileno()), *(f"{name}:{file.fileno()}" for name, file in made.items())]
    with _workers:
        worker = subprocess.Popen(  # noqa: S603  our own program, and numbers
            [sys.executable, "-I", str(WORKER), str(most_pixels), str(MOST_FRAMES), *files],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=[file.fileno() for file in (source, *made.values())],
        )
        try:
            answer = _answer(worker)
            if "pixels" in answer:
                with budget.spend(answer["pixels"]):
                    assert worker.stdin
                    worker.stdin.write(b"go\n")
                    worker.stdin.flush()
                    answer = _answer(worker)
        finally:
            worker.kill()
            worker.communicate()
    if "refused" in answer:
        raise PictureRefused(*answer["refused"])
    return answer


def _answer(worker: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The worker's next line; a worker that says nothing in time is killed."""
    assert worker.stdout
    alarm = threading.Timer(SECONDS, worker.kill)
    alarm.start()
    try:
        line = worker.stdout.readline()
    finally:
        alarm.cancel()
    if not line:
        raise PictureRefused("validation_failed", "This picture takes too long to decode, or cannot be decoded at all.")
    answer: dict[str, Any] = json.loads(line)
    return answer

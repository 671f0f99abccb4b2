"""A folder that mongodump wrote: one file of BSON documents for each collection.

Decoding BSON belongs to the models, which alone know the driver; what the documents mean is the
readers' business (utils/imports).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError

from chat.models.database import Record
from chat.utils.imports.past import ImportUnusable

LARGEST = 17 * 2**20  # bytes of a document; MongoDB's limit, and some more
SMALLEST = 5
LENGTH_BYTES = 4
MOST_CHUNKS = 2_000_000  # of files

_options: CodecOptions[Record] = CodecOptions(
    tz_aware=True,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_CLAMP,
)


class MongoDump:
    """`folder`: the one that has `users.bson`. Raises ImportUnusable if there is none."""

    def __init__(self, path: Path, collection: str):
        """Find the folder below `path` that has a collection, not through links."""
        for folder, names, files in os.walk(path):
            names.sort()
            if f"{collection}.bson" in files:
                self._folder = Path(folder)
                return
        raise ImportUnusable(
            f"{path} is no folder of mongodump with {collection}.bson; dump without --gzip and "
            "--archive."
        )

    def documents(self, collection: str) -> Iterator[dict[str, Any]]:
        """Yield a collection's documents; none if it is missing. Raises ImportUnusable, OSError."""
        path = self._folder / f"{collection}.bson"
        if path.is_symlink():
            raise ImportUnusable(f"{path} is a link in place of a file.")
        if not path.exists():
            return
        with path.open("rb") as file:
            while document := self._next(file, path):
                yield document

    def files(self, bucket: str) -> DumpedFiles:
        """Return the files of a bucket of GridFS."""
        return DumpedFiles(self._folder / f"{bucket}.chunks.bson", self)

    def _next(self, file: IO[bytes], path: Path) -> dict[str, Any] | None:
        head = file.read(LENGTH_BYTES)
        if not head:
            return None
        length = int.from_bytes(head, "little", signed=True)
        if len(head) < LENGTH_BYTES or not SMALLEST <= length <= LARGEST:
            raise ImportUnusable(f"{path} is damaged.")
        content = head + file.read(length - LENGTH_BYTES)
        try:
            return bson.decode(content, _options)
        except (BSONError, ValueError, OverflowError, RecursionError) as error:
            raise ImportUnusable(f"{path} is damaged.") from error


class DumpedFiles:
    """Files of GridFS, whose chunks are found by their places in the dump."""

    def __init__(self, path: Path, dump: MongoDump):
        self._path = path
        self._dump = dump
        self._places: dict[str, list[tuple[int, int]]] | None = None

    def has(self, file_id: str) -> bool:
        return file_id in self._found()

    def read(self, file_id: str, most: int) -> bytes:
        """Return a file of at most `most` bytes. Raises ImportUnusable."""
        content = bytearray()
        with self._path.open("rb") as file:
            for _number, place in sorted(self._found()[file_id]):
                file.seek(place)
                chunk = self._dump._next(file, self._path) or {}
                content += bytes(chunk.get("data", b""))
                if len(content) > most:
                    raise ImportUnusable(f"{self._path} has a file that is too large.")
        return bytes(content)

    def _found(self) -> dict[str, list[tuple[int, int]]]:
        """Return (number, place) of the chunks of each file."""
        if self._places is None:
            self._places = {}
            if self._path.exists() and not self._path.is_symlink():
                self._fill(self._places)
        return self._places

    def _fill(self, places: dict[str, list[tuple[int, int]]]) -> None:
        with self._path.open("rb") as file:
            for _chunk in range(MOST_CHUNKS):
                place = file.tell()
                chunk = self._dump._next(file, self._path)
                if chunk is None:
                    return
                number = chunk.get("n")
                if isinstance(number, int):
                    places.setdefault(str(chunk.get("files_id")), []).append((number, place))
        raise ImportUnusable(f"{self._path} has too many chunks.")

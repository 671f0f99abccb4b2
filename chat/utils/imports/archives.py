"""Zip files of strangers: read within bounds, never written to the disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from chat.utils.imports.past import ImportUnusable

MOST_MEMBERS = 500_000
MOST_JSON = 64 * 2**20  # bytes of one JSON file
MOST_RATIO = 200  # of a member's size to its compressed size: text has about ten
SMALL = 2**20  # bytes: below, no ratio is suspicious
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


class ImportArchive:
    """A zip file whose names are checked, and whose members are read into memory one by one."""

    def __init__(self, path: Path, opened: zipfile.ZipFile):
        self._path = path
        self._opened = opened
        self._members: dict[str, zipfile.ZipInfo] = {}
        infos = opened.infolist()
        if len(infos) > MOST_MEMBERS:
            raise ImportUnusable(f"{path} has more than {MOST_MEMBERS:,} files.")
        for info in infos:
            self._check(info)
            if not info.is_dir():
                self._members[info.filename] = info

    @classmethod
    @contextmanager
    def reading(cls, path: Path) -> Iterator[ImportArchive]:
        """Open an archive. Raises OSError, ImportUnusable."""
        try:
            with zipfile.ZipFile(path) as opened:
                yield cls(path, opened)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError) as error:
            raise ImportUnusable(f"{path} is no zip file, or is damaged.") from error

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def size_of(self, name: str) -> int:
        """Return how many bytes a member has; -1 if there is none."""
        info = self._members.get(name)
        return info.file_size if info else -1

    def read(self, name: str, most: int) -> bytes:
        """Return a member of at most `most` bytes. Raises ImportUnusable."""
        info = self._info_of(name)
        try:
            with self._opened.open(info) as member:
                content = member.read(most + 1)
        except DAMAGED as error:
            raise ImportUnusable(f"{self._path}: {name} is damaged.") from error
        if max(len(content), info.file_size) > most:
            raise ImportUnusable(f"{self._path}: {name} is too large to be what it seems.")
        return content

    def lines(self, name: str, longest: int) -> Iterator[bytes]:
        """Yield the lines of a member, each of at most `longest` bytes. Raises ImportUnusable."""
        info = self._info_of(name)
        try:
            with self._opened.open(info) as member:
                while line := member.readline(longest + 1):
                    if len(line) > longest:
                        raise ImportUnusable(f"{self._path}: {name} has a line that is too long.")
                    if line.strip():
                        yield line
        except DAMAGED as error:
            raise ImportUnusable(f"{self._path}: {name} is damaged.") from error

    def json(self, name: str) -> Any:
        """Return what a member says in JSON. Raises ImportUnusable."""
        content = self.read(name, MOST_JSON)
        try:
            return orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            raise ImportUnusable(f"{self._path}: {name} is no JSON in UTF-8.") from error

    def _info_of(self, name: str) -> zipfile.ZipInfo:
        info = self._members.get(name)
        if info is None:
            raise ImportUnusable(f"{self._path}: {name} is missing.")
        if info.file_size > SMALL and info.file_size > MOST_RATIO * info.compress_size:
            raise ImportUnusable(f"{self._path}: {name} is too large to be what it seems.")
        return info

    def _check(self, info: zipfile.ZipInfo) -> None:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or "\0" in info.filename:
            raise ImportUnusable(f"{self._path} has a file outside of its folder.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ImportUnusable(f"{self._path} has a link in place of a file.")
        if info.flag_bits & 1:
            raise ImportUnusable(f"{self._path} is encrypted; decrypt it first.")

"""Read an archive from its beginning to its end, member by member."""

from __future__ import annotations

import contextlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from chat.utils.archive.sealing import Opening

LARGEST_MEMBER = 64 * 2**20  # bytes; the chat's own are far smaller


class ArchiveUnusable(Exception):
    """The file is no archive of the chat, or is damaged. The exception's text is one sentence."""


class ArchiveReader:
    """An archive that is being read. `members` is to be read once."""

    def __init__(self, path: Path, tar: tarfile.TarFile):
        self._path = path
        self._tar = tar

    @classmethod
    @contextlib.contextmanager
    def reading(cls, path: Path, opening: Opening) -> Iterator[ArchiveReader]:
        """Yield the reader of an archive. Raises OSError, ArchiveUnusable, SealingUnusable."""
        with path.open("rb", buffering=0) as file:
            worker = opening.begin(file)
            try:
                with _decompressed(path, worker.stream if worker else file) as tar:
                    yield cls(path, tar)
            finally:
                if worker:
                    worker.kill()

    def members(self) -> Iterator[tuple[str, bytes]]:
        """Yield (name, content) of each member. Raises ArchiveUnusable."""
        try:
            for member in self._tar:
                file = self._tar.extractfile(member)
                if file is None or member.size > LARGEST_MEMBER:
                    raise ArchiveUnusable(f"{self._path}: {member.name} does not belong there.")
                content = file.read()
                if len(content) < member.size:
                    raise ArchiveUnusable(f"{self._path} is cut short.")
                yield member.name, content
        except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
            raise ArchiveUnusable(f"{self._path} is damaged, or cut short.") from error


@contextlib.contextmanager
def _decompressed(path: Path, source: IO[bytes]) -> Iterator[tarfile.TarFile]:
    with zstandard.ZstdDecompressor().stream_reader(source, closefd=False) as stream:
        try:
            tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115  closed below
        except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
            raise ArchiveUnusable(
                f"{path} is no backup of the chat, is damaged, or the key is another one."
            ) from error
        with tar:
            yield tar

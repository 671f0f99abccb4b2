"""Read an archive from its beginning to its end, member by member."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from chat.utils.archive.errors import ArchiveUnusable
from chat.utils.archive.sealing import Opening

PIECE = 1024  # bytes that are decompressed at once: zstd makes 32 MB of them at most
LARGEST_MEMBER = 32 * 2**20  # bytes; the chat's own are far smaller


class ArchiveReader:
    """An archive that is being read. `members` is to be read once."""

    def __init__(self, path: Path, tar: tarfile.TarFile, bounded: _Bounded, *, is_sealed: bool):
        self.is_sealed = is_sealed
        self._path = path
        self._tar = tar
        self._bounded = bounded

    @classmethod
    @contextlib.contextmanager
    def reading(cls, path: Path, opening: Opening) -> Iterator[ArchiveReader]:
        """Yield the reader of an archive. Raises OSError, ArchiveUnusable, SealingUnusable."""
        with path.open("rb", buffering=0) as file:
            worker = opening.begin(file)
            try:
                with _decompressed(path, worker.stream if worker else file) as (tar, bounded):
                    yield cls(path, tar, bounded, is_sealed=worker is not None)
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
                self._bounded.begin()
            self._bounded.finish()
        except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
            raise ArchiveUnusable(f"{self._path} is damaged, or cut short.") from error


class _Bounded(io.RawIOBase):
    """What was compressed. Only so much is read for one member: a header may claim any length.

    Raises ArchiveUnusable where it is cut off, be it in the checksum of the last byte.
    """

    def __init__(self, path: Path, compressed: IO[bytes]):
        self._path = path
        self._compressed = compressed
        self._decompressor = zstandard.ZstdDecompressor().decompressobj()
        self._ready = bytearray()
        self._is_new = True
        self._left = 0
        self.begin()

    def begin(self) -> None:
        """Begin another member."""
        self._left = 2 * LARGEST_MEMBER

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if size < 0 or self._left < 0:
            raise ArchiveUnusable(f"{self._path} has a member that is too large.")
        while len(self._ready) < size and not self._decompressor.eof:
            piece = self._compressed.read(PIECE)
            if not piece and self._is_new:  # nothing at all: what is sealed does not open
                raise EOFError
            if not piece:
                raise ArchiveUnusable(f"{self._path} is cut off: its end is missing.")
            self._is_new = False
            self._ready += self._decompressor.decompress(piece)
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    def finish(self) -> None:
        """Read what follows the last member: zeros, and the checksum of everything."""
        while self.read(PIECE):
            pass
        if self._decompressor.unused_data or self._compressed.read(1):
            raise ArchiveUnusable(f"{self._path} goes on after its end.")


@contextlib.contextmanager
def _decompressed(path: Path, source: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, _Bounded]]:
    bounded = _Bounded(path, source)
    try:
        tar = tarfile.open(fileobj=bounded, mode="r|")  # noqa: SIM115  closed below
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise ArchiveUnusable(
            f"{path} is no backup of the chat, is damaged, or the key is another one."
        ) from error
    with tar:
        yield tar, bounded

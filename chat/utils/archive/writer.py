"""Write an archive, member by member."""

from __future__ import annotations

import contextlib
import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from chat.utils.archive.sealing import Sealing
from chat.utils.new_file import new_file

LEVEL = 3  # of compression: higher ones cost twice the time for some hundredths


class ArchiveWriter:
    """An archive that is being written. `size`: its bytes so far, before compression."""

    def __init__(self, tar: tarfile.TarFile):
        self._tar = tar
        self._made_at = int(time.time())
        self.size = 0

    @classmethod
    @contextlib.contextmanager
    def writing(cls, path: Path, sealing: Sealing) -> Iterator[ArchiveWriter]:
        """Yield the writer of a new archive, which gets its name `path` when the block ends well.

        Raises as `new_file` does, and SealingUnusable.
        """
        sealing.check()
        with new_file(path) as file:
            worker = sealing.begin(file) if sealing else None
            try:
                with _compressed(worker.stream if worker else file) as tar:
                    yield cls(tar)
                if worker:
                    worker.finish()
            except BaseException:
                if worker:
                    worker.kill()
                raise

    def add(self, name: str, content: bytes) -> None:
        """Append a member. Raises OSError."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o600, self._made_at
        self._tar.addfile(member, io.BytesIO(content))
        self.size += len(content)


@contextlib.contextmanager
def _compressed(target: IO[bytes]) -> Iterator[tarfile.TarFile]:
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (
        compressor.stream_writer(target, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        yield tar

"""Write an archive beside its place, and give it its name when it is whole."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from chat.utils.archive.errors import ArchiveUnusable
from chat.utils.archive.sealing import Sealing
from chat.utils.private_files import sync_folder

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

        Only its owner may read the file. It is `path`.part until then; one of a killed process
        stays, and the next try replaces it. Raises OSError, SealingUnusable, and ArchiveUnusable
        while another program writes it.
        """
        sealing.check()
        beside = path.with_name(f"{path.name}.part")
        with _locked(beside) as file:
            worker = sealing.begin(file) if sealing else None
            try:
                with _compressed(worker.stream if worker else file) as tar:
                    yield cls(tar)
                if worker:
                    worker.finish()
            except BaseException:
                if worker:
                    worker.kill()
                beside.unlink(missing_ok=True)  # a full disk gets its room back
                raise
            file.flush()
            os.fsync(file.fileno())
            beside.replace(path)
            sync_folder(path.parent)

    def add(self, name: str, content: bytes) -> None:
        """Append a member. Raises OSError."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o600, self._made_at
        self._tar.addfile(member, io.BytesIO(content))
        self.size += len(content)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """Yield an empty file that no other program writes, and that no link leads elsewhere.

    Raises OSError, ArchiveUnusable.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its writer may have finished it, and given it its name, since it was opened.
            is_same = path.stat().st_ino == os.fstat(descriptor).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_same = False
        if not is_same:
            raise ArchiveUnusable(f"{path}: another backup is being written there.")
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
        yield file


@contextlib.contextmanager
def _compressed(target: IO[bytes]) -> Iterator[tarfile.TarFile]:
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (
        compressor.stream_writer(target, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        yield tar

"""What a bot remembers between two starts: the last seq that it has of each room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol


class Memory(Protocol):
    """Where the last seq of each room is stored."""

    def load(self) -> dict[str, int] | None:
        """Return what was saved last; None before the first time."""

    def save(self, seqs: dict[str, int]) -> None:
        """Store the last seq of each room, all at once."""


class NoMemory:
    """Remembers nothing: each start begins with what comes from then on."""

    def load(self) -> None:
        return None

    def save(self, seqs: dict[str, int]) -> None:
        return


class FileMemory:
    """A file, which is replaced as a whole: a kill leaves the old one or the new one."""

    def __init__(self, path: str | Path):
        self._path = Path(path)

    def load(self) -> dict[str, int] | None:
        if not self._path.exists():
            return None
        seqs: dict[str, int] = json.loads(self._path.read_text(encoding="utf-8"))
        return seqs

    def save(self, seqs: dict[str, int]) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_text(json.dumps(seqs), encoding="utf-8")
        new.replace(self._path)

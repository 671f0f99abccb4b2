"""Spool: messages on the disk, to be read room by room in the order of their times.

Some exports have the messages of all rooms in one file, in no order that helps.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from chat.utils.imports.past import ImportUnusable

MOST_BYTES = 64 * 2**30  # of all messages together


class Spool:
    """An unnamed file, and for each room the times and places of its messages in it."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._end = 0
        self._rooms: dict[str, tuple[array[int], array[int], array[int]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, room: str, milliseconds: int, content: bytes) -> None:
        """Add a message of a room. Raises ImportUnusable, OSError."""
        if self._end + len(content) > MOST_BYTES:
            raise ImportUnusable("The export is too large to be what it seems.")
        times, places, lengths = self._rooms.setdefault(room, (array("q"), array("q"), array("q")))
        times.append(milliseconds)
        places.append(self._end)
        lengths.append(len(content))
        self._file.write(content)
        self._end += len(content)

    def read(self, room: str) -> Iterator[bytes]:
        """Yield the messages of a room in the order of their times, then as they were added."""
        times, places, lengths = self._rooms.get(room, (array("q"), array("q"), array("q")))
        for number in sorted(range(len(times)), key=times.__getitem__):
            self._file.seek(places[number])
            yield self._file.read(lengths[number])

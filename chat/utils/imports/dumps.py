"""What readers of database dumps need: documents by collection, and files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from chat.utils.clock import now
from chat.utils.imports.past import BEGINNING

Document = dict[str, Any]


class Files(Protocol):
    """Files of a dump, by their ids."""

    def has(self, file_id: str) -> bool:
        """Return whether the dump has a file."""

    def read(self, file_id: str, most: int) -> bytes:
        """Return a file of at most `most` bytes. Raises ImportUnusable."""


class Dump(Protocol):
    """A dump of a MongoDB."""

    def documents(self, collection: str) -> Iterator[Document]:
        """Yield a collection's documents. Raises ImportUnusable, OSError."""

    def files(self, bucket: str) -> Files:
        """Return the files of a bucket of GridFS."""


def moment_in(document: Document, name: str) -> datetime | None:
    """Return a moment of a document, to the millisecond; None if there is none."""
    found = document.get(name)
    if not isinstance(found, datetime) or found < BEGINNING:
        return None
    return min(found.replace(microsecond=found.microsecond // 1000 * 1000), now())


def key_in(document: Document, name: str = "_id") -> str:
    """Return an id, which may be a text or an ObjectId; empty if there is none."""
    found = document.get(name)
    return "" if found is None or isinstance(found, dict | list) else str(found)


def part_of(document: Document, name: str) -> Document:
    """Return an object of a document; an empty one if there is none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}

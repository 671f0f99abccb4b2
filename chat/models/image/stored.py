"""Stored: a picture's renditions lie sealed in GridFS, bound to its room, the picture and the rendition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.sealed_file import SealedFile, remove_file

RENDITIONS = ("original", "thumbnail")


@dataclass(frozen=True)
class Rendition:
    """One form of a picture."""

    name: str
    content_type: str
    width: int
    height: int
    bytes: int


class Stored:
    id: Id
    room_id: Id

    @staticmethod
    def store(room_id: Id, image_id: Id, rendition: str, file: IO[bytes]) -> None:
        """Seals and keeps a rendition's bytes."""
        _file(room_id, image_id, rendition).write(file)

    def read(self, rendition: Rendition, first: int, last: int) -> Iterator[bytes]:
        """The bytes `first`…`last` of a rendition. Raises CannotOpen, which names the segment."""
        return _file(self.room_id, self.id, rendition.name).read(rendition.bytes, first, last)

    @staticmethod
    def remove_bytes(image_id: Id) -> None:
        for rendition in RENDITIONS:
            remove_file(_file_id(image_id, rendition))

    @staticmethod
    def seal_alt(room_id: Id, image_id: Id, alt: str) -> Binary:
        return Binary(key_ring.of(room_id).data.seal(alt.encode(), f"{room_id}/{image_id}/alt"))

    @staticmethod
    def open_alt(record: Record) -> str:
        return key_ring.of(record["room_id"]).data.open(record["alt"], f"{record['room_id']}/{record['_id']}/alt").decode()


def _file(room_id: Id, image_id: Id, rendition: str) -> SealedFile:
    return SealedFile(_file_id(image_id, rendition), f"{room_id}/{image_id}/{rendition}", key_ring.of(room_id).data)


def _file_id(image_id: Id, rendition: str) -> str:
    return f"{image_id}/{rendition}"

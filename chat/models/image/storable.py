"""Storable: an image's renditions are sealed in GridFS, bound to room, image and rendition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bson import Binary

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.sealed_file import SealedFile, remove_file
from chat.utils.encryption import padded

RENDITIONS = ("original", "thumbnail")
STEPS = {"alt": 64, "placeholder": 256}  # padding fills each detail to a multiple of these bytes


@dataclass(frozen=True)
class Rendition:
    """An image in one size."""

    name: str
    content_type: str
    width: int
    height: int
    bytes: int


class Storable:
    id: Id
    room_id: Id

    @staticmethod
    def store(room_id: Id, image_id: Id, rendition: str, file: IO[bytes]) -> None:
        """Seal and store a rendition's bytes."""
        _file(room_id, image_id, rendition).write(_half_of(image_id), file)

    def read(self, rendition: Rendition, first: int, last: int) -> Iterator[bytes]:
        """Return the bytes `first`…`last` of a rendition. Raises CannotOpen, naming the segment."""
        return _file(self.room_id, self.id, rendition.name).read(rendition.bytes, first, last)

    @staticmethod
    def remove_bytes(image_id: Id) -> None:
        for rendition in RENDITIONS:
            remove_file(_file_id(image_id, rendition))

    @staticmethod
    def seal_alt(room_id: Id, image_id: Id, alt: str) -> Binary:
        return seal_detail(room_id, image_id, _half_of(image_id), "alt", alt)

    @staticmethod
    def seal_placeholder(room_id: Id, image_id: Id, placeholder: str) -> Binary:
        return seal_detail(room_id, image_id, _half_of(image_id), "placeholder", placeholder)

    @staticmethod
    def open_detail(record: Record, detail: str) -> str:
        """Return "alt" or "placeholder". Raises Destroyed, CannotOpen."""
        place = _place(record["room_id"], record["_id"], detail)
        return key_ring.of(record["room_id"]).open(record[detail], place).rstrip(b"\0").decode()


def seal_detail(room_id: Id, image_id: Id, half: int | None, detail: str, text: str) -> Binary:
    place = _place(room_id, image_id, detail)
    return Binary(
        key_ring.of(room_id)
        .with_half(half, place)
        .data.seal(padded(text.encode(), STEPS[detail]), place)
    )


def _half_of(image_id: Id) -> int | None:
    """Return the number of an image's half.

    Return None for an image of a version without halves, or for an image that is deleted.
    """
    record = database["images"].find_one({"_id": image_id}, {"half": 1}) or {}
    return record.get("half")


def _place(room_id: Id, image_id: Id, part: str) -> str:
    return f"{room_id}/{image_id}/{part}"


def _file(room_id: Id, image_id: Id, rendition: str) -> SealedFile:
    return SealedFile(_file_id(image_id, rendition), _place(room_id, image_id, rendition), room_id)


def _file_id(image_id: Id, rendition: str) -> str:
    return f"{image_id}/{rendition}"

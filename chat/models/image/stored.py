"""Stored: a picture's bytes lie in GridFS, one sealed segment a chunk, so that any part is read and opened by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bson import Binary
from gridfs import GridFSBucket

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.encryption import OVERHEAD, CannotOpen

SEALED_SEGMENT = 2**20                # bytes of a chunk; MongoDB's are bounded by 16 MB
SEGMENT = SEALED_SEGMENT - OVERHEAD   # bytes of a picture in it
BUCKET = "pictures"


@dataclass(frozen=True)
class Rendition:
    """One form of a picture."""

    name: str
    content_type: str
    width: int
    height: int
    bytes: int

    @property
    def segments(self) -> int:
        return -(-self.bytes // SEGMENT)


class Stored:
    id: Id
    room_id: Id

    @staticmethod
    def store(room_id: Id, image_id: Id, rendition: str, file: IO[bytes]) -> int:
        """Seals and keeps a file's bytes; how many they are. What a failure leaves is taken away."""
        key, length = key_ring.of(room_id).data, file.seek(0, 2)
        count = -(-length // SEGMENT)
        file.seek(0)
        with _bucket().open_upload_stream_with_id(
            _file_id(image_id, rendition), "", chunk_size_bytes=SEALED_SEGMENT
        ) as stream:  # an exception aborts it, and its chunks are deleted
            for number in range(count):
                stream.write(key.seal(file.read(SEGMENT), _place(room_id, image_id, rendition, number, count)))
        return length

    def read(self, rendition: Rendition, first: int, last: int) -> Iterator[bytes]:
        """The bytes `first`…`last` of a rendition, opened segment by segment. Raises CannotOpen, which names the segment."""
        key = key_ring.of(self.room_id).data
        for number in range(first // SEGMENT, last // SEGMENT + 1):
            place = _place(self.room_id, self.id, rendition.name, number, rendition.segments)
            chunk = database[f"{BUCKET}.chunks"].find_one({"files_id": _file_id(self.id, rendition.name), "n": number})
            if chunk is None:
                raise CannotOpen(f"{place}: this segment is missing")
            segment, begins = key.open(chunk["data"], place), number * SEGMENT
            yield segment[max(0, first - begins) : last - begins + 1]

    @staticmethod
    def seal_alt(room_id: Id, image_id: Id, alt: str) -> Binary:
        return Binary(key_ring.of(room_id).data.seal(alt.encode(), f"{room_id}/{image_id}/alt"))

    @staticmethod
    def open_alt(record: Record) -> str:
        return key_ring.of(record["room_id"]).data.open(record["alt"], f"{record['room_id']}/{record['_id']}/alt").decode()

    @staticmethod
    def orphans() -> list[str]:
        """GridFS files whose image is gone, for `flask chat verify`."""
        known = {str(record["_id"]) for record in database["images"].find({}, {"_id": 1})}
        files = database[f"{BUCKET}.files"].find({}, {"_id": 1})
        return [record["_id"] for record in files if record["_id"].partition("/")[0] not in known]

    @staticmethod
    def discard(image_id: Id) -> None:
        """No record, then no bytes: in this order it is gone at once, and what a crash leaves is found again."""
        database["images"].update_one({"_id": image_id}, {"$set": {"ready": False}})
        for rendition in ("original", "thumbnail"):
            file_id = _file_id(image_id, rendition)
            database[f"{BUCKET}.chunks"].delete_many({"files_id": file_id})
            database[f"{BUCKET}.files"].delete_one({"_id": file_id})
        database["images"].delete_one({"_id": image_id})


def _bucket() -> GridFSBucket:
    return GridFSBucket(database["images"].database, bucket_name=BUCKET)


def _file_id(image_id: Id, rendition: str) -> str:
    return f"{image_id}/{rendition}"


def _place(room_id: Id, image_id: Id, rendition: str, number: int, count: int) -> str:
    return f"{room_id}/{image_id}/{rendition}/{number} of {count}"

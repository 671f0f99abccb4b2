"""Sealed files in GridFS. Each chunk is one sealed segment, so any part can be read by itself.

This module writes the chunks without GridFSBucket, which for every file asks whether any chunk
exists. To answer, the embedded database reads all chunks. GridFSBucket also buffers 32 MB before it
writes, and that long write blocks everybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from bson import Binary, Int64

from chat.models.database import database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import OVERHEAD, CannotOpen

# Bytes of an image in one chunk: so few that no message waits long behind the write of a chunk.
SEGMENT = 2**18 - 41
BUCKET = "pictures"


@dataclass(frozen=True)
class SealedFile:
    """A file in GridFS.

    `id` is unique in GridFS. `place` names the image or avatar that the file belongs to: the
    segments open only with this name. `owner` is the room or person whose keys seal the file,
    together with a half that is destroyed when the file is deleted.
    """

    id: str
    place: str
    owner: Id

    def write(
        self, half: int | None, file: IO[bytes], after_each: Callable[[], object] = lambda: None
    ) -> None:
        """Seal and store a file's bytes. After a failure the caller removes the chunks written.

        `after_each` is called after each chunk; what it raises ends the writing.
        """
        key = key_ring.of(self.owner).with_half(half, self.place).data
        length = file.seek(0, 2)
        count = _segments(length)
        file.seek(0)
        for number in range(count):
            sealed = key.seal(file.read(SEGMENT), self._place(number, count))
            database[f"{BUCKET}.chunks"].insert_one(
                {"files_id": self.id, "n": number, "data": Binary(sealed)}
            )
            after_each()
        database[f"{BUCKET}.files"].insert_one(
            {
                "_id": self.id,
                "length": Int64(length + count * OVERHEAD),
                "chunkSize": SEGMENT + OVERHEAD,
                "uploadDate": now(),
                "filename": "",
            }
        )

    def read(self, length: int, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes `first`…`last` of all `length`, opened segment by segment.

        Raises CannotOpen, which names the segment.
        """
        count = _segments(length)
        keys = key_ring.of(self.owner)
        for number in range(first // SEGMENT, last // SEGMENT + 1):
            place = self._place(number, count)
            chunk = database[f"{BUCKET}.chunks"].find_one({"files_id": self.id, "n": number})
            if chunk is None:
                raise CannotOpen(f"{place}: this segment is missing")
            segment = keys.open(chunk["data"], place)
            begins = number * SEGMENT
            yield segment[max(0, first - begins) : last - begins + 1]

    def _place(self, number: int, count: int) -> str:
        return f"{self.place}/{number} of {count}"


def remove_file(file_id: str) -> None:
    """Delete a file, its chunks first.

    After a crash `all_file_ids` lists a file without chunks, but not chunks without their file.
    """
    database[f"{BUCKET}.chunks"].delete_many({"files_id": file_id})
    database[f"{BUCKET}.files"].delete_one({"_id": file_id})


def all_file_ids() -> list[str]:
    """Return the ids of all files in GridFS, for `bin/chat verify`."""
    return [record["_id"] for record in database[f"{BUCKET}.files"].find({}, {"_id": 1})]


def _segments(length: int) -> int:
    return -(-length // SEGMENT)

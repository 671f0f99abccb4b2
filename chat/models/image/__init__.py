"""Image: a picture in a room, sealed in segments.

An image belongs to its uploader until a message claims it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from bson import Int64

from chat.models import image_quota
from chat.models.damaged import whole
from chat.models.database import Record, database
from chat.models.document import Id, id_from, new_id
from chat.models.halves import Destroyed, halves
from chat.models.image.claimable import Claimable
from chat.models.image.listable import Listable
from chat.models.image.storable import RENDITIONS, Rendition, Storable
from chat.utils.clock import now
from chat.utils.pictures import Picture

__all__ = ["RENDITIONS", "Image", "Rendition"]


@dataclass(frozen=True, kw_only=True)
class Image(Storable, Claimable, Listable):
    id: Id
    room_id: Id
    uploader_id: Id
    original: Rendition
    thumbnail: Rendition
    placeholder: str  # a data URL of a few pixels
    alt: str
    message_id: Id | None
    seq: int | None  # the seq of the message that has the image
    posted_at: datetime | None  # the time of that message

    @classmethod
    def begin(cls, room_id: Id, uploader_id: Id) -> Id:
        """Begin an upload and return its id.

        The record is stored before the bytes, so that the sweep finds an upload that a crash ended.
        """
        image_id = new_id()
        database["images"].insert_one(
            {
                "_id": image_id,
                "room_id": room_id,
                "uploader_id": uploader_id,
                "ready": False,
                "half": Int64(halves.take()),
                "stored": 0,
                "claim": None,
                "message_id": None,
                "seq": None,
                "posted_at": None,
                "created_at": now(),
            }
        )
        return image_id

    @staticmethod
    def reserve(
        image_id: Id, uploader_id: Id, size: int, *, most_of_person: int, most_of_everybody: int
    ) -> None:
        """Reserve space for all bytes of an image. Raises TooLarge when a quota is used up."""
        image_quota.reserve(
            uploader_id, size, most_of_person=most_of_person, most_of_everybody=most_of_everybody
        )
        database["images"].update_one({"_id": image_id}, {"$set": {"stored": size}})

    @classmethod
    def finish(
        cls, image_id: Id, room_id: Id, picture: Picture, bytes_of: dict[str, int], alt: str
    ) -> Image:
        """Complete an upload whose bytes are all stored, and return its image."""
        details: Record = {
            "content_type": picture.content_type,
            "width": picture.width,
            "height": picture.height,
            "bytes": bytes_of["original"],
            "thumbnail": {
                "width": picture.thumbnail_width,
                "height": picture.thumbnail_height,
                "bytes": bytes_of["thumbnail"],
            },
            "placeholder": cls.seal_placeholder(room_id, image_id, picture.placeholder),
            "alt": cls.seal_alt(room_id, image_id, alt),
            "ready": True,
        }
        database["images"].update_one({"_id": image_id}, {"$set": details})
        found = cls.find(image_id)
        assert found
        return found

    @classmethod
    def find(cls, image_id: Id) -> Image | None:
        """Return an image whose upload is complete."""
        return cls._opened(database["images"].find_one({"_id": image_id}))

    @classmethod
    def find_if(cls, image_id: Id, may: Callable[[Id], bool]) -> Image | None:
        """Return an image whose upload is complete, if `may` allows its room.

        This calls `may` whether or not the image exists, and decrypts nothing before. So the
        response time does not reveal whether the image exists.
        """
        record = database["images"].find_one({"_id": image_id})
        # Without an image, ask about a room that does not exist.
        if not may(record["room_id"] if record else image_id):
            return None
        return cls._opened(record)

    @classmethod
    def find_referenced(cls, reference: dict[str, Any]) -> Image | None:
        """Return the image that a message refers to."""
        image_id = id_from(reference["id"])
        return cls.find(image_id) if image_id else None

    @classmethod
    def discard_referenced(cls, reference: dict[str, Any]) -> None:
        """Discard the image that a message refers to."""
        if image_id := id_from(reference["id"]):
            cls.discard(image_id)

    @staticmethod
    def ids_in(room_id: Id) -> list[Id]:
        """Return the ids of all images of a room, whether or not a message shows them."""
        return [
            record["_id"] for record in database["images"].find({"room_id": room_id}, {"_id": 1})
        ]

    @staticmethod
    def all_ids() -> list[Id]:
        """Return the ids of all images, for `bin/chat verify`."""
        return [record["_id"] for record in database["images"].find({}, {"_id": 1})]

    @staticmethod
    def discard(image_id: Id) -> None:
        """Discard an image. Idempotent.

        First the record says that the image is not ready, so nobody finds it. Then its bytes are
        deleted, and its record last, so that the sweep finds a deletion that a crash ended.
        """
        record = database["images"].find_one({"_id": image_id})
        if record is None:
            return
        gone = {"ready": False, "claim": None, "message_id": None, "seq": None}
        database["images"].update_one({"_id": image_id}, {"$set": gone})
        if "half" in record:
            halves.destroy([record["half"]])
        Image.remove_bytes(image_id)
        image_quota.mark_changed(record["uploader_id"])
        # If two callers discard an image at once, only one may give the bytes back to the quota.
        if database["images"].delete_one({"_id": image_id}).deleted_count:
            image_quota.release(record["uploader_id"], record["stored"])

    def as_reference(self) -> dict[str, Any]:
        """Return the reference to the image, which its message stores inside its sealed content."""
        return {
            "id": str(self.id),
            "content_type": self.original.content_type,
            "width": self.original.width,
            "height": self.original.height,
            "bytes": self.original.bytes,
            "alt": self.alt,
            "placeholder": self.placeholder,
        }

    @classmethod
    def _opened(cls, record: Record | None) -> Image | None:
        """Return the image of a record, if its upload is complete and nobody deleted it."""
        if record is None or not whole("images", record, itemgetter("ready")):
            return None
        return next(iter(cls._those_left([record])), None)

    @classmethod
    def _those_left(cls, records: Iterable[Record]) -> list[Image]:
        """Return the images of some records, without images that were deleted meanwhile.

        Raises CannotOpen.
        """
        images = []
        for record in records:
            with suppress(Destroyed):
                images.append(whole("images", record, cls._from))
        return images

    @classmethod
    def _from(cls, record: Record) -> Image:
        small = record["thumbnail"]
        return cls(
            id=record["_id"],
            room_id=record["room_id"],
            uploader_id=record["uploader_id"],
            original=Rendition(
                "original",
                record["content_type"],
                record["width"],
                record["height"],
                record["bytes"],
            ),
            thumbnail=Rendition(
                "thumbnail", "image/webp", small["width"], small["height"], small["bytes"]
            ),
            placeholder=cls.open_detail(record, "placeholder"),
            alt=cls.open_detail(record, "alt"),
            message_id=record["message_id"],
            seq=record["seq"],
            posted_at=record["posted_at"],
        )

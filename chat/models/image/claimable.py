"""Claimable: an image belongs to its uploader until a message claims it.

A claim names the message's author and `client_id`; the message is in the image's room. So a client
that sends the message again finds its own claim, and no other message can claim the image.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import itemgetter

from bson import Binary

from chat.models.damaged import readable
from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

UNCLAIMED_FOR = timedelta(hours=24)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every image: a range's lower end
SWEEP = 500  # images that one sweep reads


class Claimable:
    id: Id

    def claim(self, author_id: Id, client_id: str) -> bool:
        """Claim the image for an author's message; return whether that message has the claim."""
        mine = f"{author_id}/{client_id}"
        changed = database["images"].update_one(
            {"_id": self.id, "claim": {"$in": [None, mine]}}, {"$set": {"claim": mine}}
        )
        return bool(changed.matched_count)

    def describe(self, alt: Binary) -> bool:
        """Set the description, unless a message has claimed the image.

        Return whether this call set the description.
        """
        changed = database["images"].update_one(
            {"_id": self.id, "claim": None}, {"$set": {"alt": alt}}
        )
        return bool(changed.matched_count)

    def release(self, author_id: Id, client_id: str) -> None:
        """Remove the claim of a message that the server refused."""
        query = {"_id": self.id, "claim": f"{author_id}/{client_id}", "message_id": None}
        database["images"].update_one(query, {"$set": {"claim": None}})

    @staticmethod
    def attach(image_id: Id, message_id: Id, seq: int, posted_at: datetime) -> None:
        """Attach the image to its message, so that the room's list shows it at that `seq`."""
        shown = {"message_id": message_id, "seq": seq, "posted_at": posted_at}
        database["images"].update_one({"_id": image_id}, {"$set": shown})

    @staticmethod
    def alone_in(room_id: Id) -> list[tuple[Id, str | None]]:
        """Return (image, claim) of a room's images without a message, whatever their age."""
        found = database["images"].find({"room_id": room_id}, {"message_id": 1, "claim": 1})
        return [(each["_id"], each["claim"]) for each in found if each["message_id"] is None]

    @staticmethod
    def unclaimed() -> list[tuple[Id, Id, str | None]]:
        """Return (image, room, claim) of images without a message, including broken uploads.

        These images are older than UNCLAIMED_FOR, so no message will claim them any more.
        """
        query = {
            "message_id": None,
            "created_at": {"$gte": BEGINNING, "$lt": now() - UNCLAIMED_FOR},
        }
        found = database["images"].find(query).limit(SWEEP)
        return list(readable("images", found, itemgetter("_id", "room_id", "claim")))

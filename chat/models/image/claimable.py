"""Claimable: an image is its uploader's until one message claims it, by room, author and `client_id`.

So a retry of the send finds its own claim, and no other message can take it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import Binary

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

UNCLAIMED_FOR = timedelta(hours=24)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # before any image: a range has two ends
SWEEP = 500  # images looked at in one go


class Claimable:
    id: Id

    def claim(self, author_id: Id, client_id: str) -> bool:
        """Whether the message that its author sends under `client_id` has the image now."""
        mine = f"{author_id}/{client_id}"
        changed = database["images"].update_one(
            {"_id": self.id, "claim": {"$in": [None, mine]}}, {"$set": {"claim": mine}}
        )
        return bool(changed.matched_count)

    def describe(self, alt: Binary) -> bool:
        """Whether the description could still be changed: not once a message has the image."""
        changed = database["images"].update_one(
            {"_id": self.id, "claim": None}, {"$set": {"alt": alt}}
        )
        return bool(changed.matched_count)

    def release(self, author_id: Id, client_id: str) -> None:
        """Takes a claim back whose message was refused."""
        query = {"_id": self.id, "claim": f"{author_id}/{client_id}", "message_id": None}
        database["images"].update_one(query, {"$set": {"claim": None}})

    @staticmethod
    def settle(image_id: Id, message_id: Id, seq: int, posted_at: datetime) -> None:
        """The image belongs to this message from now on, and is listed at its place."""
        shown = {"message_id": message_id, "seq": seq, "posted_at": posted_at}
        database["images"].update_one({"_id": image_id}, {"$set": shown})

    @staticmethod
    def unclaimed() -> list[tuple[Id, Id, str | None]]:
        """(image, room, claim) of those that no message has, old enough that none will come; broken uploads as well."""
        query = {
            "message_id": None,
            "created_at": {"$gte": BEGINNING, "$lt": now() - UNCLAIMED_FOR},
        }
        return [
            (record["_id"], record["room_id"], record["claim"])
            for record in database["images"].find(query).limit(SWEEP)
        ]

"""Push deliveries: which message is to reach which subscription, from the decision to its end.

A delivery's id is made of both, so whoever decides about a message again stores nothing new. One
that has ended stays for two days, to be known again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import Int64
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.push_subscription import PushSubscription
from chat.utils.clock import now

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than anything here: the lower end of a range
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # when a delivery is due that has ended
LASTS = timedelta(days=1)  # after the message, a delivery that did not succeed ends
DUPLICATE = 11000


@dataclass(frozen=True)
class PushDelivery:
    id: str
    subscription_id: Id
    user_id: Id
    room_id: Id
    message_id: Id
    seq: int
    kind: str  # of the notification: mention, keyword, direct, message
    tries: int
    at: datetime  # when the message was posted

    @classmethod
    def of(cls, subscription: PushSubscription, kind: str, posted: Record) -> PushDelivery:
        """Return the delivery of a posted entry to a subscription."""
        return cls(
            f"{posted['_id']}{subscription.id}",
            subscription.id,
            subscription.user_id,
            posted["room_id"],
            posted["_id"],
            posted["seq"],
            kind,
            0,
            posted["created_at"],
        )

    @staticmethod
    def store(deliveries: Iterable[PushDelivery]) -> list[PushDelivery]:
        """Store deliveries, which are due at once. Return those that were not known before."""
        moment = now()
        wanted = list(deliveries)
        if not wanted:
            return []
        try:
            records = [each._record(moment) for each in wanted]
            database["push_deliveries"].insert_many(records, ordered=False)
        except BulkWriteError as error:
            problems = (error.details or {}).get("writeErrors", ())
            if {each["code"] for each in problems} != {DUPLICATE}:
                raise
            known = {each["index"] for each in problems}
            return [each for index, each in enumerate(wanted) if index not in known]
        return wanted

    @classmethod
    def due(cls, most: int) -> list[PushDelivery]:
        """Return some deliveries that are due.

        The embedded database reads all that are due for this, so ask for many, and seldom.
        """
        query = {"due_at": {"$gte": BEGINNING, "$lte": now()}}
        records = database["push_deliveries"].find(query).limit(most)
        return list(readable("push_deliveries", records, cls._from))

    @staticmethod
    def end(delivery_ids: Collection[str]) -> None:
        """Note that nothing is left to do about these."""
        database["push_deliveries"].update_many(
            {"_id": {"$in": list(delivery_ids)}}, {"$set": {"due_at": NEVER}}
        )

    @staticmethod
    def delay(delays: Iterable[tuple[str, timedelta]]) -> None:
        """Try these again later."""
        moment = now()
        writes = [
            UpdateOne({"_id": each}, {"$set": {"due_at": moment + delay}, "$inc": {"tries": 1}})
            for each, delay in delays
        ]
        if writes:
            database["push_deliveries"].bulk_write(writes, ordered=False)

    @property
    def is_too_late(self) -> bool:
        return now() - self.at > LASTS

    def _record(self, due_at: datetime) -> Record:
        return {
            "_id": self.id,
            "subscription_id": self.subscription_id,
            "user_id": self.user_id,
            "room_id": self.room_id,
            "message_id": self.message_id,
            "seq": Int64(self.seq),
            "kind": self.kind,
            "tries": 0,
            "at": self.at,
            "due_at": due_at,
        }

    @classmethod
    def _from(cls, record: Record) -> PushDelivery:
        return cls(
            record["_id"],
            record["subscription_id"],
            record["user_id"],
            record["room_id"],
            record["message_id"],
            record["seq"],
            record["kind"],
            record["tries"],
            record["at"],
        )

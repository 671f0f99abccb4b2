"""Deliveries of outgoing webhooks: a record of each try, for a week.

The log of the room is what is delivered, so these records decide nothing. The request's body is not
kept: a message that somebody deletes is nowhere any more. The beginning of the answer is sealed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import orjson
from bson import Binary, Int64

from chat.models.database import Record, database
from chat.models.document import FIRST_ID, LAST_ID, Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.list_page import ListPage

LONGEST_SAID = 500  # bytes of an answer
USUAL_PAGE = 50  # tries; no page has more
MOST = 500  # of a webhook; older ones are deleted
TEST = "test"  # the event of a delivery that is about no entry
STEP = 64  # bytes; what is sealed is padded to a multiple of it


@dataclass(frozen=True)
class WebhookDelivery:
    """One try. `seq`: of the entry; None for a test. `tries`: how many this entry had by then.

    `status`: of the answer; 0 if there was none. `said`: the beginning of the answer, or why there
    was none. `took`: milliseconds. `next_at`: when the next try was due, if it failed.
    """

    id: Id
    hook_id: Id
    room_id: Id
    seq: int | None
    event: str
    tries: int
    at: datetime
    took: int
    status: int
    next_at: datetime | None
    said: str

    @property
    def webhook_id(self) -> str | None:
        """Return the `webhook-id` that it was sent with; None for a test, which has any."""
        return None if self.seq is None else webhook_id(self.hook_id, self.seq)

    @property
    def is_delivered(self) -> bool:
        return 200 <= self.status < 300

    @classmethod
    def note(
        cls,
        hook_id: Id,
        room_id: Id,
        *,
        seq: int | None,
        event: str,
        tries: int,
        took: int,
        status: int,
        next_at: datetime | None,
        said: str,
    ) -> WebhookDelivery:
        """Store a try. Raises CannotOpen."""
        made = cls(
            new_id(),
            hook_id,
            room_id,
            seq,
            event,
            tries,
            now(),
            took,
            status,
            next_at,
            _cut(said),
        )
        database["webhook_deliveries"].insert_one(made._record())
        return made

    @classmethod
    def find(cls, delivery_id: Id) -> WebhookDelivery | None:
        record = database["webhook_deliveries"].find_one({"_id": delivery_id})
        return _from(record) if record else None

    @classmethod
    def page(cls, hook_id: Id, before: Id | None) -> ListPage[WebhookDelivery, str]:
        """Return a page of a webhook's tries, the latest first. Raises CannotOpen."""
        query = {"hook_id": hook_id, "_id": {"$gte": FIRST_ID, "$lt": before or LAST_ID}}
        found = database["webhook_deliveries"].find(query).sort("_id", -1).limit(USUAL_PAGE + 1)
        records = list(found)
        shown = [_from(record) for record in records[:USUAL_PAGE]]
        return ListPage(shown, str(shown[-1].id) if len(records) > USUAL_PAGE else None)

    @staticmethod
    def next_number(hook_id: Id, seq: int, *, looks_at: int = MOST) -> int:
        """Return the number of an entry's next try, people's tries by hand included.

        `looks_at`: so many of the webhook's latest tries count.
        """
        fields = {"seq": 1, "tries": 1}
        found = database["webhook_deliveries"].find({"hook_id": hook_id}, fields)
        latest = found.sort("_id", -1).limit(looks_at)
        return max((each["tries"] for each in latest if each["seq"] == seq), default=0) + 1

    @staticmethod
    def forget_old(hook_id: Id) -> None:
        """Delete the oldest tries of a webhook that has too many."""
        found = database["webhook_deliveries"].find({"hook_id": hook_id}, {"_id": 1})
        surplus = sorted(record["_id"] for record in found)[:-MOST]
        if surplus:
            database["webhook_deliveries"].delete_many({"_id": {"$in": surplus}})

    @staticmethod
    def forget_all(hook_ids: Collection[Id]) -> None:
        """Delete the tries of webhooks that are gone."""
        database["webhook_deliveries"].delete_many({"hook_id": {"$in": list(hook_ids)}})

    def _record(self) -> Record:
        plain = padded(orjson.dumps(self.said), STEP, b" ")
        return {
            "_id": self.id,
            "hook_id": self.hook_id,
            "room_id": self.room_id,
            "seq": None if self.seq is None else Int64(self.seq),
            "event": self.event,
            "tries": self.tries,
            "at": self.at,
            "took": self.took,
            "status": self.status,
            "next_at": self.next_at,
            "said": Binary(key_ring.of(self.room_id).data.seal(plain, _place(self.id))),
        }


def webhook_id(hook_id: Id, seq: int) -> str:
    """Return the `webhook-id` of an entry: the same with each try, for no other webhook."""
    return f"msg_{hook_id}_{seq}"


def _cut(text: str) -> str:
    return text.encode()[:LONGEST_SAID].decode("utf-8", "ignore")


def _place(delivery_id: Id) -> str:
    return f"{delivery_id}/webhook delivery"


def _from(record: Record) -> WebhookDelivery:
    plain = key_ring.of(record["room_id"]).open(record["said"], _place(record["_id"]))
    return WebhookDelivery(
        record["_id"],
        record["hook_id"],
        record["room_id"],
        record["seq"],
        record["event"],
        record["tries"],
        record["at"],
        record["took"],
        record["status"],
        record["next_at"],
        orjson.loads(plain),
    )

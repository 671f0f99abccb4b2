"""The outbox of mails: what waits for the mail server, sealed, until it was taken.

A process claims a mail by moving the moment of its next try: if the process dies, another one tries
again then. So a mail may arrive twice, with the same Message-ID, and is never lost. Each mail is
sealed under a half of its own, which is destroyed once it is sent.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.damaged import whole
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import key_ring
from chat.models.own_ids import MAILS_ID
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen, half_number_of, padded

STEP = 1024  # bytes; mails are padded to a multiple of it before they are sealed
CLAIM = timedelta(minutes=5)  # for one try; longer than mail_delivery.SECONDS
FIRST_DELAY = timedelta(minutes=1)  # each further one is twice as long
LONGEST_DELAY = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=1)
HELD = datetime(9999, 1, 1, tzinfo=UTC)  # when a mail is due that waits for its release

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WaitingMail:
    """A mail that this process has claimed. `tries`: this one included."""

    id: Id
    kind: str
    tries: int
    made_at: datetime
    to: str = field(repr=False)
    content: str = field(repr=False)
    _half: int | None

    @property
    def is_too_old(self) -> bool:
        return self.made_at + GIVEN_UP_AFTER <= now()

    def put_off(self) -> None:
        """Try again later, after a growing delay."""
        delay = min(FIRST_DELAY * 2 ** min(self.tries - 1, 20), LONGEST_DELAY)
        database["mails"].update_one({"_id": self.id}, {"$set": {"due_at": now() + delay}})

    def forget(self) -> None:
        """Forget a mail that was sent, or given up, for good."""
        if self._half is not None:
            halves.destroy([self._half])
        database["mails"].delete_one({"_id": self.id})


def put(
    mail_id: Id, kind: str, to: str, content: str, user_id: Id | None, *, is_held: bool = False
) -> None:
    """Let a mail wait. Nothing happens if this mail waits already.

    `kind`: for the log. `user_id`: the account that it is about, if there is one. `is_held`: until
    `release`.
    """
    place = _place(mail_id)
    plain = padded(json.dumps({"to": to, "content": content}).encode(), STEP, b" ")
    sealed = key_ring.made(MAILS_ID).with_half(halves.take(), place).data.seal(plain, place)
    moment = now()
    record: Record = {
        "_id": mail_id,
        "kind": kind,
        "user_id": user_id,
        "sealed": Binary(sealed),
        "tries": 0,
        "made_at": moment,
        "due_at": HELD if is_held else moment,
    }
    try:
        database["mails"].insert_one(record)
    except DuplicateKeyError:
        return


def release(mail_id: Id) -> None:
    """Let a mail go that was held. Nothing happens if it went before."""
    moment = now()
    released = {"$set": {"due_at": moment, "made_at": moment}}
    database["mails"].update_one({"_id": mail_id, "due_at": HELD}, released)


def claim() -> WaitingMail | None:
    """Claim the mail that is due longest; None if there is none.

    One whose half is destroyed was sent; only its record is left, and deleted here.
    """
    while record := database["mails"].find_one({"due_at": {"$lte": now()}}, sort=[("due_at", 1)]):
        same = {"_id": record["_id"], "due_at": record["due_at"]}
        claimed = {"$set": {"due_at": now() + CLAIM}, "$inc": {"tries": 1}}
        if not database["mails"].update_one(same, claimed).modified_count:
            continue  # another process was faster
        try:
            return whole("mails", record, _from)
        except Destroyed:
            database["mails"].delete_one({"_id": record["_id"]})
        except CannotOpen as error:
            logger.warning("a mail does not open; it is deleted", extra={"reason": str(error)})
            database["mails"].delete_one({"_id": record["_id"]})
    return None


def forget_of(user_id: Id, kind: str | None = None) -> None:
    """Delete the mails about a person's account that wait: all of them, or those of a kind."""
    for record in list(database["mails"].find({"user_id": user_id}, {"sealed": 1, "kind": 1})):
        if kind not in (None, record["kind"]):
            continue
        half = half_number_of(record["sealed"], _place(record["_id"]))
        halves.destroy([] if half is None else [half])
        database["mails"].delete_one({"_id": record["_id"]})


def _from(record: Record) -> WaitingMail:
    place = _place(record["_id"])
    opened = json.loads(key_ring.made(MAILS_ID).open(record["sealed"], place))
    return WaitingMail(
        record["_id"],
        record["kind"],
        record["tries"] + 1,
        record["made_at"],
        opened["to"],
        opened["content"],
        half_number_of(record["sealed"], place),
    )


def _place(mail_id: Id) -> str:
    return f"{mail_id}/mail"

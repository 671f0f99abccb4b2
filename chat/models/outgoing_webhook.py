"""Outgoing webhooks: other servers that get the entries of a room's log.

A webhook has a cursor in its room's log: every entry up to `after` was delivered, or is none that
it wants. So the log itself says what is left to deliver, and no crash skips an entry. Its name, its
address and its secret are sealed with the room's key, and gone with the room.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bson import Int64

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.log import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.models.outgoing_webhook_sealed import Sealed, seal, unseal
from chat.models.user import User
from chat.models.webhook_delivery import WebhookDelivery
from chat.models.webhook_standing import Untold
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Conflict
from chat.utils.translation import _

EVENTS = (POSTED, EDITED, DELETED, REACTED, PINNED)
MOST = 20  # of a room
MOST_OF_A_MAKER = 50
SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
SECRET_PREFIX = "whsec_"
# Why a webhook is off.
PERSON = "person"  # somebody switched it off
FAILING = "failing"  # nothing reached it for a day
GONE = "gone"  # its receiver said so
REASONS = (PERSON, FAILING, GONE)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OutgoingWebhook:
    """A webhook. `off_why`: one of REASONS, None while it is on.

    `untold`: what its room is still to be told. `after`: its cursor. `failing_since`, `tries`,
    `due_at`: of the entry that could not be delivered yet: since when, how often, and when to try
    again. `is_quick`: its receiver answered quickly the last time, so it need not wait for slow
    ones.
    """

    id: Id
    room_id: Id
    made_by: Id
    created_at: datetime
    events: tuple[str, ...]
    off_why: str | None
    off_at: datetime | None
    untold: Untold | None
    after: int
    failing_since: datetime | None
    tries: int
    due_at: datetime | None
    is_quick: bool
    sealed: bytes

    @property
    def is_on(self) -> bool:
        return self.off_why is None

    @classmethod
    def make(
        cls, room_id: Id, made_by: Id, events: Collection[str], opened: Sealed, after: int
    ) -> OutgoingWebhook:
        """Store a webhook that gets what comes after an entry. Raises Conflict for one too many."""
        hook_id = new_id()
        moment = now()
        record: Record = {
            "_id": hook_id,
            "room_id": room_id,
            "made_by": made_by,
            "created_at": moment,
            "changed_at": moment,
            "events": list(events),
            "off_why": None,
            "off_at": None,
            **_all_told(),
            "after": Int64(after),
            "failing_since": None,
            "tries": 0,
            "due_at": None,
            "is_quick": False,
            "sealed": seal(room_id, hook_id, opened),
        }
        database["outgoing_webhooks"].insert_one(record)
        if refusal := _too_many(room_id, made_by):  # asked now: others may make some meanwhile
            database["outgoing_webhooks"].delete_one({"_id": hook_id})
            raise refusal
        return _from(record)

    @classmethod
    def find(cls, hook_id: Id) -> OutgoingWebhook | None:
        record = database["outgoing_webhooks"].find_one({"_id": hook_id})
        return _from(record) if record else None

    @classmethod
    def find_many(cls, hook_ids: Collection[Id]) -> dict[Id, OutgoingWebhook]:
        records = database["outgoing_webhooks"].find({"_id": {"$in": list(hook_ids)}})
        return {hook.id: hook for hook in readable("outgoing_webhooks", records, _from)}

    @classmethod
    def of(cls, room_id: Id) -> list[OutgoingWebhook]:
        """Return a room's webhooks, the oldest first."""
        found = database["outgoing_webhooks"].find({"room_id": room_id})
        return sorted(readable("outgoing_webhooks", found, _from), key=lambda each: each.id)

    @staticmethod
    def are_any() -> bool:
        return database["outgoing_webhooks"].find_one({}, {"_id": 1}) is not None

    def shown(self) -> Sealed:
        """Return what is sealed; if it does not open, its id as a name."""
        try:
            return self.opened()
        except CannotOpen as error:  # a damaged one must not hide the others
            logger.warning("a webhook does not open", extra={"reason": str(error)})
            return Sealed(str(self.id), "", "")

    def opened(self) -> Sealed:
        """Return what is sealed. Raises CannotOpen."""
        return unseal(self.room_id, self.id, self.sealed)

    def change(self, events: Collection[str], opened: Sealed) -> None:
        """Change what it gets, and where."""
        sealed = seal(self.room_id, self.id, opened)
        changes = {"events": list(events), "sealed": sealed, "is_quick": False}
        self._set({**changes, "changed_at": now()})

    def switch_on(self, after: int | None = None) -> None:
        """Go on delivering: from its cursor, or after another entry."""
        place = {} if after is None else {"after": Int64(after)}
        self._set({**_nothing_failed(), **place, "off_why": None, "off_at": None})

    def switch_off(self, why: str) -> bool:
        """Deliver nothing more. Return whether it was on.

        Unless a person did it, its room is still to be told: a crash before that loses nothing.
        """
        changes = {**_nothing_failed(), "off_why": why, "off_at": now()}
        if why != PERSON:
            changes |= {"untold_id": new_id(), "untold_why": why}
        changed = database["outgoing_webhooks"].update_one(
            {"_id": self.id, "off_why": None}, {"$set": changes}
        )
        return bool(changed.matched_count)

    def note_told(self) -> None:
        """Note that its room knows what was `untold`."""
        if self.untold:
            query = {"_id": self.id, "untold_id": self.untold.id}
            database["outgoing_webhooks"].update_one(query, {"$set": _all_told()})

    def try_now(self) -> None:
        """Let the entry that failed be tried again at once."""
        self._set({"due_at": None, "changed_at": now()})

    def advance(self, seq: int, *, is_quick: bool) -> None:
        """Move the cursor, unless somebody moved it meanwhile."""
        moved = {"after": Int64(seq), "failing_since": None, "tries": 0, "due_at": None}
        database["outgoing_webhooks"].update_one(
            {"_id": self.id, "after": self.after}, {"$set": moved | {"is_quick": is_quick}}
        )

    def put_off(self, due_at: datetime, *, is_quick: bool) -> None:
        """Note that the entry behind the cursor failed, unless somebody moved the cursor."""
        since = self.failing_since or now()
        changes = {"failing_since": since, "due_at": due_at, "is_quick": is_quick}
        database["outgoing_webhooks"].update_one(
            {"_id": self.id, "after": self.after, "off_why": None},
            {"$set": changes, "$inc": {"tries": 1}},
        )

    def remove(self) -> bool:
        """Delete it, and the record of its deliveries. Return whether it was still there."""
        is_removed = database["outgoing_webhooks"].delete_one({"_id": self.id}).deleted_count
        WebhookDelivery.forget_all([self.id])
        return bool(is_removed)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete a deleted room's webhooks."""
        _end("room_id", room_id)

    @staticmethod
    def end_of_person(user_id: Id) -> None:
        """Delete the webhooks that an erased person made."""
        _end("made_by", user_id)

    def _set(self, changes: Record) -> None:
        database["outgoing_webhooks"].update_one({"_id": self.id}, {"$set": changes})


def _too_many(room_id: Id, made_by: Id) -> Conflict | None:
    hooks = database["outgoing_webhooks"]
    if hooks.count_documents({"room_id": room_id}, limit=MOST + 1) > MOST:
        return Conflict(_("A room can have at most {most} outgoing webhooks.", most=MOST))
    by_them = {"made_by": {"$in": User.accounts_beside(made_by)}}
    if hooks.count_documents(by_them, limit=MOST_OF_A_MAKER + 1) > MOST_OF_A_MAKER:
        return Conflict(
            _("You can have at most {most} outgoing webhooks in all rooms.", most=MOST_OF_A_MAKER)
        )
    return None


def _end(field: str, value: Id) -> None:
    """Delete webhooks, and the record of their deliveries first: a crash must leave none."""
    records = database["outgoing_webhooks"].find({field: value}, {"_id": 1})
    WebhookDelivery.forget_all([record["_id"] for record in records])
    database["outgoing_webhooks"].delete_many({field: value})


def _nothing_failed() -> Record:
    return {"failing_since": None, "tries": 0, "due_at": None, "changed_at": now()}


def _all_told() -> Record:
    return {"untold_id": None, "untold_why": None}


def _from(record: Record) -> OutgoingWebhook:
    untold_id = record.get("untold_id")
    return OutgoingWebhook(
        record["_id"],
        record["room_id"],
        record["made_by"],
        record["created_at"],
        tuple(record["events"]),
        record["off_why"],
        record["off_at"],
        Untold(untold_id, record["untold_why"]) if untold_id else None,
        record["after"],
        record["failing_since"],
        record["tries"],
        record["due_at"],
        record.get("is_quick", False),
        record["sealed"],
    )

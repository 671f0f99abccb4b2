"""Reminders: what the chat is to say in a room later, once.

The words are sealed with the room's key, and gone with the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson
from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.app_account import App
from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.errors import Conflict
from chat.utils.translation import _

MOST = 100  # of a person
AT_A_TIME = 50
STEP = 256  # bytes; what is sealed is padded to a multiple of it
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every reminder


class Content(NamedTuple):
    """What a reminder says. `name`: under which it is posted. `whom`: the id of whom it names."""

    name: str
    body: str
    whom: str = ""

    @property
    def app(self) -> App:
        """Return the app that says it."""
        return App("reminder", self.name, "⏰")


@dataclass(frozen=True)
class Reminder:
    """What is said in a room from `due_at` on. `user_id`: who asked for it."""

    id: Id
    user_id: Id
    room_id: Id
    due_at: datetime
    created_at: datetime
    sealed: bytes

    @classmethod
    def make(
        cls, user_id: Id, room_id: Id, client_id: str, due_at: datetime, content: Content
    ) -> None:
        """Store a reminder, once per client_id. Raises Conflict for one too many."""
        reminders = database["reminders"]
        if reminders.count_documents({"user_id": user_id}) >= MOST:
            raise Conflict(_("You can have at most {most} reminders.", most=MOST))
        reminder_id = new_id()
        plain = padded(orjson.dumps(list(content)), STEP, b" ")
        record: Record = {
            "_id": reminder_id,
            "user_id": user_id,
            "room_id": room_id,
            "client_id": client_id,
            "created_at": now(),
            "due_at": due_at,
            "sealed": Binary(key_ring.of(room_id).data.seal(plain, _place(reminder_id))),
        }
        try:
            reminders.insert_one(record)
        except DuplicateKeyError:
            return  # the request was sent twice

    @classmethod
    def due(cls) -> list[Reminder]:
        """Return some of the reminders that are due."""
        query = {"due_at": {"$gt": BEGINNING, "$lte": now()}}
        found = database["reminders"].find(query).limit(AT_A_TIME)
        return list(readable("reminders", found, cls._from))

    @classmethod
    def of_person(cls, user_id: Id) -> list[Reminder]:
        """Return a person's reminders, at most MOST, the next one first."""
        records = database["reminders"].find({"user_id": user_id})
        found = readable("reminders", records, cls._from)
        return sorted(found, key=lambda each: each.due_at)

    @classmethod
    def find(cls, reminder_id: Id) -> Reminder | None:
        record = database["reminders"].find_one({"_id": reminder_id})
        return cls._from(record) if record else None

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete the reminders of a deleted room."""
        database["reminders"].delete_many({"room_id": room_id})

    @staticmethod
    def end_of_person(user_id: Id) -> None:
        """Delete the reminders of an erased person."""
        database["reminders"].delete_many({"user_id": user_id})

    @property
    def client_id(self) -> str:
        """Return the client_id of its message, the same in every process that delivers it."""
        return f"reminder-{self.id}"

    def opened(self) -> Content:
        """Return what it says. Raises CannotOpen."""
        plain = key_ring.of(self.room_id).open(self.sealed, _place(self.id))
        return Content(*orjson.loads(plain))

    @classmethod
    def _from(cls, record: Record) -> Reminder:
        names = ("_id", "user_id", "room_id", "due_at", "created_at", "sealed")
        return cls(*(record[name] for name in names))

    def put_off(self, delay: timedelta) -> None:
        """Let it be due `delay` from now, so that it holds up no others."""
        database["reminders"].update_one({"_id": self.id}, {"$set": {"due_at": now() + delay}})

    def remove(self) -> None:
        database["reminders"].delete_one({"_id": self.id})


def _place(reminder_id: Id) -> str:
    return f"reminder/{reminder_id}"

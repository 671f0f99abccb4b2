"""A place where people talk: public, private, or direct between a few."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database, find_by_ids
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen, padded
from chat.utils.folding import fold_name
from chat.utils.name_keys import name_key_of
from chat.utils.ttl_cache import TtlCache

KINDS = ("public", "private", "direct")
MOST_PEOPLE_IN_A_DIRECT_ROOM = 8
ROOMS_REMEMBERED = 10_000
LONGEST_LIST = 100
TOPIC_STEP = 64  # bytes that a sealed topic is filled up to multiples of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Room:
    """What is known of a room; never changed in place. A direct room has no name of its own."""

    id: Id
    kind: str
    name: str
    sealed_topic: bytes | None
    archived_at: datetime | None
    created_at: datetime
    people: tuple[Id, ...] = ()  # of a direct room, always the same; of other rooms nobody

    @classmethod
    def prepare(cls, kind: str, name: str, topic: str) -> Room:
        """A room that has its keys but is not there yet, until `open`."""
        room_id = new_id()
        key_ring.make(room_id)
        return cls(room_id, kind, name, seal_topic(room_id, topic), None, now())

    def open(self, **roster: object) -> None:
        """From now on the room is there; with nobody in it, unless `roster` says otherwise."""
        database["rooms"].insert_one(self._record(str(self.id)) | roster)

    @classmethod
    def find_direct(cls, people: set[Id]) -> Room | None:
        """The direct room of exactly these people, if there is one."""
        record = database["rooms"].find_one({"people_key": _people_key(people)})
        return room_from(record) if record else None

    @classmethod
    def direct(cls, people: set[Id]) -> tuple[Room, bool]:
        """The one direct room of exactly these people, and whether it was made just now.

        Its members are added by the caller, in either case: an earlier try may have ended before that.
        """
        if there := cls.find_direct(people):
            return there, False
        in_order = tuple(sorted(people))
        people_key = _people_key(in_order)
        room = cls(new_id(), "direct", "", None, None, now(), in_order)
        key_ring.make(room.id)
        try:
            database["rooms"].insert_one(room._record(people_key) | {"members": len(people)})
        except DuplicateKeyError:  # the other side was quicker
            return cls.direct(people)[0], False
        return room, True

    @classmethod
    def find(cls, room_id: Id) -> Room | None:
        return _remembered.get_or_load(room_id, lambda: _read(room_id))

    @classmethod
    def find_many(cls, room_ids: Iterable[Id]) -> dict[Id, Room]:
        """Those of these rooms that are there, by id; one query for each hundred that are not remembered."""
        return _remembered.get_or_load_many(room_ids, _read_many)

    @classmethod
    def look_again(cls, room_id: Id) -> Room | None:
        """As the database has it now, whatever was remembered."""
        _remembered.invalidate(room_id)
        return cls.find(room_id)

    @staticmethod
    def all_ids() -> list[Id]:
        """Every room, for operators."""
        return [record["_id"] for record in database["rooms"].find({}, {"_id": 1})]

    @classmethod
    def named(cls, name: str) -> list[Room]:
        """The rooms that have this name, in whatever case."""
        key = fold_name(name)
        rooms = _from_many(
            database["rooms"].find({"name_key": {"$gte": f"{key}\0", "$lt": f"{key}\1"}})
        )
        return [room for room in rooms if room.name.casefold() == name.casefold()]

    @classmethod
    def browse(cls, beginning: str, after: str) -> list[Room]:
        """Public rooms whose name begins so, by name, from the name key `after` on; 101 at most, one more than is shown."""
        key = fold_name(beginning)
        low = max(key, after)
        query = {"shelf": "public", "name_key": {"$gte": low, "$lt": key + "\U0010ffff"}}
        return _from_many(database["rooms"].find(query).sort("name_key").limit(LONGEST_LIST + 1))

    def others(self, user_id: Id | None, users: Mapping[Id, User]) -> list[User]:
        """Return the people of a direct room besides `user_id`; all of them where there is nobody else."""
        others = [other for other in self.people if other != user_id] or self.people
        return [users[other] for other in others if other in users]

    def name_for(self, user_id: Id | None, users: Mapping[Id, User]) -> str:
        """Return what somebody sees it called: a direct room is named after the others in it."""
        return self.name or ", ".join(user.label for user in self.others(user_id, users))

    def change(
        self,
        *,
        name: str | None = None,
        topic: str | None = None,
        kind: str | None = None,
        archived: bool | None = None,
    ) -> Room:
        """The room with what is not None changed; the rest stays, even if somebody else changes it at this moment."""
        changes: Record = {} if topic is None else {"topic": seal_topic(self.id, topic)}
        if name is not None:
            changes |= {"name": name, "name_key": name_key_of(name, self.id)}
        if kind is not None or archived is not None:
            is_archived = archived if archived is not None else self.archived_at is not None
            changes |= {
                "kind": kind or self.kind,
                "archived_at": (self.archived_at or now()) if is_archived else None,
            }
            changes["shelf"] = _shelf(changes["kind"], changes["archived_at"])
        if changes:
            database["rooms"].update_one({"_id": self.id}, {"$set": changes})
            _remembered.invalidate(self.id)
        return _read(self.id) or self

    @staticmethod
    def member_count(room_id: Id) -> int:
        """How many people are in a room, as the database has it."""
        record = database["rooms"].find_one({"_id": room_id}, {"members": 1}) or {}
        return int(record.get("members", 0))

    @staticmethod
    def member_counts(room_ids: Sequence[Id]) -> dict[Id, int]:
        """How many people are in each of some rooms, as the database has it."""
        return {
            record["_id"]: record["members"] for record in find_by_ids("rooms", room_ids, "members")
        }

    @staticmethod
    def last_number(room_id: Id) -> int:
        """The last place on the pages of a room's people that was given to anybody."""
        record = database["rooms"].find_one({"_id": room_id}, {"numbers": 1}) or {}
        return int(record.get("numbers", 0))

    @staticmethod
    def destroy(room_id: Id) -> None:
        """Delete a room: its keys are destroyed, so nobody can read what was said in it.

        The grave comes first, so that a crash in between leaves nothing that is forgotten.
        """
        database["graves"].update_one({"_id": room_id}, {"$set": {"at": now()}}, upsert=True)
        key_ring.destroy(room_id)
        database["rooms"].delete_one({"_id": room_id})
        _remembered.invalidate(room_id)

    @staticmethod
    def graves() -> list[Id]:
        """Deleted rooms of which something may be left."""
        return [record["_id"] for record in database["graves"].find({}, {"_id": 1})]

    @staticmethod
    def level(room_id: Id) -> None:
        """Nothing is left of a deleted room."""
        key_ring.destroy(room_id)
        database["rooms"].delete_one({"_id": room_id})
        database["graves"].delete_one({"_id": room_id})

    @property
    def topic(self) -> str:
        """What the room is about; opened when it is asked for, since most who look at a room do not show it."""
        if self.sealed_topic is None:
            return ""
        try:
            return (
                key_ring.of(self.id)
                .open(self.sealed_topic, f"{self.id}/topic")
                .rstrip(b"\0")
                .decode()
            )
        except CannotOpen as error:  # the room is being deleted; or it is damaged, which must not hide the rooms beside it in a list
            logger.warning("a topic cannot be opened", extra={"reason": str(error)})
            return ""

    @property
    def name_key(self) -> str:
        return name_key_of(self.name, self.id)

    def _record(self, people_key: str) -> Record:
        return {
            "_id": self.id,
            "kind": self.kind,
            "name": self.name,
            "name_key": self.name_key,
            "topic": self.sealed_topic,
            "people_key": people_key,
            "shelf": _shelf(self.kind, self.archived_at),
            "archived_at": self.archived_at,
            "created_at": self.created_at,
            "members": 0,
            "owners": 0,
            "changes": 0,
            "numbers": 0,
            "pending": None,  # roster.py
        }


def _people_key(people: Iterable[Id]) -> str:
    return " ".join(sorted(str(person) for person in people))


def _shelf(kind: str, archived_at: datetime | None) -> str:
    """Where people browse: public rooms that are in use."""
    return kind if archived_at is None else "archived"


def _read(room_id: Id) -> Room | None:
    record = database["rooms"].find_one({"_id": room_id})
    return room_from(record) if record else None


def _read_many(room_ids: list[Id]) -> dict[Id, Room]:
    return {room.id: room for room in _from_many(find_by_ids("rooms", room_ids))}


_remembered: TtlCache[Id, Room] = TtlCache(
    ROOMS_REMEMBERED, seconds_left=database.seconds_left, read_many=_read_many
)


def _from_many(records: Iterable[Record]) -> list[Room]:
    found = list(records)
    key_ring.load(record["_id"] for record in found if record["topic"])
    return [room_from(record) for record in found]


def room_from(record: Record) -> Room:
    """The room that a record of `rooms` tells of."""
    people = map(Id, record["people_key"].split()) if record["kind"] == "direct" else ()
    return Room(
        record["_id"],
        record["kind"],
        record["name"],
        record["topic"],
        record["archived_at"],
        record["created_at"],
        tuple(people),
    )


def seal_topic(room_id: Id, topic: str) -> bytes | None:
    """A topic as it is stored: sealed under the room's keys, its length rounded up. That there is none is no secret."""
    return (
        key_ring.of(room_id).data.seal(padded(topic.encode(), TOPIC_STEP), f"{room_id}/topic")
        if topic
        else None
    )

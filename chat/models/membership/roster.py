"""A room's roster: who is in it and in which role, changed by one decision at a time.

The room's record counts its members and owners. A change takes three writes. A conditional write to
that record decides the change and stores a note of it in `pending`. The second write changes the
person's membership. The third removes the note. If a crash leaves the note, the next change of the
roster, or a job, first finishes the noted change. Decisions are numbered, and a membership accepts
only a decision later than its last one. So a process that slept after its decision undoes nothing.
A membership that ended keeps its record, for that number and for the person's settings.

The people of a direct room never change, so it needs no decisions.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from chat.models import deleted_rooms
from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.peers.change_notices import ChangeNotice
from chat.models.room import Room, room_from
from chat.utils.clock import now
from chat.utils.errors import Conflict, NotFound, Unavailable
from chat.utils.translation import _

MOST_TRIES = 50  # how often concurrent decisions of other processes may defeat one decision
LEFT_BEHIND = timedelta(seconds=10)  # an older note comes from a process that died
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # the lower end of a range
STRIPES = 64
ABOVE_ALL_NUMBERS = 2**53  # of memberships: the upper end of a range
NO_NUMBER = -1  # the number of a membership that ended: it is on no page
# Fields of a new membership, which every decision to begin one includes.
NEW = {"seen_seq": 0, "level": "mentions"}

# A function of the roster and the person's record, which returns the fields to change, or None.
Decide = Callable[["Roster", Record | None], Record | None]

# Decisions of one process wait here, so that their conditional writes do not defeat each other.
_locks = [threading.Lock() for _stripe in range(STRIPES)]
_when_changed: list[Callable[[Id, Id], None]] = []
_finished_for_others: list[tuple[Id, Id | None]] = []


@dataclass(frozen=True)
class Roster:
    """A room's roster after `changes` decisions."""

    room: Room
    members: int
    owners: int
    changes: int
    numbers: int  # the last number that a membership was given
    _records: dict[Id, Record | None] = field(default_factory=dict)

    def record(self, user_id: Id) -> Record | None:
        """Return the membership record of somebody who is or was in the room."""
        if user_id not in self._records:
            query = {"room_id": self.room.id, "user_id": user_id}
            self._records[user_id] = database["memberships"].find_one(query)
        return self._records[user_id]


class Outcome(NamedTuple):
    """A person's record after a call of `change`, and whether that call changed the record."""

    record: Record | None
    changed: bool


class _Decision(NamedTuple):
    """What one conditional write stores: the room's counts, and the note of the change."""

    counts: Record
    note: Record


def change(room_id: Id, user_id: Id, decide: Decide) -> Outcome:
    """Change one person's membership.

    `decide` returns the fields that change; `role` None means that the person leaves. It may raise.
    This function calls it again when another process decided first. Raises NotFound when there is
    no such room, Conflict when the members would have no owner, Unavailable.
    """
    with _turn_in(room_id):
        for _try in range(MOST_TRIES):
            roster = read(room_id)
            record = roster.record(user_id)
            fields = decide(roster, record)
            if fields is None:
                return Outcome(record, changed=False)
            decision = _decision(roster, record, user_id, fields)
            # Store this notice before the decision, so that no process misses it after a crash.
            ChangeNotice.store("member", room_id=room_id, user_id=user_id)
            if _decide(roster, decision):
                finish(room_id, decision.note)
                after = _record_after(room_id, record, decision.note)
                return Outcome(after, changed=True)
    raise Unavailable(reason="other processes decided about this room all the time")


def open_room(room: Room, user_id: Id, fields: Record) -> Record:
    """Open a prepared room with its first member. Return their record."""
    decision = _decision(Roster(room, 0, 0, 0, 0), None, user_id, fields)
    ChangeNotice.store("member", room_id=room.id, user_id=user_id)
    room.open(**decision.counts, pending=decision.note)
    finish(room.id, decision.note)
    return _record_after(room.id, None, decision.note)


def close(room_id: Id, allow: Callable[[Roster], object]) -> None:
    """Decide that a room is deleted, and delete it. `allow` may raise. Raises NotFound."""
    with _turn_in(room_id):
        for _try in range(MOST_TRIES):
            roster = read(room_id)
            allow(roster)
            note: Record = {"number": roster.changes + 1, "at": now(), "closes": True}
            if _decide(roster, _Decision({"changes": note["number"]}, note)):
                finish(room_id, note)
                return
    raise Unavailable(reason="other processes decided about this room all the time")


def finish(room_id: Id, note: Record) -> None:
    """Apply a decision, then remove its note. Idempotent."""
    if note.get("closes"):
        deleted_rooms.delete(room_id)
        return
    _apply(room_id, note)
    for action in _when_changed:
        action(room_id, note["user_id"])
    done = {"_id": room_id, "changes": note["number"]}
    database["rooms"].update_one(done, {"$set": {"pending": None}})


def finish_left_behind(until: datetime | None = None) -> None:
    """Finish the changes that other processes decided before `until`, and then died."""
    query = {"pending.at": {"$gte": LONG_AGO, "$lt": until or now() - LEFT_BEHIND}}
    for room in list(database["rooms"].find(query, {"pending": 1})):
        _finish_for_another(room["_id"], room["pending"])


def take_finished_for_others() -> list[tuple[Id, Id | None]]:
    """Return (room, person) of each change that this process finished for another one.

    Each change is returned once. The process that decided it may have died before announcing it.
    The person is None if the room was deleted.
    """
    taken = _finished_for_others.copy()
    del _finished_for_others[: len(taken)]
    return taken


def when_changed(action: Callable[[Id, Id], None]) -> None:
    """Register `action`: it gets (room, person) whenever this process changed a membership."""
    _when_changed.append(action)


@contextlib.contextmanager
def _turn_in(room_id: Id) -> Iterator[None]:
    lock = _locks[hash(room_id) % STRIPES]
    seconds = seconds_left()
    if not lock.acquire(timeout=-1 if seconds is None else seconds):
        raise Unavailable(reason="too many decide about this room at once")
    try:
        yield
    finally:
        lock.release()


def read(room_id: Id) -> Roster:
    """Return a room's roster, after finishing any pending change. Raises NotFound."""
    while room := database["rooms"].find_one({"_id": room_id}):
        if not room["pending"]:
            counts = (room[name] for name in ("members", "owners", "changes", "numbers"))
            return Roster(room_from(room), *counts)
        _finish_for_another(room_id, room["pending"])
    raise NotFound(_("There is no such room."))


def _finish_for_another(room_id: Id, note: Record) -> None:
    finish(room_id, note)
    _finished_for_others.append((room_id, note.get("user_id")))


def _decision(roster: Roster, record: Record | None, user_id: Id, fields: Record) -> _Decision:
    """Return the decision that changes some fields of somebody's membership. Raises Conflict."""
    before = record and record["role"]
    after = fields.get("role", before)
    members = roster.members + bool(after) - bool(before)
    owners = roster.owners + (after == "owner") - (before == "owner")
    if members and not owners:
        raise Conflict(_("A room needs an owner. Make someone else an owner first."))
    numbers = roster.numbers
    if after and not before:
        numbers += 1
        fields = fields | {"number": numbers}
    note = {
        "number": roster.changes + 1,
        "at": now(),
        "user_id": user_id,
        "fields": fields,
        "record_id": record["_id"] if record else new_id(),
        "is_new": record is None,
    }
    counts = {"members": members, "owners": owners, "changes": note["number"], "numbers": numbers}
    return _Decision(counts, note)


def _decide(roster: Roster, decision: _Decision) -> bool:
    """Write a decision, unless another process decided meanwhile. Return whether it is written."""
    unchanged = {"_id": roster.room.id, "changes": roster.changes}
    fields = decision.counts | {"pending": decision.note}
    return bool(database["rooms"].update_one(unchanged, {"$set": fields}).matched_count)


def _apply(room_id: Id, note: Record) -> None:
    if note["is_new"]:
        with contextlib.suppress(DuplicateKeyError):  # another process inserted it
            database["memberships"].insert_one(_record_after(room_id, None, note))
        return
    earlier = {"_id": note["record_id"], "change": {"$lt": note["number"]}}
    database["memberships"].update_one(
        earlier, {"$set": note["fields"] | {"change": note["number"]}}
    )


def _record_after(room_id: Id, record: Record | None, note: Record) -> Record:
    new = {"_id": note["record_id"], "room_id": room_id, "user_id": note["user_id"], **NEW}
    return {**(record or new), **note["fields"], "change": note["number"]}

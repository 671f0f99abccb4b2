"""Note what happens to a room and its people, and show it among the room's messages.

A line is stored after the change that it reports. If the process dies between the two, the change
has no line; nothing else depends on lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat.controllers import access, broadcasts
from chat.controllers.broadcasts import SMALL_ROOM
from chat.models import room_line
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.room_line import NO_END, RoomLine
from chat.models.user import User

LINE_BYTES = 200  # of a line's record, without its texts


def between(person: User, room_id: str, first: int, end: int | None = None) -> list[RoomLine]:
    """Return the lines of a room after an entry from `first` on, before `end`, in order.

    Raises NotFound.
    """
    mine = access.membership(person, room_id).must("read")
    return RoomLine.between(mine.room.id, first, NO_END if end is None else end)


def note_joined(room: Room, user: User, actor: User) -> None:
    """Note that a person joined a room, or that `actor` added them."""
    if actor.id == user.id:
        _note_in_small_room(room, room_line.JOINED, user)
    else:
        _note_in_small_room(room, room_line.ADDED, actor, user)


def note_left(room: Room, user: User, actor: User) -> None:
    """Note that a person left a room, or that `actor` removed them."""
    if actor.id == user.id:
        _note_in_small_room(room, room_line.LEFT, user)
    else:
        _note_in_small_room(room, room_line.REMOVED, actor, user)


def note_owner(room: Room, user: User, actor: User) -> None:
    """Note that an administrator of the chat made a person the room's owner."""
    line = RoomLine.note(room.id, room_line.OWNER, actor.id, user.id)
    broadcasts.line_added(line, [actor, user])


def note_name(room: Room, user: User, earlier: str) -> None:
    """Note that a member has another display name, where others are there to read it."""
    if not room.archived_at and 1 < Membership.count(room.id) <= SMALL_ROOM:
        name = user.display_name
        line = RoomLine.note(room.id, room_line.NAME, user.id, text=name, earlier=earlier)
        broadcasts.line_added(line, [user])


def note_changes(person: User, before: Room, after: Room, changed: set[str]) -> None:
    """Note each difference between a room before and after a person changed some of its fields.

    `changed`: the names of these fields. Others may differ, because somebody else changed them.
    """
    for kind, text, earlier in _changes(before, after, changed):
        line = RoomLine.note(after.id, kind, person.id, text=text, earlier=earlier)
        broadcasts.line_added(line, [person])


def note_retention(person: User, room: Room) -> None:
    """Note that a person chose for how many days a room keeps its messages."""
    days = room.retention.days
    text = "" if days is None else str(days)
    line = RoomLine.note(room.id, room_line.RETENTION, person.id, text=text)
    broadcasts.line_added(line, [person])


def note_export(person: User, room: Room) -> None:
    """Note that a person gets a file of the room: whoever wrote there may know."""
    line = RoomLine.note(room.id, room_line.EXPORTED, person.id)
    broadcasts.line_added(line, [person])


def size_of_change(name: str | None, topic: str | None) -> int:
    """Return about how many bytes the lines of a change take."""
    return LINE_BYTES + len((name or "").encode()) + len((topic or "").encode())


def announce_pin(room_id: Id, seq: int) -> None:
    """Announce the line of the log's entry `seq`, if the entry pins a message."""
    if line := RoomLine.of_pin(room_id, seq):
        broadcasts.line_added(line, User.find_many([line.actor_id]).values())


def _note_in_small_room(room: Room, kind: str, actor: User, user: User | None = None) -> None:
    # In a large room nobody would read these lines, and they would bury the messages.
    if Membership.count(room.id) <= SMALL_ROOM:
        line = RoomLine.note(room.id, kind, actor.id, user.id if user else None)
        broadcasts.line_added(line, [actor, user] if user else [actor])


def _changes(before: Room, after: Room, changed: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, text, earlier text) of each change that people see."""
    if "name" in changed and before.name != after.name:
        yield room_line.RENAMED, after.name, before.name
    if "topic" in changed and before.topic != (topic := after.topic):
        yield room_line.TOPIC, topic, ""
    if "kind" in changed and before.kind != after.kind:
        yield after.kind, "", ""
    if "archived" in changed and bool(before.archived_at) != bool(after.archived_at):
        yield room_line.ARCHIVED if after.archived_at else room_line.UNARCHIVED, "", ""

"""Emit `hello`, the first event of a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.controllers import current_chat, open_reports
from chat.controllers.broadcasts import entries
from chat.controllers.broadcasts.audiences import (
    EVERYBODY,
    enter,
    every_device_of,
    everybody_in,
    remember_socket,
    sockets_of,
)
from chat.extensions import socketio
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.reading import Reading
from chat.models.room_invitation import RoomInvitation
from chat.models.room_order import USUAL_PAGE, page_of
from chat.models.session import Session
from chat.models.user import User
from chat.schemas.chat_settings import show_chat
from chat.schemas.preferences import show_preferences
from chat.schemas.rooms import show_room_items
from chat.schemas.users import show_user

Payload = dict[str, Any]


def greet(sid: str, person: User, session: Session) -> None:
    """Emit `hello`. The socket then receives every entry after the heads in this event.

    `hello` lists the rooms that the person used last. The socket receives new entries of the
    person's other rooms, too. The client has to ask for earlier entries that it missed there.
    """
    rooms = _prepare(person)
    # From here to the emit nothing may yield. Otherwise the socket would get an entry twice or not
    # at all, and a person removed in between would go on receiving the room's entries.
    _enter_audiences(sid, person, session, rooms)
    socketio.emit_here(
        "hello",
        {
            "user": show_user(person),
            "session_id": str(session.id),
            "rooms": rooms.items,
            "next": rooms.following and str(rooms.following),
            "invitations": rooms.invitations,
            "open_reports": rooms.open_reports,
            "preferences": show_preferences(person),
            "chat": rooms.chat,
        },
        sid,
    )
    for membership in rooms.memberships:
        entries.emit_missed(membership.room.id, rooms.readings[membership.room.id], [sid])


@dataclass(frozen=True)
class _Rooms:
    """What `hello` says, of one moment: a person's rooms, the other rooms' ids, the chat."""

    memberships: list[Membership]
    following: int | None
    readings: dict[Id, Reading]
    items: list[Payload]
    other_ids: set[Id]
    invitations: int
    open_reports: int
    chat: Payload


class _Greeting:
    """A `hello` that is being prepared.

    `moved`: whether the person meanwhile joined a room, left one or was invited to one, or whether
    the chat's settings or the open reports changed.
    """

    moved = False


_greetings: dict[Id, list[_Greeting]] = {}


def note_move(user_id: Id) -> None:
    """Make each `hello` that is being prepared for a person read their rooms again."""
    for greeting in _greetings.get(user_id, ()):
        greeting.moved = True


def note_chat_change() -> None:
    """Make each `hello` that is being prepared read the chat's settings again."""
    for user_id in _greetings:
        note_move(user_id)


def _prepare(person: User) -> _Rooms:
    """Return the person's rooms as they are now: nothing has yielded since they were read."""
    greeting = _Greeting()
    _greetings.setdefault(person.id, []).append(greeting)
    try:
        while True:
            greeting.moved = False
            rooms = _read_rooms(person)
            if not greeting.moved:
                return rooms
    finally:
        _greetings[person.id].remove(greeting)
        if not _greetings[person.id]:
            del _greetings[person.id]


def _read_rooms(person: User) -> _Rooms:
    page = page_of(person, None, USUAL_PAGE)
    memberships = page.items
    readings = entries.readings_at_one_moment(memberships)
    items = show_room_items(
        [(membership, readings[membership.room.id]) for membership in memberships]
    )
    listed = {membership.room.id for membership in memberships}
    other_ids = set(Membership.room_ids_of(person.id)) - listed
    invitations = RoomInvitation.count_now(person.id)
    waiting = open_reports.count(person)
    chat = show_chat(current_chat.find())
    # Do this last, because it does not yield if no room moved too far.
    readings = entries.readings_at_one_moment(memberships, readings)
    for item, membership in zip(items, memberships, strict=True):
        item |= show_standing(readings[membership.room.id])
    return _Rooms(
        memberships, page.following, readings, items, other_ids, invitations, waiting, chat
    )


def _enter_audiences(sid: str, person: User, session: Session, rooms: _Rooms) -> None:
    for membership in rooms.memberships:
        room_id = membership.room.id
        entries.sequencer_of(room_id).begin_at(rooms.readings[room_id].head_seq)
        enter([sid], everybody_in(room_id))
    for room_id in rooms.other_ids:
        entries.expect_listeners(room_id)
        enter([sid], everybody_in(room_id))
    enter([sid], every_device_of(person.id))
    enter([sid], sockets_of(session.id))
    enter([sid], EVERYBODY)
    remember_socket(sid, person.id)


def show_standing(reading: Reading) -> Payload:
    return {
        "head_seq": reading.head_seq,
        "read_seq": reading.read_seq,
        "unread": reading.unread,
        "mentions": reading.mentions,
    }

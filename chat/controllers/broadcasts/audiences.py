"""Name audiences, which are Socket.IO rooms, and add sockets to them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from chat.extensions import socketio
from chat.models.document import Id

ROOM = "room:"  # this and a room's id name the audience of everybody in the room

EVERYBODY = "everybody"  # the audience of all sockets that received `hello`

_people: dict[str, Id] = {}  # socket of this process -> person


def everybody_in(room_id: Id) -> str:
    return f"{ROOM}{room_id}"


def every_device_of(user_id: Id) -> str:
    return f"user:{user_id}"


def streams_of(user_id: Id) -> str:
    """Return the audience of a person's streams of single rooms, which follow no other room."""
    return f"streams:{user_id}"


def sockets_of(session_id: Id) -> str:
    return f"session:{session_id}"


def enter(sids: list[str], audience: str) -> None:
    """Add sockets to an audience, except sockets that have closed meanwhile."""
    for sid in sids:
        if socketio.is_connected(sid):
            socketio.enter_room(sid, audience)


def remember_socket(sid: str, user_id: Id) -> None:
    """Remember which person a socket belongs to, unless the socket has closed meanwhile."""
    if socketio.is_connected(sid):
        _people[sid] = user_id


def forget_socket(sid: str) -> None:
    """Forget a socket that closed."""
    _people.pop(sid, None)


def people_in(audience: str) -> set[Id]:
    """Return the people whose sockets of this process belong to an audience."""
    return {_people[sid] for sid in socketio.sids_in(audience) if sid in _people}


def receives(sid: str, room_id: Id) -> bool:
    """Return whether a socket receives a room's events."""
    return everybody_in(room_id) in socketio.rooms_of(sid)


def who_share_a_room_with(person_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return the people among `others` who share a room with the person.

    Only this process's sockets count. The result includes the person, if they are among `others`.
    """
    received = _rooms_received_by(person_id)
    return {
        other
        for other in others
        if other == person_id or not received.isdisjoint(_rooms_received_by(other))
    }


def _rooms_received_by(user_id: Id) -> set[Hashable]:
    """Return the room audiences that a person's sockets are in.

    All devices of a person receive the same rooms, so the first socket answers for all.
    """
    sids = socketio.sids_in(every_device_of(user_id))
    if not sids:
        return set()
    names = socketio.rooms_of(sids[0])
    return {name for name in names if isinstance(name, str) and name.startswith(ROOM)}

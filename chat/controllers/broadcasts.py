"""Emit events: the only file that emits. Each event is defined beside its audience.

A room's entries go out in `seq` order: a Sequencer per room lets them through one by one.

Each process emits to its own listeners and at once notifies the other processes over the queue. A
process finds what the queue lost by itself (peer_events.py). So every handler here must be
idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable
from functools import partial
from typing import Any

from chat.controllers.sequencer import Sequencer
from chat.extensions import socketio
from chat.models import block
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.log import POSTED, log_of
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.changeable import Entry
from chat.models.reading import Reading
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.room_order import USUAL_PAGE, page_of
from chat.models.session import Session
from chat.models.user import User
from chat.schemas.messages import show_entry
from chat.schemas.room_invitations import show_invitation
from chat.schemas.rooms import show_room, show_room_item, show_room_items
from chat.schemas.users import show_user

ROOM = "room:"  # with a room's id: the audience of everybody in it
# People. In larger rooms no event says who comes and goes; clients ask.
SMALL_ROOM = 50
# Tries at reading all rooms of a person at one moment, while people write very much in them.
ROUNDS = 20

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


# audiences


def _everybody_in(room_id: Id) -> str:
    return f"{ROOM}{room_id}"


def _every_device_of(user_id: Id) -> str:
    return f"user:{user_id}"


def _sockets_of(session_id: Id) -> str:
    return f"session:{session_id}"


# what happens to one socket


def greet(sid: str, person: User, session: Session) -> None:
    """Emit `hello`; the socket then receives every entry after the heads in it.

    `hello` lists the rooms that the person used last. The socket receives new entries of the other
    rooms, too. What it missed there before, it gets when its client asks for it.
    """
    greeting = _Greeting()
    _greetings.setdefault(person.id, []).append(greeting)
    try:
        while True:
            greeting.moved = False
            memberships, following = page_of(person, None, USUAL_PAGE)
            readings = _at_one_moment(memberships)
            items = show_room_items(
                [(membership, readings[membership.room.id]) for membership in memberships]
            )
            listed = {membership.room.id for membership in memberships}
            others = set(Membership.room_ids_of(person.id)) - listed
            invitations = RoomInvitation.count_now(person.id)
            readings = _at_one_moment(memberships, readings)
            # Nothing from here to the emit may yield. An entry in between would be sent twice or
            # not at all. A person who is removed in between would go on receiving the room's
            # entries.
            if not greeting.moved:
                break
    finally:
        _greetings[person.id].remove(greeting)
        if not _greetings[person.id]:
            del _greetings[person.id]
    for item, membership in zip(items, memberships, strict=True):
        item |= _standing(readings[membership.room.id])
        sequencer_of(membership.room.id).begin_at(readings[membership.room.id].head_seq)
        _enter([sid], _everybody_in(membership.room.id))
    for room_id in others:
        if sequencer := _sequencers.get(room_id):
            sequencer.expect_listeners()
        _enter([sid], _everybody_in(room_id))
    _enter([sid], _every_device_of(person.id))
    _enter([sid], _sockets_of(session.id))
    if socketio.is_connected(sid):
        _people[sid] = person.id
    socketio.emit_here(
        "hello",
        {
            "user": show_user(person),
            "session_id": str(session.id),
            "rooms": items,
            "next": following and str(following),
            "invitations": invitations,
        },
        sid,
    )
    for membership in memberships:
        _emit_missed(membership.room.id, readings[membership.room.id], [sid])


def forget_socket(sid: str) -> None:
    """Forget a socket that closed."""
    _people.pop(sid, None)


def hang_up(session_id: Id) -> None:
    """Close every socket of a revoked session, in every process."""
    hang_up_here(session_id)
    socketio.notify("session", {"session_id": str(session_id)})


def hang_up_here(session_id: Id) -> None:
    """Close the sockets of a revoked session that this process holds."""
    for sid in socketio.sids_in(_sockets_of(session_id)):
        socketio.disconnect(sid)


# durable


def message_posted(message: Message) -> None:
    """Emit `message:posted` to everybody in the room."""
    shown = show_entry(Entry(POSTED, message.seq, message))
    sequencer_of(message.room_id).let_through(shown)
    socketio.notify("entry", shown)


def message_changed(message: Message) -> None:
    """Emit a change of a message to everybody in the room.

    The event is `message:edited`, `message:deleted`, `message:reacted` or `message:pinned`.
    """
    sequencer = sequencer_of(message.room_id)
    sequencer.reach(message.version)
    if shown := sequencer.remembered(message.version):
        socketio.notify("entry", shown)
    else:  # nobody here listens
        socketio.notify("head", {"room_id": str(message.room_id), "seq": message.version})


def tell_heads() -> None:
    """Emit `room:heads` to everybody in each room that has just become quiet.

    A client that lost the last entry learns from it that there was one.
    """
    for room_id, sequencer in list(_sequencers.items()):
        if sequencer.became_quiet() and sequencer.told is not None:
            socketio.emit_here("room:heads", {str(room_id): sequencer.told}, _everybody_in(room_id))


def look_for_more(room_id: Id) -> None:
    """Emit the entries that the log has and nobody announced here, if anybody listens here."""
    sequencer = sequencer_of(room_id)
    if not sequencer.has_listeners():
        return
    if sequencer.told is None:
        sequencer.begin_at(log_of(room_id).head().seq)
    elif log_of(room_id).has(sequencer.told + 1):
        sequencer.reach(log_of(room_id).head().seq)


# rooms and people


def room_added(membership: Membership) -> None:
    """Emit `room:added` to every device of a new member; they receive the room's events now.

    Idempotent.
    """
    add_room_here(membership)
    _notify_member(membership.room.id, membership.user_id)


def add_room_here(membership: Membership) -> None:
    """Emit `room:added` to the person's devices whose sockets this process holds."""
    _note_move(membership.user_id)
    devices, key = _every_device_of(membership.user_id), (membership.user_id, membership.room.id)
    if not socketio.has_anybody(devices):
        return
    arrival = _arrivals[key] = object()
    if Membership.find(membership.room.id, membership.user_id) is None:
        _arrivals.pop(key, None)  # removed already, by an action that found nothing to undo
        return
    item = show_room_item(membership, Reading.of(membership))
    reading = _at_one_moment([membership])[membership.room.id]
    # Nothing from here on yields. If the person was removed or added again meanwhile, that action
    # has emitted its own event.
    if _arrivals.get(key) is not arrival:
        return
    del _arrivals[key]
    newcomers = [sid for sid in socketio.sids_in(devices) if not _hears(sid, membership.room.id)]
    sequencer_of(membership.room.id).begin_at(reading.head_seq)
    _enter(newcomers, _everybody_in(membership.room.id))
    socketio.emit_here("room:added", item | _standing(reading), devices)
    _emit_missed(membership.room.id, reading, newcomers)


def room_updated(room: Room) -> None:
    """Emit `room:updated` to everybody in the room, to each with their own role."""
    update_room_here(room)
    socketio.notify("room", {"room_id": str(room.id)})


def update_room_here(room: Room) -> None:
    """Emit `room:updated` to the devices whose sockets this process holds."""
    for membership in Membership.of_people(room, _people_in(_everybody_in(room.id))):
        socketio.emit_here(
            "room:updated", {"room": show_room(membership)}, _every_device_of(membership.user_id)
        )


def room_deleted(room_id: Id) -> None:
    """Emit `room:removed` to everybody who was in the room."""
    delete_room_here(room_id)
    socketio.notify("room", {"room_id": str(room_id)})


def delete_room_here(room_id: Id) -> None:
    """Emit `room:removed` to the devices whose sockets this process holds."""
    audience = _everybody_in(room_id)
    for user_id in _people_in(audience):
        _note_move(user_id)
        _arrivals.pop((user_id, room_id), None)
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, audience)
    for sid in socketio.sids_in(audience):
        socketio.leave_room(sid, audience)
    _sequencers.pop(room_id, None)


def own_room_updated(membership: Membership) -> None:
    """Emit `room:updated` to every device of a person whose view of the room changed.

    Another role or another level of notifications changes it.
    """
    # First: other processes must judge by the new membership what the page then requests.
    _notify_member(membership.room.id, membership.user_id)
    socketio.emit(
        "room:updated", {"room": show_room(membership)}, to=_every_device_of(membership.user_id)
    )


def room_removed(room: Room, user: User) -> None:
    """Emit `room:removed` to every device of a former member; they receive nothing more of it."""
    remove_room_here(room.id, user.id)
    _notify_member(room.id, user.id)


def room_hidden(membership: Membership) -> None:
    """Emit `room:removed` to every device of a person who hid a direct room.

    They receive nothing of it now.
    """
    remove_room_here(membership.room.id, membership.user_id)
    _notify_member(membership.room.id, membership.user_id)


def invited(invitation: RoomInvitation, inviter: User) -> None:
    """Emit `room:invited` to every device of the invited person."""
    _note_move(invitation.user_id)
    payload = {"invitation": show_invitation(invitation, inviter)}
    socketio.emit("room:invited", payload, to=_every_device_of(invitation.user_id))


def block_changed(user_id: Id, blocked_id: Id) -> None:
    """Notify other processes, which invalidate what they cached; emit nothing to clients."""
    socketio.notify("block", {"user_id": str(user_id), "blocked_id": str(blocked_id)})


def remove_room_here(room_id: Id, user_id: Id) -> None:
    """Emit `room:removed` to the person's devices whose sockets this process holds."""
    _note_move(user_id)
    _arrivals.pop((user_id, room_id), None)
    for sid in socketio.sids_in(_every_device_of(user_id)):
        socketio.leave_room(sid, _everybody_in(room_id))
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, _every_device_of(user_id))


def settle_member(room_id: Id, user_id: Id) -> None:
    """Make a person's sockets follow their membership of a room, in every process."""
    settle_member_here(room_id, user_id)
    _notify_member(room_id, user_id)


def settle_member_here(room_id: Id, user_id: Id) -> None:
    """Make a person's sockets in this process follow their membership of a room.

    Does nothing where they follow it already.
    """
    hear = [_hears(sid, room_id) for sid in socketio.sids_in(_every_device_of(user_id))]
    if not hear:
        return
    membership = Membership.look_again(room_id, user_id)
    is_listed = membership is not None and membership.is_listed
    if membership and is_listed and not all(hear):
        add_room_here(membership)
    elif not is_listed and any(hear):
        remove_room_here(room_id, user_id)


def member_changed(room: Room, user: User, change: str) -> None:
    """Emit `room:member` to everybody in the room; "joined" and "left" in small rooms only.

    `change`: joined, left, role.
    """
    # Without the person who joined: a client that counts members along must count right while the
    # room grows large and shrinks again.
    others = Membership.count(room.id) - (change == "joined")
    if change != "role" and others > SMALL_ROOM:
        return
    payload = {"room_id": str(room.id), "user": show_user(user), "change": change}
    socketio.emit("room:member", payload, to=_everybody_in(room.id))


def room_read(membership: Membership, seq: int, *, goes_back: bool = False) -> None:
    """Emit `room:read` to every device of the reader, so that all show the same."""
    payload: Payload = {
        "room_id": str(membership.room.id),
        "user_id": str(membership.user_id),
        "seq": seq,
    }
    socketio.emit(
        "room:read",
        payload | ({"goes_back": True} if goes_back else {}),
        to=_every_device_of(membership.user_id),
    )


def read_by(room_id: Id, user_id: Id, seq: int) -> None:
    """Emit `room:read` to the others in a small room who show their own read receipts."""
    read_by_here(room_id, user_id, seq)
    socketio.notify("read", {"room_id": str(room_id), "user_id": str(user_id), "seq": seq})


def read_by_here(room_id: Id, user_id: Id, seq: int) -> None:
    """Emit `room:read` to the devices whose sockets this process holds."""
    others = User.find_many(_people_in(_everybody_in(room_id)) - {user_id}).values()
    audience = [_every_device_of(user.id) for user in others if user.read_receipts]
    if audience:
        payload = {"room_id": str(room_id), "user_id": str(user_id), "seq": seq}
        socketio.emit_here("room:read", payload, audience)


def user_updated(person: User) -> None:
    """Emit `user:updated` to every device of a person and to the rooms they used last.

    A direct room is named after the people in it, so this announces it, too.
    """
    rooms = [membership.room for membership in page_of(person, None, USUAL_PAGE)[0]]
    audience = [_every_device_of(person.id), *(_everybody_in(room.id) for room in rooms)]
    socketio.emit("user:updated", {"user": show_user(person)}, to=audience)
    for room in rooms:
        if room.kind == "direct":
            room_updated(room)


def typing_changed(room_id: Id, user_id: Id, *, typing: bool) -> None:
    """Emit `room:typing` to everybody in the room."""
    payload = {"room_id": str(room_id), "user_id": str(user_id), "typing": typing}
    socketio.emit("room:typing", payload, to=_everybody_in(room_id))


def presence_changed(user_id: Id, status: str) -> None:
    """Emit `presence` to the small rooms among those that the person used last.

    Each process emits to its own listeners.
    """
    person = User.find(user_id)
    memberships = page_of(person, None, USUAL_PAGE)[0] if person else []
    people = Membership.counts(membership.room.id for membership in memberships)
    rooms = [room_id for room_id, count in people.items() if count <= SMALL_ROOM]
    if rooms:
        payload = {"user_id": str(user_id), "status": status}
        socketio.emit_here("presence", payload, [_everybody_in(room_id) for room_id in rooms])


def who_hear_a_room_of(person_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return those of `others` who share a room with the person among this process's sockets.

    The result includes the person, if they are among `others`.
    """
    heard = _rooms_heard_by(person_id)
    return {
        other
        for other in others
        if other == person_id or not heard.isdisjoint(_rooms_heard_by(other))
    }


def notify_here(message: Payload) -> None:
    """Emit `notification` to the devices of everybody whom a new message (a MessageView) notifies.

    It reaches the devices whose sockets this process holds. Nobody is notified by their own message
    or by a person whom they block. Nor are people who are not in the room, or whose level of
    notifications lets less through.
    """
    room = Room.find(_id_in(message, "room_id"))
    if room is None:
        return
    if room.kind == "direct":
        for membership in Membership.within(room):
            named = message["mentions_room"] or str(membership.user_id) in message["mentions"]
            _notify_one_here(
                room,
                membership.user_id,
                {"kind": "mention" if named else "direct", "message": message},
            )
        return
    _not_direct.add(room.id)
    if message["mentions_room"]:
        _notify_everybody_here(room, message)
    else:
        for user_id in filter(None, map(id_from, message["mentions"])):
            _notify_one_here(room, user_id, {"kind": "mention", "message": message})


def _notify_everybody_here(room: Room, message: Payload) -> None:
    """Notify a whole room with one emit; look up only the people who do not want it."""
    author_id = _id_in(message["author"], "id")
    quiet = [author_id, *Membership.with_level(room.id, "nothing"), *block.who_block(author_id)]
    silent = [sid for user_id in quiet for sid in socketio.sids_in(_every_device_of(user_id))]
    payload = {"kind": "mention", "message": message}
    socketio.emit_here("notification", payload, _everybody_in(room.id), skip_sid=silent)


def _notify_one_here(room: Room, user_id: Id, payload: Payload) -> None:
    devices = _every_device_of(user_id)
    if str(user_id) == payload["message"]["author"]["id"] or not socketio.sids_in(devices):
        return
    membership = Membership.find(room.id, user_id)
    author_id = _id_in(payload["message"]["author"], "id")
    if not membership or not membership.wants(payload["kind"]):
        return
    if not block.is_blocked(user_id, author_id):
        socketio.emit_here("notification", payload, devices)


# the order of a room's entries

_sequencers: dict[Id, Sequencer] = {}
_not_direct: set[Id] = set()  # rooms that are known not to be direct; they never become direct


def sequencer_of(room_id: Id) -> Sequencer:
    if (sequencer := _sequencers.get(room_id)) is None:
        audience = _everybody_in(room_id)
        sequencer = _sequencers[room_id] = Sequencer(
            room_id, partial(socketio.has_anybody, audience), partial(_let_out, audience)
        )
    return sequencer


def _let_out(audience: str, entry: Payload) -> None:
    socketio.emit_here(entry["event"], entry, audience)
    if entry["event"] == POSTED:
        _call(entry["message"])


def _call(message: Payload) -> None:
    """Notify the people whom a new message calls, once, since each entry is let out once.

    In a background task, because that looks people up and would yield.
    """
    if (
        message["mentions"]
        or message["mentions_room"]
        or id_from(message["room_id"]) not in _not_direct
    ):
        socketio.start_background_task(_notify, message)


def _notify(message: Payload) -> None:
    try:
        notify_here(message)
    except DatabaseError as error:  # a hint only: the counts and the list of mentions are the truth
        logger.warning(
            "nobody was notified of a message",
            extra={"message_id": message["id"], "reason": str(error)},
        )


def _at_one_moment(
    memberships: list[Membership], readings: dict[Id, Reading] | None = None
) -> dict[Id, Reading]:
    """Return readings from whose heads on each room's sequencer remembers its entries.

    People write meanwhile. A person who joins busy rooms must not wait as long as people write
    there, so only rooms that moved too far are read again. Does not yield when none did.
    """
    readings = dict(readings or {})
    for _ in range(ROUNDS):
        moved = [
            membership
            for membership in memberships
            if (reading := readings.get(membership.room.id)) is None
            or sequencer_of(membership.room.id).since(reading.head_seq) is None
        ]
        if not moved:
            break
        readings |= _readings_of(moved)
        for membership in moved:
            room_id = membership.room.id
            sequencer_of(room_id).begin_at(readings[room_id].head_seq)
    return readings


def _readings_of(memberships: list[Membership]) -> dict[Id, Reading]:
    """Return readings at heads that are no older than what any client has seen.

    Where this process is alone and has listeners in the room, the sequencer knows that head and the
    database is not asked.
    """
    is_alone = socketio.queue_state == "off"
    readings: dict[Id, Reading] = {}
    for membership in memberships if is_alone else ():
        sequencer = sequencer_of(membership.room.id)
        if sequencer.told is not None and sequencer.has_listeners():
            readings[membership.room.id] = Reading.at(membership, sequencer.told)
    rest = [membership for membership in memberships if membership.room.id not in readings]
    return readings | Reading.of_many(rest, alone=is_alone)


class _Greeting:
    """A hello that is being prepared.

    `moved`: meanwhile its person joined a room, left one or was invited to one.
    """

    moved = False


_greetings: dict[Id, list[_Greeting]] = {}
_people: dict[str, Id] = {}  # socket of this process -> person
_arrivals: dict[tuple[Id, Id], object] = {}  # (person, room): the room:added that is being prepared


def _id_in(payload: Payload, name: str) -> Id:
    found = id_from(payload[name])
    assert found
    return found


def _notify_member(room_id: Id, user_id: Id) -> None:
    socketio.notify("member", {"room_id": str(room_id), "user_id": str(user_id)})


def _emit_missed(room_id: Id, reading: Reading, sids: list[str]) -> None:
    """Emit the entries that were let out during the reading to sockets that missed them.

    These sockets were not in the room's audience yet.
    """
    for entry in sequencer_of(room_id).since(reading.head_seq) or ():
        for sid in sids:
            socketio.emit_here(entry["event"], entry, sid)


def _hears(sid: str, room_id: Id) -> bool:
    return _everybody_in(room_id) in socketio.rooms_of(sid)


def _rooms_heard_by(user_id: Id) -> set[Hashable]:
    """Return the audiences of rooms that a person's sockets belong to.

    All devices of a person hear the same rooms, so the first socket answers for all.
    """
    sids = socketio.sids_in(_every_device_of(user_id))
    names = socketio.rooms_of(sids[0]) if sids else []
    return {name for name in names if isinstance(name, str) and name.startswith(ROOM)}


def _note_move(user_id: Id) -> None:
    for greeting in _greetings.get(user_id, ()):
        greeting.moved = True


def _enter(sids: list[str], audience: str) -> None:
    """Add the sockets to an audience, except those that have closed meanwhile."""
    for sid in sids:
        if socketio.is_connected(sid):
            socketio.enter_room(sid, audience)


def _people_in(audience: str) -> set[Id]:
    """Return the people whose sockets of this process belong to an audience."""
    return {_people[sid] for sid in socketio.sids_in(audience) if sid in _people}


def _standing(reading: Reading) -> Payload:
    return {
        "head_seq": reading.head_seq,
        "read_seq": reading.read_seq,
        "unread": reading.unread,
        "mentions": reading.mentions,
    }

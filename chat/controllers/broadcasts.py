"""Who hears what: the only file that emits. Each event stands beside its audience.

A room's entries go out in `seq` order: a Sequencer per room lets them through one by one.

Each process tells its own listeners. What happened through one is told to the others over the queue, at once; what the
queue did not carry they find by themselves (peer_events.py). So what is done twice must do nothing the second time.
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
SMALL_ROOM = 50  # people; in larger ones nobody is told who comes and goes, they ask
ROUNDS = 20  # tries at reading all of somebody's rooms at one moment, while people write very much in them

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
    """`hello`, and from then on every entry after the heads it told.

    It tells of the rooms that the person used last; of the others the socket hears every entry from
    now on, and what it missed of them before is told where its client asks for them.
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
            # Nothing from here to the emit may yield: an entry in between would be told twice, or not at all,
            # and who is put out of a room in between would go on hearing it.
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
    """A socket closed."""
    _people.pop(sid, None)


def hang_up(session_id: Id) -> None:
    """Closes every socket of a revoked session."""
    hang_up_here(session_id)
    socketio.notify("session", {"session_id": str(session_id)})


def hang_up_here(session_id: Id) -> None:
    """Closes those that this process holds."""
    for sid in socketio.sids_in(_sockets_of(session_id)):
        socketio.disconnect(sid)


# durable


def message_posted(message: Message) -> None:
    """`message:posted` to everybody in the room."""
    shown = show_entry(Entry(POSTED, message.seq, message))
    sequencer_of(message.room_id).let_through(shown)
    socketio.notify("entry", shown)


def message_changed(message: Message) -> None:
    """`message:edited`, `message:deleted`, `message:reacted`, `message:pinned` to everybody in the room."""
    sequencer = sequencer_of(message.room_id)
    sequencer.reach(message.version)
    if shown := sequencer.remembered(message.version):
        socketio.notify("entry", shown)
    else:  # nobody here listens
        socketio.notify("head", {"room_id": str(message.room_id), "seq": message.version})


def tell_heads() -> None:
    """`room:heads` to everybody in a room where it has just become quiet: whoever lost the last entry learns of it."""
    for room_id, sequencer in list(_sequencers.items()):
        if sequencer.became_quiet() and sequencer.told is not None:
            socketio.emit_here("room:heads", {str(room_id): sequencer.told}, _everybody_in(room_id))


def look_for_more(room_id: Id) -> None:
    """Lets out what the log has and nobody announced here, if anybody here listens."""
    sequencer = sequencer_of(room_id)
    if not sequencer.has_listeners():
        return
    if sequencer.told is None:
        sequencer.begin_at(log_of(room_id).head().seq)
    elif log_of(room_id).has(sequencer.told + 1):
        sequencer.reach(log_of(room_id).head().seq)


# rooms and people


def room_added(membership: Membership) -> None:
    """`room:added` to every device of whoever came in, which hear the room from then on. Again is harmless."""
    add_room_here(membership)
    _notify_member(membership.room.id, membership.user_id)


def add_room_here(membership: Membership) -> None:
    """To the devices whose sockets this process holds."""
    _note_move(membership.user_id)
    devices, key = _every_device_of(membership.user_id), (membership.user_id, membership.room.id)
    if not socketio.has_anybody(devices):
        return
    arrival = _arrivals[key] = object()
    if Membership.find(membership.room.id, membership.user_id) is None:
        _arrivals.pop(key, None)  # put out before we came here: that action found nothing to undo
        return
    item = show_room_item(membership, Reading.of(membership))
    reading = _at_one_moment([membership])[membership.room.id]
    # Nothing from here on yields. Whoever was put out meanwhile, or came in once more, is told so by that action.
    if _arrivals.get(key) is not arrival:
        return
    del _arrivals[key]
    newcomers = [sid for sid in socketio.sids_in(devices) if not _hears(sid, membership.room.id)]
    sequencer_of(membership.room.id).begin_at(reading.head_seq)
    _enter(newcomers, _everybody_in(membership.room.id))
    socketio.emit_here("room:added", item | _standing(reading), devices)
    _emit_missed(membership.room.id, reading, newcomers)


def room_updated(room: Room) -> None:
    """`room:updated` to everybody in the room, each told as they see it: the role is theirs."""
    update_room_here(room)
    socketio.notify("room", {"room_id": str(room.id)})


def update_room_here(room: Room) -> None:
    """To the devices whose sockets this process holds."""
    for membership in Membership.of_people(room, _people_in(_everybody_in(room.id))):
        socketio.emit_here(
            "room:updated", {"room": show_room(membership)}, _every_device_of(membership.user_id)
        )


def room_deleted(room_id: Id) -> None:
    """`room:removed` to everybody who was in the room."""
    delete_room_here(room_id)
    socketio.notify("room", {"room_id": str(room_id)})


def delete_room_here(room_id: Id) -> None:
    """To the devices whose sockets this process holds."""
    audience = _everybody_in(room_id)
    for user_id in _people_in(audience):
        _note_move(user_id)
        _arrivals.pop((user_id, room_id), None)
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, audience)
    for sid in socketio.sids_in(audience):
        socketio.leave_room(sid, audience)
    _sequencers.pop(room_id, None)


def own_room_updated(membership: Membership) -> None:
    """`room:updated` to every device of the one who sees the room otherwise now: another role, another level of notifications."""
    _notify_member(
        membership.room.id, membership.user_id
    )  # first: what their page then asks for is judged by what is true now
    socketio.emit(
        "room:updated", {"room": show_room(membership)}, to=_every_device_of(membership.user_id)
    )


def room_removed(room: Room, user: User) -> None:
    """`room:removed` to every device of whoever left, which hear nothing of the room from then on."""
    remove_room_here(room.id, user.id)
    _notify_member(room.id, user.id)


def room_hidden(membership: Membership) -> None:
    """`room:removed` to every device of who hid a direct room; they hear nothing of it now."""
    remove_room_here(membership.room.id, membership.user_id)
    _notify_member(membership.room.id, membership.user_id)


def invited(invitation: RoomInvitation, inviter: User) -> None:
    """`room:invited` to every device of who is invited."""
    _note_move(invitation.user_id)
    payload = {"invitation": show_invitation(invitation, inviter)}
    socketio.emit("room:invited", payload, to=_every_device_of(invitation.user_id))


def block_changed(user_id: Id, blocked_id: Id) -> None:
    """Nobody hears of it; other processes forget what they remember."""
    socketio.notify("block", {"user_id": str(user_id), "blocked_id": str(blocked_id)})


def remove_room_here(room_id: Id, user_id: Id) -> None:
    """To the devices whose sockets this process holds."""
    _note_move(user_id)
    _arrivals.pop((user_id, room_id), None)
    for sid in socketio.sids_in(_every_device_of(user_id)):
        socketio.leave_room(sid, _everybody_in(room_id))
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, _every_device_of(user_id))


def settle_member(room_id: Id, user_id: Id) -> None:
    """Have everybody's sockets hear a room as the person's membership says, in every process."""
    settle_member_here(room_id, user_id)
    _notify_member(room_id, user_id)


def settle_member_here(room_id: Id, user_id: Id) -> None:
    """Whether somebody's sockets hear a room is what their membership says; nothing happens where that is so already."""
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
    """`room:member` to everybody in the room; who comes and goes, in smaller rooms only. `change`: joined, left, role."""
    others = Membership.count(room.id) - (
        change == "joined"
    )  # so that who counts along counts right when it grows large and shrinks
    if change != "role" and others > SMALL_ROOM:
        return
    payload = {"room_id": str(room.id), "user": show_user(user), "change": change}
    socketio.emit("room:member", payload, to=_everybody_in(room.id))


def room_read(membership: Membership, seq: int, *, goes_back: bool = False) -> None:
    """`room:read` to every device of the reader, so that all show the same."""
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
    """`room:read` to the others in a small room, as far as they show how far they have read themselves."""
    read_by_here(room_id, user_id, seq)
    socketio.notify("read", {"room_id": str(room_id), "user_id": str(user_id), "seq": seq})


def read_by_here(room_id: Id, user_id: Id, seq: int) -> None:
    """To the devices whose sockets this process holds."""
    others = User.find_many(_people_in(_everybody_in(room_id)) - {user_id}).values()
    audience = [_every_device_of(user.id) for user in others if user.read_receipts]
    if audience:
        payload = {"room_id": str(room_id), "user_id": str(user_id), "seq": seq}
        socketio.emit_here("room:read", payload, audience)


def user_updated(person: User) -> None:
    """`user:updated` to every device of theirs, and to everybody in the rooms that they used last.

    A direct room is called as the people in it: it is announced, too.
    """
    rooms = [membership.room for membership in page_of(person, None, USUAL_PAGE)[0]]
    audience = [_every_device_of(person.id), *(_everybody_in(room.id) for room in rooms)]
    socketio.emit("user:updated", {"user": show_user(person)}, to=audience)
    for room in rooms:
        if room.kind == "direct":
            room_updated(room)


def typing_changed(room_id: Id, user_id: Id, *, typing: bool) -> None:
    """`room:typing` to everybody in the room."""
    payload = {"room_id": str(room_id), "user_id": str(user_id), "typing": typing}
    socketio.emit("room:typing", payload, to=_everybody_in(room_id))


def presence_changed(user_id: Id, status: str) -> None:
    """`presence` to everybody in the smaller ones of the rooms that the person used last; each process tells its own."""
    person = User.find(user_id)
    memberships = page_of(person, None, USUAL_PAGE)[0] if person else []
    people = Membership.counts(membership.room.id for membership in memberships)
    rooms = [room_id for room_id, count in people.items() if count <= SMALL_ROOM]
    if rooms:
        payload = {"user_id": str(user_id), "status": status}
        socketio.emit_here("presence", payload, [_everybody_in(room_id) for room_id in rooms])


def who_hear_a_room_of(person_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return those of `others` whose sockets of this process hear a room that the person's hear.

    The person is among them, if they are among `others`.
    """
    heard = _rooms_heard_by(person_id)
    return {
        other
        for other in others
        if other == person_id or not heard.isdisjoint(_rooms_heard_by(other))
    }


def notify_here(message: Payload) -> None:
    """`notification` to every device of whom a new message (a MessageView) calls, as far as this process holds their sockets.

    Nobody is called by themselves or whom they block, out of a room they are not in, or where they
    chose a level that lets less through.
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
    """One emit however many they are; only those are looked up who do not want it."""
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
_not_direct: set[Id] = set()  # rooms of which that is known, and that stay so


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
    """Notifies whom a new message calls, once, as it is let out once; not here, because that looks people up."""
    if (
        message["mentions"]
        or message["mentions_room"]
        or id_from(message["room_id"]) not in _not_direct
    ):
        socketio.start_background_task(_notify, message)


def _notify(message: Payload) -> None:
    try:
        notify_here(message)
    except (
        DatabaseError
    ) as error:  # what rings is a hint: the counts and the list of mentions are the truth
        logger.warning(
            "nobody was notified of a message",
            extra={"message_id": message["id"], "reason": str(error)},
        )


def _at_one_moment(
    memberships: list[Membership], readings: dict[Id, Reading] | None = None
) -> dict[Id, Reading]:
    """Readings from whose heads on each room's sequencer remembers what it let out.

    People write meanwhile. To read a room again for every entry would keep whoever comes into busy rooms waiting for as
    long as people write there: only what moved too far is read again. Does not yield when nothing did.
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
    """Readings at heads that are no older than what any client has seen.

    Where this process is alone and has listeners in the room, that is what they were told last: nothing need be asked.
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

    `moved`: its person came into a room, left one or was invited to one meanwhile.
    """

    moved = False


_greetings: dict[Id, list[_Greeting]] = {}
_people: dict[str, Id] = {}  # whose a socket of this process is
_arrivals: dict[tuple[Id, Id], object] = {}  # (person, room): the room:added that is being prepared


def _id_in(payload: Payload, name: str) -> Id:
    found = id_from(payload[name])
    assert found
    return found


def _notify_member(room_id: Id, user_id: Id) -> None:
    socketio.notify("member", {"room_id": str(room_id), "user_id": str(user_id)})


def _emit_missed(room_id: Id, reading: Reading, sids: list[str]) -> None:
    """What was let out while the room was read, to those who were not in its audience yet."""
    for entry in sequencer_of(room_id).since(reading.head_seq) or ():
        for sid in sids:
            socketio.emit_here(entry["event"], entry, sid)


def _hears(sid: str, room_id: Id) -> bool:
    return _everybody_in(room_id) in socketio.rooms_of(sid)


def _rooms_heard_by(user_id: Id) -> set[Hashable]:
    """All devices of a person hear the same rooms."""
    sids = socketio.sids_in(_every_device_of(user_id))
    names = socketio.rooms_of(sids[0]) if sids else []
    return {name for name in names if isinstance(name, str) and name.startswith(ROOM)}


def _note_move(user_id: Id) -> None:
    for greeting in _greetings.get(user_id, ()):
        greeting.moved = True


def _enter(sids: list[str], audience: str) -> None:
    """These sockets belong to the audience from now on; a socket that closed meanwhile does not."""
    for sid in sids:
        if socketio.is_connected(sid):
            socketio.enter_room(sid, audience)


def _people_in(audience: str) -> set[Id]:
    """Whose sockets of this process belong to an audience."""
    return {_people[sid] for sid in socketio.sids_in(audience) if sid in _people}


def _standing(reading: Reading) -> Payload:
    return {
        "head_seq": reading.head_seq,
        "read_seq": reading.read_seq,
        "unread": reading.unread,
        "mentions": reading.mentions,
    }

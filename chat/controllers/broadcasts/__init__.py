"""Emit events to clients. Only this package emits. One function defines an event and its audience.

event                  audience                            other processes
message:*              everybody in the room, by `seq`     get the entry, or read it from the log
room:added, :removed   every device of the person          re-read the membership
room:updated           everybody in the room, each by role re-read the room
room:updated, own      every device of the person          re-read the membership, first of all
room:removed, deleted  everybody in the room               re-read the room
room:read, receipts    others in it who show receipts      do the same
room:read, own         every device of the reader          get the packet
room:invited           every device of the person          get the packet
room:uninvited         every device of the person          get the packet
room:member, :typing   everybody; less in large rooms      get the packet
room:line              everybody in the room               get the packet
user:updated           the person's devices, 100 rooms     re-read the person, first of all
preferences:updated    every device of the person          re-read the person, first of all
chat:updated           everybody                           re-read the settings
reports:updated        administrators                      count again
command:answer         every device of the person          get the packet
presence               the small ones of the 100 rooms     get the status
(session ended)        closes the session's sockets        re-read the session
hello                  one socket (hello.py)               nothing
room:heads             everybody in the room (entries.py)  emit their own
notification           whom it notifies (notifications.py) emit their own

This process emits to its own sockets (local_sockets.py) and publishes to the other processes
(peers.py). A notice may come late, twice or never. So after a notice about a member, room or
session, a process reads the record again. A person's new role goes to the other processes first,
and then to the person's devices.

audiences.py     the audiences of events
entries.py       a room's entries, in the order of sequencer.py
hello.py         the first event of a socket
local_sockets.py changes for the sockets of this process
notifications.py the people whom a new message notifies
peers.py         notices to and from the other processes
people.py        what concerns a person rather than a room
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chat.controllers import room_news
from chat.controllers.broadcasts import entries, local_sockets
from chat.controllers.broadcasts.audiences import every_device_of, everybody_in
from chat.controllers.broadcasts.hello import note_move
from chat.controllers.broadcasts.peers import announce
from chat.controllers.broadcasts.people import SMALL_ROOM as SMALL_ROOM
from chat.controllers.broadcasts.people import command_answered as command_answered
from chat.controllers.broadcasts.people import preferences_updated as preferences_updated
from chat.controllers.broadcasts.people import presence_changed as presence_changed
from chat.controllers.broadcasts.people import reports_updated as reports_updated
from chat.controllers.broadcasts.people import user_changed as user_changed
from chat.extensions import socketio
from chat.models.document import Id
from chat.models.log import POSTED
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.changeable import ChangedMessage, Entry
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.room_line import RoomLine
from chat.models.room_order import USUAL_PAGE, page_of
from chat.models.user import User
from chat.schemas.room_invitations import show_invitation
from chat.schemas.room_lines import show_line
from chat.schemas.room_log import show_entry
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user

Payload = dict[str, Any]


def session_ended(session_id: Id) -> None:
    """Close every socket of a session that nobody may use any more, in every process."""
    announce("session", _ids(session_id=session_id), local_sockets.close_session, session_id)


def message_posted(message: Message) -> None:
    """Emit `message:posted` to everybody in the room."""
    _announce_entry(Entry(POSTED, message.seq, message))


def message_changed(changed: ChangedMessage[Message]) -> None:
    """Emit a change of a message to everybody in the room.

    The event is `message:edited`, `message:deleted`, `message:reacted` or `message:pinned`.
    """
    if changed.entry:
        _announce_entry(changed.entry)
        return
    # An earlier request made this change, and may have died before it announced the change.
    message = changed.message
    sequencer = entries.sequencer_of(message.room_id)
    sequencer.catch_up(message.version)
    if shown := sequencer.find_recent(message.version):
        socketio.notify("entry", shown)
    else:  # nobody here listens
        socketio.notify("head", _ids(room_id=message.room_id) | {"seq": message.version})


def _announce_entry(entry: Entry) -> None:
    shown = show_entry(entry)
    room_news.note(entry.message.room_id, is_posted=entry.event == POSTED)
    announce("entry", shown, entries.sequencer_of(entry.message.room_id).add, shown)


def room_added(membership: Membership) -> None:
    """Emit `room:added` to every device of a new member, who now receives the room's events.

    Idempotent.
    """
    announce("member", _member(membership), local_sockets.add_room, membership)


def room_updated(room: Room) -> None:
    """Emit `room:updated` to everybody in the room, to each with their own role."""
    announce("room", _ids(room_id=room.id), local_sockets.update_room, room.id)


def room_deleted(room_id: Id) -> None:
    """Emit `room:removed` to everybody who was in the room."""
    announce("room", _ids(room_id=room_id), local_sockets.delete_room, room_id)


def own_room_updated(membership: Membership) -> None:
    """Emit `room:updated` to every device of a person whose view of the room changed.

    Another role or another level of notifications changes it.
    """
    # Notify other processes first: when they get the device's next request, they must already know
    # the new membership.
    socketio.notify("member", _member(membership))
    socketio.emit(
        "room:updated", {"room": show_room(membership)}, to=every_device_of(membership.user_id)
    )


def room_removed(room: Room, user: User) -> None:
    """Emit `room:removed` to every device of a former member, the room's last event for them."""
    about = _ids(room_id=room.id, user_id=user.id)
    announce("member", about, local_sockets.remove_room, room.id, user.id)


def room_hidden(membership: Membership) -> None:
    """Emit `room:removed` to every device of a person who hid a direct room.

    From now on these devices receive no events of the room.
    """
    room_id = membership.room.id
    announce("member", _member(membership), local_sockets.remove_room, room_id, membership.user_id)


def invited(invitation: RoomInvitation, inviter: User) -> None:
    """Emit `room:invited` to every device of the invited person."""
    note_move(invitation.user_id)
    payload = {"invitation": show_invitation(invitation, inviter)}
    socketio.emit("room:invited", payload, to=every_device_of(invitation.user_id))


def uninvited(room_id: Id, user_id: Id) -> None:
    """Emit `room:uninvited` to every device of the person whose invitation was withdrawn."""
    socketio.emit("room:uninvited", _ids(room_id=room_id), to=every_device_of(user_id))


def block_changed(user_id: Id, blocked_id: Id) -> None:
    """Notify other processes, which drop the block from their caches. Clients get no event."""
    socketio.notify("block", _ids(user_id=user_id, blocked_id=blocked_id))


def membership_changed(room_id: Id, user_id: Id) -> None:
    """Make a person's sockets follow their membership of a room, in every process."""
    about = _ids(room_id=room_id, user_id=user_id)
    announce("member", about, local_sockets.follow_membership, room_id, user_id)


def member_changed(room: Room, user: User, change: str) -> None:
    """Emit `room:member` to everybody in the room; "joined" and "left" in small rooms only.

    `change`: joined, left, role.
    """
    # Do not count the person who joined. So a client that counts members by these events has the
    # right number when the room grows large and shrinks again.
    others = Membership.count(room.id) - (change == "joined")
    if change != "role" and others > SMALL_ROOM:
        return
    payload = {"room_id": str(room.id), "user": show_user(user), "change": change}
    socketio.emit("room:member", payload, to=everybody_in(room.id))


def line_added(line: RoomLine, people: Iterable[User]) -> None:
    """Emit `room:line` to everybody in the room. `people`: everybody whom the line names."""
    payload = {"room_id": str(line.room_id), "line": show_line(line, people)}
    socketio.emit("room:line", payload, to=everybody_in(line.room_id))


def room_read(membership: Membership, seq: int, *, goes_back: bool = False) -> None:
    """Emit `room:read` to every device of the reader, so that all devices show the same."""
    payload: Payload = {
        "room_id": str(membership.room.id),
        "user_id": str(membership.user_id),
        "seq": seq,
    }
    if goes_back:
        payload["goes_back"] = True
    socketio.emit("room:read", payload, to=every_device_of(membership.user_id))


def read_by(room_id: Id, user_id: Id, seq: int) -> None:
    """Emit `room:read` to the others in a small room who show their own read receipts."""
    about = _ids(room_id=room_id, user_id=user_id) | {"seq": seq}
    announce("read", about, local_sockets.emit_receipt, room_id, user_id, seq)


def user_updated(person: User, rooms: list[Room] | None = None) -> None:
    """Emit `user:updated` to every device of a person and to the rooms that they used last.

    `rooms`: emit to these instead. A direct room is named after the people in it, so this also
    emits `room:updated` for it.
    """
    user_changed(person.id)  # first: other processes put the new name into their `room:updated`
    if rooms is None:
        rooms = [membership.room for membership in page_of(person, None, USUAL_PAGE).items]
    audience = [every_device_of(person.id), *(everybody_in(room.id) for room in rooms)]
    socketio.emit("user:updated", {"user": show_user(person)}, to=audience)
    for room in rooms:
        if room.kind == "direct":
            room_updated(room)


def chat_updated() -> None:
    """Emit `chat:updated` to everybody, after a change of the chat's settings."""
    announce("chat", {}, local_sockets.update_chat)


def typing_changed(room_id: Id, user_id: Id, *, typing: bool) -> None:
    """Emit `room:typing` to everybody in the room."""
    payload = {"room_id": str(room_id), "user_id": str(user_id), "typing": typing}
    socketio.emit("room:typing", payload, to=everybody_in(room_id))


def _member(membership: Membership) -> Payload:
    return _ids(room_id=membership.room.id, user_id=membership.user_id)


def _ids(**ids: Id) -> Payload:
    return {name: str(found_id) for name, found_id in ids.items()}

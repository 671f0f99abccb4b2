"""Apply changes of the chat, rooms, members and sessions to the sockets of this process."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from chat.controllers import current_chat, open_reports
from chat.controllers.broadcasts import entries, notifications
from chat.controllers.broadcasts.audiences import (
    EVERYBODY,
    enter,
    every_device_of,
    everybody_in,
    people_in,
    receives,
    sockets_of,
    streams_of,
)
from chat.controllers.broadcasts.hello import note_chat_change, note_move, show_standing
from chat.extensions import socketio
from chat.models import administrators
from chat.models.chat_settings import ChatSettings
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.reading import Reading
from chat.models.report import Report
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.chat_settings import show_chat
from chat.schemas.rooms import show_room_item, show_rooms

# What is being prepared to be emitted, by what it is about: a room, a person's arrival in a room,
# the chat. A later preparation has read later, and a removal cancels an arrival.
_preparing: dict[Hashable, object] = {}
_shown_chat: list[dict[str, object]] = []  # the ChatView that this process emitted last
_shown_reports: list[int] = []  # how many are open, as this process emitted it last


def has_sockets(session_id: Id) -> bool:
    """Return whether this process holds a socket of a session."""
    return socketio.has_anybody(sockets_of(session_id))


def close_session(session_id: Id) -> None:
    """Close the sockets of a revoked session that this process holds."""
    for sid in socketio.sids_in(sockets_of(session_id)):
        socketio.disconnect(sid)


def update_chat() -> None:
    """Emit `chat:updated` to the sockets of this process, unless they know its settings."""
    ChatSettings.forget()
    with _prepare(ChatSettings) as is_wanted:
        chat = show_chat(current_chat.with_fixed(ChatSettings.find_now()))
        note_chat_change()
        if not is_wanted() or _shown_chat == [chat]:
            return
        _shown_chat[:] = [chat]
        socketio.emit_here("chat:updated", {"chat": chat}, EVERYBODY)


def update_reports(*, again: bool = True) -> None:
    """Emit `reports:updated` to the administrators whose sockets this process holds.

    `again`: even if this process emitted the same number last.
    """
    Report.forget_count()
    with _prepare(Report) as is_wanted:
        people = User.find_many(administrators.active()).values()
        concerned = [user.id for user in people if open_reports.concern(user)]
        count = Report.count_open()
        for user_id in concerned:
            note_move(user_id)
        if not is_wanted() or (_shown_reports == [count] and not again):
            return
        _shown_reports[:] = [count]
        for user_id in concerned:
            socketio.emit_here("reports:updated", {"open": count}, every_device_of(user_id))


def add_room(membership: Membership) -> None:
    """Emit `room:added` to the person's devices whose sockets this process holds."""
    user_id = membership.user_id
    room_id = membership.room.id
    note_move(user_id)
    devices = every_device_of(user_id)
    if not socketio.has_anybody(devices):
        return
    with _prepare((user_id, room_id)) as is_wanted:
        if Membership.find(room_id, user_id) is None:
            return  # the removal came before this preparation, so it could not cancel it
        item = show_room_item(membership, Reading.of(membership))
        reading = entries.readings_at_one_moment([membership])[room_id]
        # From here on nothing yields. If another call removed or added the person meanwhile, that
        # call has emitted its own event.
        if not is_wanted():
            return
        newcomers = [sid for sid in socketio.sids_in(devices) if not receives(sid, room_id)]
        entries.sequencer_of(room_id).begin_at(reading.head_seq)
        enter(newcomers, everybody_in(room_id))
        socketio.emit_here("room:added", item | show_standing(reading), devices)
    entries.emit_missed(room_id, reading, newcomers)
    is_known = entries.sequencer_of(room_id).find_recent(reading.head_seq)
    if membership.room.kind == "direct" and reading.unread and newcomers and not is_known:
        notifications.notify_of_first(membership.room, user_id, reading.head_seq)


def update_room(room_id: Id) -> None:
    """Emit `room:updated` to the devices whose sockets this process holds.

    Of several changes at the same time, the event for each person is of the last one.
    """
    with _prepare(room_id) as is_wanted:
        room = Room.find_now(room_id)
        if room is None:
            return
        memberships = Membership.of_people(room, people_in(everybody_in(room_id)))
        shown = show_rooms(memberships)
        if not is_wanted():  # from here on nothing yields
            return
        for membership, view in zip(memberships, shown, strict=True):
            socketio.emit_here("room:updated", {"room": view}, every_device_of(membership.user_id))


def delete_room(room_id: Id) -> None:
    """Emit `room:removed` to the devices whose sockets this process holds."""
    audience = everybody_in(room_id)
    for user_id in people_in(audience):
        note_move(user_id)
        _preparing.pop((user_id, room_id), None)
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, audience)
    for sid in socketio.sids_in(audience):
        socketio.leave_room(sid, audience)
    entries.forget_room(room_id)


def remove_room(room_id: Id, user_id: Id) -> None:
    """Emit `room:removed` to the person's devices whose sockets this process holds."""
    note_move(user_id)
    _preparing.pop((user_id, room_id), None)
    audience = [every_device_of(user_id), streams_of(user_id)]
    for sid in [sid for name in audience for sid in socketio.sids_in(name)]:
        socketio.leave_room(sid, everybody_in(room_id))
    socketio.emit_here("room:removed", {"room_id": str(room_id)}, audience)


def follow_membership(room_id: Id, user_id: Id) -> None:
    """Make a person's sockets in this process follow their membership of a room.

    Do nothing if the sockets follow it already.
    """
    received = [receives(sid, room_id) for sid in socketio.sids_in(every_device_of(user_id))]
    streamed = [receives(sid, room_id) for sid in socketio.sids_in(streams_of(user_id))]
    if not received and not any(streamed):
        return
    Membership.forget(room_id, user_id)
    membership = Membership.find(room_id, user_id)
    is_listed = membership is not None and membership.is_listed
    if membership and is_listed and not all(received):
        add_room(membership)
    elif not is_listed and any(received + streamed):
        remove_room(room_id, user_id)


def emit_receipt(room_id: Id, user_id: Id, seq: int) -> None:
    """Emit `room:read` to the devices whose sockets this process holds."""
    others = User.find_many(people_in(everybody_in(room_id)) - {user_id}).values()
    audience = [every_device_of(user.id) for user in others if user.read_receipts]
    if audience:
        payload = {"room_id": str(room_id), "user_id": str(user_id), "seq": seq}
        socketio.emit_here("room:read", payload, audience)


@contextmanager
def _prepare(about: Hashable) -> Iterator[Callable[[], bool]]:
    """Prepare an event. Yield whether it is still wanted: not after a later one began."""
    preparation = object()
    _preparing[about] = preparation
    try:
        yield lambda: _preparing.get(about) is preparation
    finally:
        if _preparing.get(about) is preparation:
            del _preparing[about]

"""Apply peer events: at once from the queue, and within seconds without it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from chat import extensions
from chat.controllers import broadcasts, presence
from chat.extensions import socketio
from chat.models import block
from chat.models.activity import active_here, active_rooms
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.key_ring import key_ring
from chat.models.log import POSTED, note_announced
from chat.models.membership import Membership
from chat.models.notice import ChangeNotice
from chat.models.room import Room
from chat.models.session import Session

logger = logging.getLogger(__name__)


def listen() -> None:
    """Register handlers for the queue's notices."""
    for topic, handler in HANDLERS.items():
        socketio.on_notice(topic, _handling(topic, handler))
    socketio.on_queue_return(_handling("return", poll_peers))


def _handling(topic: str, handler: Callable[..., object]) -> Callable[..., None]:
    def handle(*about: Any) -> None:
        try:
            handler(*about)
        except DatabaseError as error:
            # Only a hint: `poll_peers` and the other jobs find the change.
            logger.warning("a notice was not heeded", extra={"topic": topic, "reason": str(error)})

    return handle


def poll_peers() -> None:
    """Find changes that nobody announced here and that the queue did not carry."""
    if not extensions.settings().redis_url:
        for room_id in active_here():
            broadcasts.look_for_more(room_id)
        return
    for notice in ChangeNotice.fresh():
        if notice.kind == "session":
            _session(notice.about["session_id"])
        elif notice.kind == "member":
            _member(notice.about["room_id"], notice.about["user_id"])
        elif notice.kind == "room" and Room.look_again(notice.about["room_id"]) is None:
            _gone(notice.about["room_id"])
    for room_id in active_rooms():
        broadcasts.look_for_more(room_id)


def _entry(entry: dict[str, Any]) -> None:
    room_id = _id(entry, "room_id")
    # Not a change: its message may include a later one that its writer may not have stored durably
    # yet.
    if entry["event"] == POSTED:
        note_announced(room_id, int(entry["seq"]))
    broadcasts.sequencer_of(room_id).let_through(entry)


def _head(about: dict[str, Any]) -> None:
    broadcasts.sequencer_of(_id(about, "room_id")).reach(int(about["seq"]))


def _member(room_id: Id, user_id: Id) -> None:
    """Refuse a removed person from now on, even one without a socket here."""
    Membership.forget(room_id, user_id)
    broadcasts.settle_member_here(room_id, user_id)


def _session(session_id: Id) -> None:
    session = Session.fresh(session_id)
    if session is None or session.revoked:
        broadcasts.hang_up_here(session_id)


def _room(about: dict[str, Any]) -> None:
    if room := Room.look_again(_id(about, "room_id")):
        broadcasts.update_room_here(room)
    else:
        _gone(_id(about, "room_id"))


def _gone(room_id: Id) -> None:
    key_ring.forget(room_id)
    broadcasts.delete_room_here(room_id)


def _id(about: dict[str, Any], name: str) -> Id:
    found = id_from(about[name])
    if found is None:
        raise ValueError(f"a notice without {name}")
    return found


HANDLERS: dict[str, Callable[[Any], object]] = {
    "entry": _entry,
    "head": _head,
    "member": lambda about: _member(_id(about, "room_id"), _id(about, "user_id")),
    "session": lambda about: _session(_id(about, "session_id")),
    "room": _room,
    "read": lambda about: broadcasts.read_by_here(
        _id(about, "room_id"), _id(about, "user_id"), int(about["seq"])
    ),
    "presence": presence.hear,
    "block": lambda about: block.forget(_id(about, "user_id"), _id(about, "blocked_id")),
}

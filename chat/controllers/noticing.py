"""What other processes did: heard over the queue at once, and found without it within seconds."""

from __future__ import annotations

from typing import Any

from chat import extensions
from chat.controllers import broadcasts, presence
from chat.extensions import socketio
from chat.models.activity import active_here, active_rooms
from chat.models.document import Id, id_from
from chat.models.key_ring import key_ring
from chat.models.membership import Membership
from chat.models.notice import Notice
from chat.models.room import Room
from chat.models.session import Session


def listen() -> None:
    """Heeds what the queue carries: topic and handler."""
    socketio.on_notice("entry", _entry)
    socketio.on_notice("head", _head)
    socketio.on_notice("member", lambda about: _member(_id(about, "room_id"), _id(about, "user_id")))
    socketio.on_notice("session", lambda about: _session(_id(about, "session_id")))
    socketio.on_notice("room", _room)
    socketio.on_notice("read", lambda about: broadcasts.read_by_here(_id(about, "room_id"), _id(about, "user_id"), int(about["seq"])))
    socketio.on_notice("presence", presence.hear)
    socketio.on_queue_return(look_round)


def look_round() -> None:
    """Finds what nobody announced here, and what the queue did not carry."""
    if not extensions.settings().redis_url:
        for room_id in active_here():
            broadcasts.look_for_more(room_id)
        return
    for notice in Notice.fresh():
        if notice.kind == "session":
            _session(notice.about["session_id"])
        elif notice.kind == "member":
            _member(notice.about["room_id"], notice.about["user_id"])
        elif notice.kind == "room" and Room.look_again(notice.about["room_id"]) is None:
            _gone(notice.about["room_id"])
    for room_id in active_rooms():
        broadcasts.look_for_more(room_id)


def _entry(entry: dict[str, Any]) -> None:
    broadcasts.turnstile_of(_id(entry, "room_id")).let_through(entry)


def _head(about: dict[str, Any]) -> None:
    broadcasts.turnstile_of(_id(about, "room_id")).reach(int(about["seq"]))


def _member(room_id: Id, user_id: Id) -> None:
    """Whoever was put out is refused from now on, also who has no socket here and asks here."""
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

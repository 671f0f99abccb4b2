"""Announce changes to the other processes, and apply the changes that they announce.

The queue carries a notice at once. If the queue loses one of an entry, a membership, a session or a
deleted room, each process finds the change by itself within seconds (`poll_peers`); of other
changes, when its cached copy has aged. So a process may handle a change twice, and every handler
must be idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

from chat import extensions
from chat.controllers import room_news
from chat.controllers.broadcasts import entries, local_sockets
from chat.controllers.notification_cases import forget_wants
from chat.controllers.one_by_one import for_each
from chat.extensions import socketio
from chat.models import block
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.key_ring import key_ring
from chat.models.log import POSTED, note_announced
from chat.models.membership import Membership
from chat.models.peers.active_rooms import active_anywhere, active_here
from chat.models.peers.change_notices import ChangeNotice
from chat.models.room import Room
from chat.models.session import Session
from chat.models.user import User

logger = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], object]
P = ParamSpec("P")


def announce(
    topic: str,
    about: dict[str, Any],
    here: Callable[P, object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Apply a change in this process by calling `here`, then publish it to the other processes.

    These call the handler of `topic` in HANDLERS with `about`.
    """
    here(*args, **kwargs)
    socketio.notify(topic, about)


def listen(others: Mapping[str, Handler] | None = None) -> None:
    """Register handlers for the queue's notices: HANDLERS, and `others` of the same form."""
    for topic, handler in {**HANDLERS, **(others or {})}.items():
        socketio.on_notice(topic, _handling(topic, handler))
    socketio.on_queue_return(_handling("return", poll_peers))


def _handling(topic: str, handler: Callable[..., object]) -> Callable[..., None]:
    def handle(*about: Any) -> None:
        try:
            handler(*about)
        except DatabaseError as error:
            # A lost notice does no harm: `poll_peers` and the other jobs find the change.
            logger.warning(
                "change notice handler failed", extra={"topic": topic, "reason": str(error)}
            )

    return handle


def poll_peers() -> None:
    """Find changes of which this process got no notice."""
    if extensions.settings().redis_url:
        for_each(ChangeNotice.fresh(), _apply, "a change of another process was not applied")
        rooms = active_anywhere()
    else:
        for_each(ChangeNotice.fresh(), _apply_of_operator, "what an operator did was not applied")
        rooms = active_here()
    for_each(rooms, entries.look_for_more, "the news of a room could not be read")


def _apply_of_operator(notice: ChangeNotice) -> None:
    """Apply what `bin/chat` did to sessions and members: without a queue it cannot say so."""
    if notice.kind == "session" and local_sockets.has_sockets(notice.about["session_id"]):
        _session(notice.about["session_id"])
    elif notice.kind == "import":
        _imported(notice.about["room_id"], notice.about["user_id"])


def _apply(notice: ChangeNotice) -> None:
    if notice.kind == "session":
        _session(notice.about["session_id"])
    elif notice.kind == "import":
        _imported(notice.about["room_id"], notice.about["user_id"])
    elif notice.kind == "member":
        _member(notice.about["room_id"], notice.about["user_id"])
    elif notice.kind == "room" and Room.find_now(notice.about["room_id"]) is None:
        _gone(notice.about["room_id"])
    elif notice.kind == "chat":
        local_sockets.update_chat()
    elif notice.kind == "reports":
        local_sockets.update_reports(again=False)


def _entry(entry: dict[str, Any]) -> None:
    room_id = _id(entry, "room_id")
    # Do not note the seq of a change: its message may include a later change, which may not be
    # durable yet.
    is_posted = entry["event"] == POSTED
    if is_posted:
        note_announced(room_id, int(entry["seq"]))
    room_news.note(room_id, is_posted=is_posted)
    entries.sequencer_of(room_id).add(entry)


def _head(about: dict[str, Any]) -> None:
    entries.sequencer_of(_id(about, "room_id")).catch_up(int(about["seq"]))


def _member(room_id: Id, user_id: Id) -> None:
    """Refuse a removed person from now on, even one without a socket here."""
    Membership.forget(room_id, user_id)
    local_sockets.follow_membership(room_id, user_id)


def _imported(room_id: Id, user_id: Id) -> None:
    """Show a room of an import to a person, whose record has given it a place in their list."""
    User.forget(user_id)
    _member(room_id, user_id)


def _user(user_id: Id) -> None:
    """Read a person again, and who wants which notifications: they may have other preferences."""
    User.forget(user_id)
    forget_wants()


def _session(session_id: Id) -> None:
    session = Session.find_now(session_id)
    if session is None or session.is_over or not _may_be_used(session.user_id):
        local_sockets.close_session(session_id)


def _may_be_used(user_id: Id) -> bool:
    user = User.find(user_id)
    return user is not None and user.may_act()


def _room(about: dict[str, Any]) -> None:
    room_id = _id(about, "room_id")
    if Room.find_now(room_id):
        local_sockets.update_room(room_id)
    else:
        _gone(room_id)


def _gone(room_id: Id) -> None:
    key_ring.forget(room_id)
    local_sockets.delete_room(room_id)


def _id(about: dict[str, Any], name: str) -> Id:
    found = id_from(about[name])
    if found is None:
        raise ValueError(f"a notice without {name}")
    return found


HANDLERS: dict[str, Handler] = {
    # These handlers trust the notice.
    "entry": _entry,
    "head": _head,
    "read": lambda about: local_sockets.emit_receipt(
        _id(about, "room_id"), _id(about, "user_id"), int(about["seq"])
    ),
    "user": lambda about: _user(_id(about, "user_id")),
    "block": lambda about: block.forget(_id(about, "user_id"), _id(about, "blocked_id")),
    # These handlers read the record again.
    "member": lambda about: _member(_id(about, "room_id"), _id(about, "user_id")),
    "session": lambda about: _session(_id(about, "session_id")),
    "room": _room,
    "chat": lambda _: local_sockets.update_chat(),
    "reports": lambda _: local_sockets.update_reports(),
}

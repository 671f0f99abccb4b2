"""Emit `notification` to the people whom a new message notifies."""

from __future__ import annotations

import logging
from typing import Any

from chat.controllers.broadcasts.audiences import every_device_of, everybody_in, people_in
from chat.extensions import socketio
from chat.models import block
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.membership.stored import LEVELS
from chat.models.room import Room
from chat.models.user import User

logger = logging.getLogger(__name__)

Payload = dict[str, Any]

_not_direct: set[Id] = set()  # rooms that are known not to be direct; they never become direct


def notify_in_background(message: Payload) -> None:
    """Notify people of a new message. Each entry is passed on once, so this happens once.

    A background task does it, because looking people up yields, which the caller must not.
    """
    if (
        message["mentions"]
        or message["mentions_room"]
        or id_from(message["room_id"]) not in _not_direct
    ):
        socketio.start_background_task(_notify, message)


def _notify(message: Payload) -> None:
    try:
        notify_of(message)
    except DatabaseError as error:  # the counts and the list of mentions still show the message
        logger.warning(
            "the notifications of a message failed",
            extra={"message_id": message["id"], "reason": str(error)},
        )


def notify_of(message: Payload) -> None:
    """Emit `notification` to the devices of everybody whom a new message (a MessageView) notifies.

    This process emits to its own sockets only. It notifies nobody of their own message, or of the
    message of a person whom they block. It does not notify people outside the room, or people whose
    level of notifications excludes the message.
    """
    room = Room.find(_id_in(message, "room_id"))
    if room is None:
        return
    if room.kind == "direct":
        for membership in Membership.within(room):
            named = message["mentions_room"] or str(membership.user_id) in message["mentions"]
            _notify_one(
                room,
                membership.user_id,
                {"kind": "mention" if named else "direct", "message": message},
            )
        return
    _not_direct.add(room.id)
    if message["mentions_room"]:
        _notify_everybody(room, message)
    else:
        for user_id in filter(None, map(id_from, message["mentions"])):
            _notify_one(room, user_id, {"kind": "mention", "message": message})


def _notify_everybody(room: Room, message: Payload) -> None:
    """Notify a whole room with one emit. Look up only the people to leave out."""
    author_id = _id_in(message["author"], "id")
    listeners = User.find_many(people_in(everybody_in(room.id))).values()
    quiet = [
        author_id,
        *Membership.with_level(room.id, "nothing"),
        *block.who_block(author_id),
        *(user.id for user in listeners if user.preferences.notify == "nothing"),
    ]
    silent = [sid for user_id in quiet for sid in socketio.sids_in(every_device_of(user_id))]
    payload = {"kind": "mention", "message": message}
    socketio.emit_here("notification", payload, everybody_in(room.id), skip_sid=silent)


def _notify_one(room: Room, user_id: Id, payload: Payload) -> None:
    devices = every_device_of(user_id)
    if str(user_id) == payload["message"]["author"]["id"] or not socketio.sids_in(devices):
        return
    membership = Membership.find(room.id, user_id)
    author_id = _id_in(payload["message"]["author"], "id")
    if not membership or not _want(membership, payload["kind"]):
        return
    if not block.is_blocked(user_id, author_id):
        socketio.emit_here("notification", payload, devices)


def _want(membership: Membership, kind: str) -> bool:
    """Return whether both the level of the room and the person's own permit a notification."""
    user = User.find(membership.user_id)
    return membership.wants(kind) and user is not None and kind in LEVELS[user.preferences.notify]


def _id_in(payload: Payload, name: str) -> Id:
    found = id_from(payload[name])
    assert found
    return found

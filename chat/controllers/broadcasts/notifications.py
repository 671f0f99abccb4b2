"""Emit `notification` to the people whom a new message notifies."""

from __future__ import annotations

import logging
from typing import Any

from chat.controllers.broadcasts.audiences import every_device_of, everybody_in, people_in
from chat.controllers.notification_cases import Post, wants_in
from chat.extensions import socketio
from chat.models import block, keywords
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.log import POSTED, log_of
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.notification_rules import decide
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.room_log import show_entry

logger = logging.getLogger(__name__)

Payload = dict[str, Any]

LATEST = 10  # entries of a room, among which its last message is


def notify_in_background(message: Payload) -> None:
    """Notify people of a new message. Each entry is passed on once, so this happens once.

    A background task does it, because looking people up yields, which the caller must not. A
    message that names nobody, in a room where nobody wants more than mentions, needs no task.
    """
    wants = Membership.known_wants_in(_room_id(message))
    if message["mentions"] or message["mentions_room"] or wants is None or any(wants):
        socketio.start_background_task(_notify, message)


def notify_of_first(room: Room, user_id: Id, seq: int) -> None:
    """Notify somebody of the message that brought a direct room into their list.

    `seq`: of the room's newest entry. Nobody here listened to the room before, so the sequencer
    began after this entry.
    """
    posts = [
        entry
        for entry in Message.entries(log_of(room.id).entries(seq - LATEST, seq))
        if entry.event == POSTED
    ]
    if posts:
        post = Post.of(show_entry(posts[-1])["message"], room, {})
        _notify_some(post, frozenset({user_id}))


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

    This process emits to its own sockets only. `notification_rules` decides about each person.
    """
    room = Room.find(_room_id(message))
    if room is None:
        return
    if message["mentions_room"] and room.kind != "direct":
        _notify_everybody(Post.of(message, room, {}))
        return
    wants = wants_in(room.id)
    everybody = keywords.of_everybody() if wants.keywords else {}
    wanted = {each: everybody[each] for each in wants.keywords if each in everybody}
    post = Post.of(message, room, wanted)
    _notify_some(
        post,
        frozenset(room.people)
        if message["mentions_room"]
        else post.named | post.finders | wants.every_message,
    )


def _notify_everybody(post: Post) -> None:
    """Notify a whole room with one emit. Look up only what makes people be left out."""
    audience = everybody_in(post.room.id)
    muted = set(Membership.with_level(post.room.id, "nothing"))
    blocking = {by for each in post.answering for by in block.who_block(each)}
    silent: list[str] = []
    for user in User.find_many(people_in(audience)).values():
        case = post.case_at(
            user,
            "nothing" if user.id in muted else "mentions",
            joined_later=False,  # the sockets entered the audience before the message
            blocks_author=user.id in blocking,
        )
        if decide(case).kind is None:
            silent += socketio.sids_in(every_device_of(user.id))
    payload = {"kind": "mention", "message": post.message}
    socketio.emit_here("notification", payload, audience, skip_sid=silent)


def _notify_some(post: Post, people: frozenset[Id]) -> None:
    """Notify those of a room's people whom the rules let be notified."""
    here = [each for each in people if socketio.sids_in(every_device_of(each))]
    memberships = Membership.find_in(post.room, here)
    users = User.find_many(memberships)
    blocking = post.blocking_among(users)
    for user in users.values():
        membership = memberships[user.id]
        kind = decide(post.case_of(user, membership, blocks_author=user.id in blocking)).kind
        if kind:
            payload = {"kind": kind, "message": post.message}
            socketio.emit_here("notification", payload, every_device_of(user.id))


def _room_id(message: Payload) -> Id:
    found = id_from(message["room_id"])
    assert found
    return found

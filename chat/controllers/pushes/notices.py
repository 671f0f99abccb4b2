"""What a push message says: by default only that there is something.

The service worker shows it (static/js/service_worker.js). The message is sealed for the browser,
yet it lies on a screen, and with the maker of the system. So it contains what people wrote only for
those who chose it (`push_content`).
"""

from __future__ import annotations

import hashlib
import json
from contextvars import copy_context
from typing import Any

from chat.controllers import current_chat
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.preferences import AS_BROWSER
from chat.models.push_subscription import PushSubscription
from chat.models.user import User
from chat.utils import translation
from chat.utils.plain_text import excerpt_of
from chat.utils.translation import _

TOPIC_CHARACTERS = 32  # push services take no more
LONGEST_NAME = 80  # characters of a room's or person's name


def notice(
    kind: str, message: Message, membership: Membership, user: User, language: str
) -> dict[str, Any]:
    """Return what tells a person of a message. `language`: of the page that subscribed."""
    spoken = user.preferences.language
    spoken = language if spoken == AS_BROWSER else spoken
    return copy_context().run(_in_language, spoken, kind, message, membership, user)


def test_notice(subscription: PushSubscription) -> dict[str, Any]:
    """Return what somebody asked for, to see whether it arrives."""
    title = current_chat.find().name
    body = _("It works. This device tells you about new messages.")
    return {"tag": f"test-{subscription.id}", "title": title, "body": body, "url": "/rooms"}


def topic(tag: str, subscription: PushSubscription) -> str:
    """Return the name by which a push service replaces a message by a repetition of it.

    It reveals no id of the chat.
    """
    named = f"{tag} {subscription.hashed.hex()}".encode()
    return hashlib.sha256(named).hexdigest()[:TOPIC_CHARACTERS]


def text_of(shown: dict[str, Any]) -> str:
    """Return a notice as the service worker reads it."""
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _in_language(
    language: str, kind: str, message: Message, membership: Membership, user: User
) -> dict[str, Any]:
    translation.use(language)
    room_id = str(message.room_id)
    title = current_chat.find().name
    body = _("New message in the chat.")
    if user.preferences.push_content:
        title = _title(kind, message, membership)
        body = excerpt_of(message.text.html, message.text.body) or _("Picture")
    return {
        "tag": str(message.id),
        "title": title,
        "body": body,
        "url": f"/rooms/{room_id}?around={message.seq}#message-{message.seq}",
        "room_id": room_id,
        "seq": message.seq,
        "read_seq": membership.read_seq,
    }


def _title(kind: str, message: Message, membership: Membership) -> str:
    person = message.author.label[:LONGEST_NAME]
    room = membership.room
    if room.kind == "direct":
        return _("{person} wrote to you", person=person)
    name = room.name[:LONGEST_NAME]
    if kind == "mention":
        return _("{person} mentioned you in {room}", person=person, room=name)
    return _("{person} in {room}", person=person, room=name)

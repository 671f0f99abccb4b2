"""The form of an export: what each thing looks like in JSON. docs/export.md describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.room_line import RoomLine
from chat.models.user import User
from chat.utils.clock import rfc3339

FORMAT = "real-time-chat export"
FORMAT_VERSION = 1
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
}

Users = Mapping[Id, User]


@dataclass(frozen=True)
class About:
    """What an export is. `exported_by`: a username; None for an operator with `bin/chat`.

    `kind`: "room", "person" or "all"; `of`: the id of that room or person, else empty. `account`:
    what is kept about that person (account.py).
    """

    name: str
    url: str
    version: str
    exported_at: datetime
    exported_by: str | None
    kind: str
    of: str = ""
    account: Mapping[str, Any] | None = None

    def show(self) -> dict[str, Any]:
        shown = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "chat": {"name": self.name, "url": self.url, "version": self.version},
            "exported_at": rfc3339(self.exported_at),
            "exported_by": self.exported_by,
            "scope": {"kind": self.kind, "id": self.of or None},
        }
        return shown | ({"account": self.account} if self.account else {})


def person(user: User) -> dict[str, Any]:
    status = user.about.status
    return {
        "id": str(user.id),
        "username": user.username,
        "display_name": user.display_name,
        "title": user.about.title,
        "status": {
            "emoji": status.emoji,
            "text": status.text,
            "until": _time(status.until),
        }
        if status
        else None,
        "time_zone": user.about.time_zone,
        "is_bot": user.is_bot,
        "is_active": user.is_active,
        "is_deleted": user.is_erased,
        "created_at": rfc3339(user.created_at),
    }


def room(found: Room, head_seq: int, users: Users) -> dict[str, Any]:
    """Return what a room is. `head_seq`: the last entry of its log that the export includes."""
    return {
        "id": str(found.id),
        "name": found.name,
        "topic": found.topic,
        "kind": found.kind,
        "created_at": rfc3339(found.created_at),
        "created_by": _username(found.created_by, users),
        "archived_at": _time(found.archived_at),
        "head_seq": head_seq,
    }


def member(membership: Membership, users: Users) -> dict[str, Any]:
    return {
        "username": _username(membership.user_id, users),
        "role": membership.role,
        "joined_at": rfc3339(membership.joined_at),
    }


def message(found: Message, users: Users, *, has_files: bool) -> dict[str, Any]:
    """Return a message that is not deleted. `has_files`: whether its pictures are exported."""
    reply = found.reply_to
    app = found.text.app
    return {
        "id": str(found.id),
        "seq": found.seq,
        "client_id": found.client_id,
        "author": None if app else found.author.username,
        "app": {"name": app.name, "icon": app.icon} if app else None,
        "sent_at": rfc3339(found.created_at),
        "edited_at": _time(found.edited_at),
        "pinned_at": _time(found.pinned_at),
        "body": found.text.body,
        "body_html": found.text.html,
        "reply_to": str(reply.id) if reply and not reply.deleted_at else None,
        "mentions": _usernames(found.mentions, users),
        "mentions_room": found.mentions_room,
        "reactions": {emoji: _usernames(ids, users) for emoji, ids in found.reactions},
        "images": [_image(each, has_file=has_files) for each in found.images],
    }


def line(found: RoomLine, users: Users) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "after_seq": found.seq,
        "kind": found.kind,
        "actor": _username(found.actor_id, users),
        "person": _username(found.user_id, users),
        "text": found.text,
        "earlier": found.earlier,
        "message": str(found.message_id) if found.message_id else None,
        "at": rfc3339(found.at),
    }


def file_of_image(image: Mapping[str, Any]) -> str:
    """Return the name of a picture's file in an export, by a message's reference to it."""
    return f"images/{image['id']}.{ENDINGS.get(image['content_type'], 'bin')}"


def people_in(found: Message) -> set[Id]:
    """Return the people whom a message's form names."""
    people = {found.author.id, *found.mentions}
    for _emoji, user_ids in found.reactions:
        people.update(user_ids)
    return people


def people_of_line(found: RoomLine) -> set[Id]:
    return {user_id for user_id in (found.actor_id, found.user_id) if user_id}


def _image(image: Mapping[str, Any], *, has_file: bool) -> dict[str, Any]:
    return {
        "id": image["id"],
        "file": file_of_image(image) if has_file else None,
        "content_type": image["content_type"],
        "width": image["width"],
        "height": image["height"],
        "bytes": image["bytes"],
        "alt": image["alt"],
    }


def _usernames(user_ids: list[Id], users: Users) -> list[str]:
    return [users[user_id].username for user_id in user_ids if user_id in users]


def _username(user_id: Id | None, users: Users) -> str | None:
    return users[user_id].username if user_id and user_id in users else None


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None

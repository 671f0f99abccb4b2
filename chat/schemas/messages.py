"""Define the views of messages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from marshmallow import fields

from chat.models.message import OpenMessage, Reply
from chat.models.message.editable import Version
from chat.models.message.paged import Page
from chat.schemas.base import View, show_next
from chat.schemas.fields import Moment, Next
from chat.schemas.images import ImageView, show_image_reference
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339

TAG_BYTES = 16  # bytes of a digest that has no known collisions


class ReplyView(View):
    id = fields.String(required=True)
    seq = fields.Integer(required=True)
    author = fields.Nested(UserView, required=True)
    excerpt = fields.String(
        required=True,
        metadata={"description": "its plain beginning; empty if it is deleted, or only a picture"},
    )
    deleted_at = Moment(required=True, allow_none=True)


class ReactionView(View):
    emoji = fields.String(required=True)
    user_ids = fields.List(fields.String(), required=True)


class MessageView(View):
    id = fields.String(required=True)
    room_id = fields.String(required=True)
    seq = fields.Integer(required=True, metadata={"description": "its place in the room's log"})
    client_id = fields.String(required=True)
    author = fields.Nested(UserView, required=True)
    body = fields.String(required=True)
    body_html = fields.String(required=True, metadata={"description": "safe to insert into a page"})
    images = fields.List(fields.Nested(ImageView), required=True)
    reply_to = fields.Nested(ReplyView, required=True, allow_none=True)
    mentions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "the ids of the people it mentions"},
    )
    mentions_room = fields.Boolean(
        required=True,
        metadata={"description": "whether it mentions everybody in the room, by @room"},
    )
    reactions = fields.List(fields.Nested(ReactionView), required=True)
    pinned_at = Moment(required=True, allow_none=True)
    version = fields.Integer(
        required=True,
        metadata={
            "description": "the seq of its last change; of two versions the greater is newer"
        },
    )
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)
    deleted_at = Moment(required=True, allow_none=True)


class PageView(View):
    messages = fields.List(fields.Nested(MessageView), required=True)
    head_seq = fields.Integer(required=True)
    has_before = fields.Boolean(required=True)
    has_after = fields.Boolean(required=True)


class MessagesView(View):
    messages = fields.List(fields.Nested(MessageView), required=True)
    next = Next("before")


class ChosenView(View):
    messages = fields.List(fields.Nested(MessageView), required=True)
    next = Next("ids")


class VersionView(View):
    body = fields.String(required=True)
    created_at = Moment(required=True)


class VersionsView(View):
    versions = fields.List(fields.Nested(VersionView), required=True)
    next = Next("after")


@lru_cache(1)
def show_message(message: OpenMessage) -> dict[str, Any]:
    """Return a MessageView. Callers must not change it, because it is shared.

    The response to the author is the same object as the broadcast just before.
    """
    return {
        "id": str(message.id),
        "room_id": str(message.room_id),
        "seq": message.seq,
        "client_id": message.client_id,
        "author": show_user(message.author),
        "body": message.text.body,
        "body_html": message.text.html,
        "images": [show_image_reference(image) for image in message.images],
        "reply_to": _show_reply(message.reply_to),
        "mentions": [str(user_id) for user_id in message.mentions],
        "mentions_room": message.mentions_room,
        "reactions": [
            {"emoji": emoji, "user_ids": [str(user_id) for user_id in user_ids]}
            for emoji, user_ids in message.reactions
        ],
        "pinned_at": _show_time(message.pinned_at),
        "version": message.version,
        "created_at": rfc3339(message.created_at),
        "edited_at": _show_time(message.edited_at),
        "deleted_at": _show_time(message.deleted_at),
    }


def message_json(message: OpenMessage) -> orjson.Fragment:
    """Return a MessageView as JSON, made once while the message is cached."""
    return orjson.Fragment(_json(message))


def tag_of_page(page: Page) -> str:
    """Return a tag that changes with anything on a page, without hashing all messages again."""
    around = f"{page.head_seq} {page.has_before} {page.has_after} ".encode()
    digests = [_digest(message) for message in page.messages]
    return hashlib.blake2b(around + b"".join(digests), digest_size=TAG_BYTES).hexdigest()


def _digest(message: OpenMessage) -> bytes:
    """Return a digest of a MessageView, made once while the message is cached."""
    digest: bytes | None = message.made.get(_digest)
    if digest is None:
        digest = hashlib.blake2b(_json(message), digest_size=TAG_BYTES).digest()
        message.made[_digest] = digest
    return digest


def size_of(message: OpenMessage) -> int:
    """Return the bytes of a message in a response."""
    return len(_json(message))


def _json(message: OpenMessage) -> bytes:
    written: bytes | None = message.made.get(_json)
    if written is None:
        written = orjson.dumps(show_message(message))
        message.made[_json] = written
    return written


def show_page(page: Page, show: Callable[[OpenMessage], Any] = show_message) -> dict[str, Any]:
    """Return a PageView; `show` makes each message."""
    return {
        "messages": [show(message) for message in page.messages],
        "head_seq": page.head_seq,
        "has_before": page.has_before,
        "has_after": page.has_after,
    }


def show_messages(
    messages: Sequence[OpenMessage],
    following: object = None,
    show: Callable[[OpenMessage], Any] = show_message,
) -> dict[str, Any]:
    """Return a MessagesView; `show` makes each message.

    `following`: the cursor of the next page.
    """
    return {
        "messages": [show(message) for message in messages],
        "next": show_next(following),
    }


def show_versions(versions: list[Version], following: int | None) -> dict[str, Any]:
    """Return a VersionsView; `following` is the cursor of the next page."""
    return {
        "versions": [_show_version(version) for version in versions],
        "next": show_next(following),
    }


def version_size(version: Version) -> int:
    """Return the bytes of a version in a response."""
    return len(orjson.dumps(_show_version(version)))


def _show_version(version: Version) -> dict[str, str]:
    return {"body": version.body, "created_at": rfc3339(version.created_at)}


def _show_reply(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {
        "id": str(reply.id),
        "seq": reply.seq,
        "author": show_user(reply.author),
        "excerpt": reply.excerpt,
        "deleted_at": _show_time(reply.deleted_at),
    }


def _show_time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None

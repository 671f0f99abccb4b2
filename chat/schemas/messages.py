"""Define the input and the views of messages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from chat import extensions
from chat.models.message import OpenMessage, Reply
from chat.models.message.changeable import Entry
from chat.models.message.editable import MOST_VERSIONS, Version
from chat.models.message.paged import LONGEST_PAGE, USUAL_PAGE, Page
from chat.models.message.place import Place
from chat.models.pins import MOST_PINS
from chat.schemas.base import Input, PlainInput, QueryInput, View
from chat.schemas.fields import Emoji, ListOf, Moment, ObjectIdString, StrictBoolean, StrictInteger
from chat.schemas.images import ImageView, show_kept_image
from chat.schemas.rooms import BIGGEST_SEQ
from chat.schemas.text_fields import CleanText, StrictString
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339

CATCH_UP_USUAL, CATCH_UP_MOST = 100, 500  # entries in one answer
MOST_IMAGES = 10  # in a message
TAG_BYTES = 16  # bytes of a digest for which nobody finds two texts
LONGEST_CLIENT_ID = 64
_CLIENT_ID = validate.Regexp(
    re.compile(r"[A-Za-z0-9_-]{1,64}\Z"), error="1 to 64 of A-Z, a-z, 0-9, _ and - are needed."
)


class Body(CleanText):
    """The body of a message: several lines, as long as MAX_MESSAGE_CHARS allows."""

    def __init__(self, **options: Any):
        super().__init__(0, 0, lines=True, **options)

    @property
    def longest(self) -> int:
        return extensions.settings().max_message_chars


class ClientId(StrictString):
    """The client's id of a message, before the chat has one for it."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_CLIENT_ID, validate=_CLIENT_ID, **options)

    @property
    def described(self) -> dict[str, Any]:
        lengths = {"minLength": 1, "maxLength": LONGEST_CLIENT_ID}
        return lengths | {"pattern": "^[A-Za-z0-9_-]{1,64}$"}


class MessageInput(PlainInput):
    client_id = ClientId(
        required=True,
        metadata={
            "description": "yours to choose, once per message: sent again it gives the first result"
        },
    )
    body = Body(load_default="", metadata={"description": "needed, unless there are images"})
    reply_to_id = ObjectIdString(
        load_default=None,
        allow_none=True,
        metadata={"description": "the message of the same room that this one answers"},
    )
    image_ids = ListOf(
        ObjectIdString(),
        0,
        MOST_IMAGES,
        load_default=list,
        error=f"At most {MOST_IMAGES} images fit a message.",
        error_messages={"invalid": "A list of ids is needed.", "null": "A list of ids is needed."},
    )

    def check(self, taken: dict[str, Any]) -> None:
        if not taken["body"] and not taken["image_ids"]:
            raise ValidationError("Write something first.", "body")
        if len(set(taken["image_ids"])) < len(taken["image_ids"]):
            raise ValidationError("Each image once.", "image_ids")


class SendInput(MessageInput):
    room_id = ObjectIdString(required=True)


class EditInput(Input):
    body = Body(
        required=True,
        metadata={"description": "what it says from now on; may be empty where there are images"},
    )


class MessageIdInput(Input):
    id = ObjectIdString(required=True)


class MessageEditInput(EditInput):
    id = ObjectIdString(required=True)


class ReactInput(Input):
    id = ObjectIdString(required=True)
    emoji = Emoji(required=True)
    on = StrictBoolean(required=True)


class PinInput(Input):
    id = ObjectIdString(required=True)
    on = StrictBoolean(required=True)


class ToggleInput(Input):
    """A form's reaction.

    The button says whether the emoji goes on or off, so that pressing it twice does no harm.
    """

    on = Emoji()
    off = Emoji()

    @validates_schema
    def _one(self, data: dict[str, str], **_: object) -> None:
        if len(data) != 1:
            raise ValidationError("One emoji is needed.", "on")


class PinnedInput(Input):
    on = fields.Boolean(required=True)


class PageQuery(QueryInput):
    before = StrictInteger(1, BIGGEST_SEQ, strict=False)
    after = StrictInteger(0, BIGGEST_SEQ, strict=False)
    around = StrictInteger(1, BIGGEST_SEQ, strict=False)
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)

    @validates_schema
    def _one_cursor(self, data: dict[str, int], **_: object) -> None:
        if sum(cursor in data for cursor in ("before", "after", "around")) > 1:
            raise ValidationError(
                "Only one of before, after and around can be asked for.", "before"
            )


class MentionsQuery(QueryInput):
    before = ObjectIdString(metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)


LONGEST_PLACE = 60  # characters: milliseconds, a hyphen, an id


class PlaceText(StrictString):
    """`next` of the page before, of a list in order of time."""

    @property
    def described(self) -> dict[str, Any]:
        pattern = "^[0-9]{1,15}-[0-9a-f]{24}$"
        return {"maxLength": self.most, "pattern": pattern, "format": "cursor"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        place = Place.parse(super()._deserialize(value, attr, data, **options))
        if place is None:
            raise ValidationError("`next` of the page before is needed.")
        return place


class PinsQuery(QueryInput):
    before = PlaceText(LONGEST_PLACE, metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, MOST_PINS, strict=False, load_default=MOST_PINS)


class VersionsQuery(QueryInput):
    after = StrictInteger(
        0,
        BIGGEST_SEQ,
        strict=False,
        load_default=0,
        metadata={"description": "`next` of the page before"},
    )
    limit = StrictInteger(1, MOST_VERSIONS, strict=False, load_default=MOST_VERSIONS)


class LogQuery(QueryInput):
    after = StrictInteger(0, BIGGEST_SEQ, strict=False, load_default=0)
    limit = StrictInteger(1, CATCH_UP_MOST, strict=False, load_default=CATCH_UP_USUAL)


class CatchUpInput(PlainInput):
    room_id = ObjectIdString(required=True)
    after = StrictInteger(0, BIGGEST_SEQ, required=True)
    limit = StrictInteger(1, CATCH_UP_MOST, load_default=CATCH_UP_USUAL)


class ReplyView(View):
    id = fields.String(required=True)
    seq = fields.Integer(required=True)
    author = fields.Nested(UserView, required=True)
    excerpt = fields.String(
        required=True,
        metadata={"description": "how it begins; empty when it was deleted, or is only a picture"},
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
    body_html = fields.String(required=True, metadata={"description": "safe to show as it is"})
    images = fields.List(fields.Nested(ImageView), required=True)
    reply_to = fields.Nested(ReplyView, required=True, allow_none=True)
    mentions = fields.List(
        fields.String(), required=True, metadata={"description": "the ids of whom it names"}
    )
    mentions_room = fields.Boolean(
        required=True, metadata={"description": "whether it names everybody in the room, by @room"}
    )
    reactions = fields.List(fields.Nested(ReactionView), required=True)
    pinned_at = Moment(required=True, allow_none=True)
    version = fields.Integer(
        required=True, metadata={"description": "the seq of its last change; keep the greater one"}
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
    next = fields.String(required=True, allow_none=True)


class VersionView(View):
    body = fields.String(required=True)
    created_at = Moment(required=True)


class VersionsView(View):
    versions = fields.List(fields.Nested(VersionView), required=True)
    next = fields.String(required=True, allow_none=True)


class EntryView(View):
    event = fields.String(required=True)
    room_id = fields.String(required=True)
    seq = fields.Integer(required=True)
    message = fields.Nested(MessageView, required=True)


class LogView(View):
    entries = fields.List(fields.Nested(EntryView), required=True)
    head_seq = fields.Integer(required=True)
    has_more = fields.Boolean(required=True)


@lru_cache(1)
def show_message(message: OpenMessage) -> dict[str, Any]:
    """Return a MessageView. Callers must not change it: it is shared.

    The response to the author is the very view that everybody received a moment before.
    """
    return {
        "id": str(message.id),
        "room_id": str(message.room_id),
        "seq": message.seq,
        "client_id": message.client_id,
        "author": show_user(message.author),
        "body": message.text.body,
        "body_html": message.text.html,
        "images": [show_kept_image(image) for image in message.images],
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
    """Return a tag that differs where anything on a page differs, without hashing all again."""
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
    """Return how many bytes a message takes in a response."""
    return len(_json(message))


def _json(message: OpenMessage) -> bytes:
    written: bytes | None = message.made.get(_json)
    if written is None:
        written = message.made[_json] = orjson.dumps(show_message(message))
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

    `following` is where the list goes on.
    """
    return {
        "messages": [show(message) for message in messages],
        "next": None if following is None else str(following),
    }


def show_versions(versions: list[Version], following: int | None) -> dict[str, Any]:
    """Return a VersionsView; `following` is where the list goes on."""
    return {
        "versions": [_show_version(version) for version in versions],
        "next": None if following is None else str(following),
    }


def version_size(version: Version) -> int:
    """Return how many bytes a version takes in a response."""
    return len(orjson.dumps(_show_version(version)))


def _show_version(version: Version) -> dict[str, str]:
    return {"body": version.body, "created_at": rfc3339(version.created_at)}


def show_entry(entry: Entry, show: Callable[[OpenMessage], Any] = show_message) -> dict[str, Any]:
    """Return an EntryView; `show` makes its message."""
    return {
        "event": entry.event,
        "room_id": str(entry.message.room_id),
        "seq": entry.seq,
        "message": show(entry.message),
    }


def show_log(entries: list[Entry], head_seq: int) -> dict[str, Any]:
    """Return a LogView of the requested entries."""
    return {
        "entries": [show_entry(entry, message_json) for entry in entries],
        "head_seq": head_seq,
        "has_more": bool(entries) and entries[-1].seq < head_seq,
    }


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

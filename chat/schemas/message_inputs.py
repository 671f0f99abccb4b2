"""Define the input about messages: what people send, and which messages they ask for."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from chat import extensions
from chat.models.message.editable import MOST_VERSIONS
from chat.models.message.paged import LONGEST_PAGE, USUAL_PAGE
from chat.models.message.place import Place
from chat.models.pins import MOST_PINS
from chat.schemas.base import Input, PlainInput, QueryInput
from chat.schemas.fields import (
    BIGGEST_SEQ,
    Emoji,
    FormBoolean,
    JoinedIds,
    ListOf,
    NumberCursor,
    ObjectIdString,
    StrictBoolean,
    StrictInteger,
)
from chat.schemas.text_fields import CleanText, StrictString
from chat.utils.sentences import N_, Later
from chat.utils.translation import _

MOST_IMAGES = 10  # in a message
MOST_CHOSEN = 100  # messages that are asked for by their ids
LONGEST_PLACE = 60  # characters: milliseconds, a hyphen, an id
LONGEST_CLIENT_ID = 64
_CLIENT_ID = validate.Regexp(
    re.compile(r"[A-Za-z0-9_-]{1,64}\Z"), error=N_("Use 1 to 64 of A-Z, a-z, 0-9, _ and -.")
)


class Body(CleanText):
    """The body of a message: several lines, as long as MAX_MESSAGE_CHARS allows."""

    def __init__(self, **options: Any):
        super().__init__(0, 0, lines=True, **options)

    @property
    def longest(self) -> int:
        return extensions.settings().max_message_chars


class ClientId(StrictString):
    """A client_id: the client's own name for a message."""

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
            "description": "chosen by you, once per message; repeated, it returns the first result"
        },
    )
    body = Body(load_default="", metadata={"description": "required unless there are images"})
    reply_to_id = ObjectIdString(
        load_default=None,
        allow_none=True,
        metadata={"description": "the message of the same room that this one replies to"},
    )
    image_ids = ListOf(
        ObjectIdString(),
        0,
        MOST_IMAGES,
        load_default=list,
        error=Later("Add at most {most} pictures to a message.", most=MOST_IMAGES),
    )

    def check(self, taken: dict[str, Any]) -> None:
        if not taken["body"] and not taken["image_ids"]:
            raise ValidationError(_("Write something first."), "body")
        if len(set(taken["image_ids"])) < len(taken["image_ids"]):
            raise ValidationError(_("Add each picture once."), "image_ids")


class SendInput(MessageInput):
    room_id = ObjectIdString(required=True)


class EditInput(Input):
    body = Body(
        required=True,
        metadata={"description": "the new text; may be empty if there are images"},
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
    """A form's reaction: the emoji to add, or the emoji to remove.

    The button sends one of the two fields, so that pressing it twice does no harm.
    """

    on = Emoji()
    off = Emoji()

    @validates_schema
    def _one(self, data: dict[str, str], **_options: object) -> None:
        if len(data) != 1:
            raise ValidationError(_("Use one emoji."), "on")


class PinnedInput(Input):
    on = FormBoolean(required=True)


class PageQuery(QueryInput):
    before = StrictInteger(1, BIGGEST_SEQ, strict=False)
    after = StrictInteger(0, BIGGEST_SEQ, strict=False)
    around = StrictInteger(1, BIGGEST_SEQ, strict=False)
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)

    @validates_schema
    def _one_cursor(self, data: dict[str, int], **_options: object) -> None:
        if sum(cursor in data for cursor in ("before", "after", "around")) > 1:
            raise ValidationError(_("Use only one of before, after and around."), "before")


class ChosenQuery(QueryInput):
    ids = JoinedIds(
        MOST_CHOSEN,
        required=True,
        metadata={"description": f"up to {MOST_CHOSEN} ids, with commas between them"},
    )


class MentionsQuery(QueryInput):
    before = ObjectIdString(metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)


class PlaceText(StrictString):
    """The `next` of the previous page, in a list in order of time."""

    @property
    def described(self) -> dict[str, Any]:
        pattern = "^[0-9]{1,15}-[0-9a-f]{24}$"
        return {"maxLength": self.most, "pattern": pattern, "format": "cursor"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        place = Place.parse(super()._deserialize(value, attr, data, **options))
        if place is None:
            raise ValidationError(_("Use `next` of the page before."))
        return place


class PinsQuery(QueryInput):
    before = PlaceText(LONGEST_PLACE, metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, MOST_PINS, strict=False, load_default=MOST_PINS)


class VersionsQuery(QueryInput):
    after = NumberCursor(
        0, BIGGEST_SEQ, load_default=0, metadata={"description": "`next` of the page before"}
    )
    limit = StrictInteger(1, MOST_VERSIONS, strict=False, load_default=MOST_VERSIONS)

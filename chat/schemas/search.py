"""Searching: what is accepted, what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields

from chat.models.message import Message
from chat.models.message.searchable import LARGEST_LIMIT, USUAL_LIMIT, Found
from chat.schemas.fields import IdText, Input, Text, View, Whole, Words
from chat.schemas.messages import MessageView, message_json

LONGEST_QUERY = 500
LONGEST_AUTHOR = 128  # characters: an id, or a username as it is typed
LONGEST_CURSOR = 50   # a time in milliseconds and an id


class SearchInput(Input):
    q = Text(0, LONGEST_QUERY, load_default="", metadata={
        "description": 'words, all of them, each also as a beginning; "a phrase"; from:bob in:harbour '
        "after:2026-01-31 before:2026-02-28 has:image"
    })
    room_id = IdText(metadata={"description": "only in this room"})
    author = Words(LONGEST_AUTHOR, data_key="from", metadata={"description": "only by this person: an id or a username"})
    before = Words(LONGEST_CURSOR, metadata={"description": "`next` of the page before"})
    limit = Whole(1, LARGEST_LIMIT, load_default=USUAL_LIMIT)


class SearchQuery(SearchInput):
    limit = Whole(1, LARGEST_LIMIT, strict=False, load_default=USUAL_LIMIT)


class ResultView(View):
    message = fields.Nested(MessageView, required=True)
    highlights = fields.List(
        fields.List(fields.Integer()), required=True,
        metadata={"description": "[from, to] in `body`, counted in characters (code points), in order and apart from each other"},
    )


class FoundView(View):
    results = fields.List(fields.Nested(ResultView), required=True, metadata={"description": "the newest first"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "to be given as `before`"})


def show_found(found: Found, show: Callable[[Message], Any] = message_json) -> dict[str, Any]:
    """A FoundView, each message by `show`."""
    return {
        "results": [{"message": show(hit.message), "highlights": [list(span) for span in hit.highlights]} for hit in found.hits],
        "next": str(found.next) if found.next else None,
    }

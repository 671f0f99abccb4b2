"""Define the input and the views of search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, tzinfo
from typing import Any

from marshmallow import ValidationError, fields

from chat.models.message import OpenMessage
from chat.models.search.message_search import LARGEST_LIMIT, USUAL_LIMIT, Found
from chat.schemas.base import QueryInput, View, show_next
from chat.schemas.fields import Next, ObjectIdString, StrictInteger
from chat.schemas.messages import MessageView, message_json
from chat.schemas.text_fields import CleanText, StrictString
from chat.utils.days import LONGEST_ZONE, zone_of
from chat.utils.translation import _

LONGEST_QUERY = 500
LONGEST_AUTHOR = 128  # characters: an id, or a username as typed
LONGEST_CURSOR = 50  # a time in milliseconds and an id


class Zone(StrictString):
    """A time zone: an IANA name or an offset; `otherwise` replaces an unknown one."""

    def __init__(self, *, otherwise: tzinfo | None = None, **options: Any):
        super().__init__(LONGEST_ZONE, **options)
        self._otherwise = otherwise

    @property
    def described(self) -> dict[str, Any]:
        return super().described | {"format": "time-zone"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        zone = zone_of(super()._deserialize(value, attr, data, **options)) or self._otherwise
        if zone is None:
            raise ValidationError(_("Write a time zone as Europe/Berlin or +02:00."))
        return zone


class SearchInput(QueryInput):
    q = CleanText(
        0,
        LONGEST_QUERY,
        load_default="",
        metadata={
            "description": (
                'all of these words, also as beginnings of words; "a phrase" with its punctuation; '
                "-without; "
                "from:bob in:harbour after:2026-01-31 before:2026-02-28 on:yesterday has:image"
            )
        },
    )
    zone = Zone(
        data_key="tz",
        load_default=UTC,
        metadata={
            "description": "the time zone of after:, before: and on:, such as `Europe/Berlin` or "
            "`+02:00`; the default is UTC"
        },
    )
    room_id = ObjectIdString(metadata={"description": "only in this room"})
    author = StrictString(
        LONGEST_AUTHOR,
        data_key="from",
        metadata={"description": "only by this person: an id or a username"},
    )
    before = StrictString(LONGEST_CURSOR, metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, LARGEST_LIMIT, load_default=USUAL_LIMIT)


class SearchQuery(SearchInput):
    limit = StrictInteger(1, LARGEST_LIMIT, strict=False, load_default=USUAL_LIMIT)


class ChosenDay(StrictString):
    """A day of a form's field."""

    def __init__(self, **options: Any):
        super().__init__(len("2026-11-29"), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("This must be a day, like 2026-11-29.")) from None


class SearchPageQuery(SearchQuery):
    """The query of the search page: a browser may know a zone that this machine does not."""

    zone = Zone(data_key="tz", load_default=UTC, otherwise=UTC)
    since = ChosenDay(load_default=None)
    until = ChosenDay(load_default=None)
    seen = StrictInteger(0, 10**6, strict=False, load_default=0)  # results on the pages before


class ResultView(View):
    message = fields.Nested(MessageView, required=True)
    highlights = fields.List(
        fields.List(fields.Integer()),
        required=True,
        metadata={
            "description": (
                "[from, to] in `body`, counted in characters (code points), in order and apart "
                "from each other"
            )
        },
    )


class FoundView(View):
    results = fields.List(
        fields.Nested(ResultView), required=True, metadata={"description": "the newest first"}
    )
    next = Next("before")
    notices = fields.List(
        fields.String(),
        metadata={
            "description": (
                "sentences for the person who searches, if there are any: names that nobody has, "
                "how the query was understood"
            )
        },
    )


def show_found(found: Found, show: Callable[[OpenMessage], Any] = message_json) -> dict[str, Any]:
    """Return a FoundView; `show` makes each message."""
    shown: dict[str, Any] = {
        "results": [
            {"message": show(hit.message), "highlights": [list(span) for span in hit.highlights]}
            for hit in found.hits
        ],
        "next": show_next(found.next),
    }
    if found.notices:
        shown["notices"] = list(found.notices)
    return shown

"""`/stream` and `/rooms/<id>/stream`: server-sent events, for programs without Socket.IO."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, g, request

from chat.controllers import budgets
from chat.controllers.streams import Event, Stream, StreamOfAll, StreamOfRoom
from chat.realtime.http.connections import STOP_COUNTING
from chat.routes.api.parsing import Blueprint
from chat.schemas.base import QueryInput
from chat.schemas.fields import BIGGEST_SEQ, LONGEST_NUMBER, StrictInteger
from chat.utils.errors import ValidationFailed
from chat.utils.translation import _

streams = Blueprint("streams", __name__, description="Events without Socket.IO")

TYPE = "text/event-stream"
RETRY = b"retry: 2000\n\n"  # milliseconds until a program asks anew
BEAT = b":\n\n"  # a comment, which programs ignore
ENTRY = 'id: 42\nevent: message:posted\ndata: {"seq": 42, "message": …}\n\n'
HELLO = 'event: hello\ndata: {"user": …, "rooms": …}\n\n'


def _described(example: str) -> dict[str, Any]:
    """Return OpenAPI's description of the answer.

    It has no schema: before 3.2, OpenAPI cannot tell whether that would be of the whole answer, or
    of one event.
    """
    return {
        "200": {"description": "Events, without an end", "content": {TYPE: {"example": example}}}
    }


class StreamQuery(QueryInput):
    after = StrictInteger(
        0,
        BIGGEST_SEQ,
        strict=False,
        load_default=None,
        metadata={"description": "the last seq that you have; without it: what comes from now on"},
    )


@streams.get("/rooms/<id:room_id>/stream", name="followRoom", scope="read")
@streams.arguments(StreamQuery, location="query")
@streams.doc(responses=_described(ENTRY))
def follow_room(query: dict[str, Any], room_id: str) -> Response:
    """Follow a room's log: every entry after a seq, in order and without gaps

    As server-sent events: `event` is the entry's, `id` its seq, `data` the entry. A program that
    was interrupted sends the last id as `Last-Event-ID`, as every EventSource does. The answer ends
    when you leave the room, or your session ends.
    """
    after = _last_event_id() if "Last-Event-ID" in request.headers else query["after"]
    stream = StreamOfRoom(g.person, g.session, request.remote_addr or "")
    return _answer(stream, lambda: stream.begin(room_id, after))


@streams.get("/stream", name="followAll", scope="read")
@streams.doc(responses=_described(HELLO))
def follow_all() -> Response:
    """Follow all your rooms, as a socket does

    As server-sent events: `hello` first, with the heads of your rooms, then what a socket receives.
    Catch up with `GET /rooms/<id>/log` where a head is beyond what you have.
    """
    stream = StreamOfAll(g.person, g.session, request.remote_addr or "")
    return _answer(stream, stream.begin)


def _answer(stream: Stream, begin: Any) -> Response:
    try:
        begin()
    except BaseException:
        stream.close()
        raise
    if stop_counting := request.environ.get(STOP_COUNTING):
        stop_counting()  # the stream counts by its person, and among the sockets
    answer = Response(_written(stream), mimetype=TYPE)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"  # nginx passes each event on at once
    answer.call_on_close(stream.close)
    return answer


def _written(stream: Stream) -> Iterator[bytes]:
    yield RETRY
    for event in stream:
        written = BEAT if event is None else _as_text(event)
        budgets.charge_afterwards("bytes answered", stream.person.answerable_id, len(written))
        yield written


def _as_text(event: Event) -> bytes:
    number = b"id: %d\n" % event.seq if event.seq else b""
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.name.encode(), event.payload)


def _last_event_id() -> int:
    text = request.headers["Last-Event-ID"]
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    if not is_number or int(text) > BIGGEST_SEQ:
        raise ValidationFailed(_("Last-Event-ID is the id of an event: a number."))
    return int(text)

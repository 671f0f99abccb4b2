"""Limit the cost of responses: a person's concurrent requests, and their bytes a minute.

Responses are sent in pieces. While a client reads slowly, its connection holds only the unread rest
of the response. Lists end at a megabyte, so this rest is never larger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial

from flask import Flask, Response, g, request

from chat import extensions
from chat.controllers import budgets
from chat.routes import deadlines
from chat.routes.uploads import PICTURES_IN
from chat.utils.turns import Turns

PIECE_BYTES = 65_536
# Endpoints that answer with a picture have turns of their own: browsers request six pictures at
# once, and each takes long over a slow connection.
PICTURES_OUT = frozenset({"images.show", "images.show_thumbnail", "users.show_avatar"})
# Uploads may take long and have small responses; the streams of a person are counted apart.
UNTIMED = {*PICTURES_IN, "streams.follow_room", "streams.follow_all"}
_answers = Turns(4, waiting=32, seconds=5.0)
_pictures = Turns(6, waiting=100, seconds=30.0)


def set_up(app: Flask) -> None:
    app.after_request(_send)
    app.teardown_request(lambda _: _end_turn())


def take_turn() -> None:
    """Wait until few enough requests of `g.person`, bots included, are running.

    Raises RateLimited, also when the person received too many bytes lately. Runs before every
    request that needs a person.
    """
    if not extensions.settings().rate_limits or request.endpoint in UNTIMED:
        return
    budgets.require(_budget(), g.person.answerable_id)
    turns = _pictures if request.endpoint in PICTURES_OUT else _answers
    waited = turns.take(g.person.answerable_id)
    g.end_turn = partial(turns.give_back, g.person.answerable_id)
    if waited:
        deadlines.begin()


def _budget() -> str:
    return "picture bytes" if request.endpoint in PICTURES_OUT else "bytes answered"


def _send(response: Response) -> Response:
    person = g.get("person")
    size = response.content_length or 0
    if not size and not response.is_streamed:  # the length of a stream is known at its end
        size = response.calculate_content_length() or 0
    if person and request.method != "HEAD":
        budgets.charge_afterwards(_budget(), person.answerable_id, size)
    if size > PIECE_BYTES and not response.is_streamed and not response.direct_passthrough:
        response.content_length = size
        response.response = _in_pieces(response.get_data())
    if end_turn := g.pop("end_turn", None):
        response.call_on_close(end_turn)  # when all is sent, or the client is gone
    return response


def _end_turn() -> None:
    """End the turn of a request that failed before it had a response."""
    if end_turn := g.pop("end_turn", None):
        end_turn()


def _in_pieces(content: bytes) -> Iterator[bytes]:
    """Return an iterator over `content` that holds only the unsent rest."""
    pieces = deque(
        content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)
    )

    def left() -> Iterator[bytes]:
        while pieces:
            yield pieces.popleft()

    return left()

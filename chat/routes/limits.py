"""How often somebody may do something, and how much they may send at once: two tables."""

from __future__ import annotations

from typing import IO

from flask import Flask, request
from limits import RateLimitItem, parse

from chat import extensions
from chat.utils.counting import Counting
from chat.utils.errors import RateLimited

# deed: limits, each counted for whoever is named when the deed is done
LIMITS: dict[str, RateLimitItem] = {
    "register": parse("60 per hour"),          # a network: offices share one
    "change password": parse("10 per minute"),  # a session: a stolen one guesses slowly
    "send": parse("1000 per minute"),          # a person: far above anybody's typing
    "write": parse("600 per minute"),          # a person
    "search": parse("120 per minute"),         # a person: a page of results costs as much as many pages of history
}

# Requests that carry pictures: endpoint, how many. All others are bounded by MAX_CONTENT_LENGTH.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1, "me.change_avatar": 1, "pages.rooms.post_message": 10, "pages.account.change_avatar": 1,
}
FORM = 65_536  # bytes of such a request beside its pictures

_counting: list[Counting] = []


class PoliteStream:
    """The body of a large request. On a fast line there is always more to read: let others in between."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        extensions.socketio.sleep(0)
        return self._stream.read(size)


def set_up(app: Flask) -> None:
    _counting[:] = [Counting(extensions.settings().redis_url)]

    @app.before_request
    def _allow_pictures() -> None:
        if pictures := PICTURES_IN.get(request.endpoint or ""):
            request.max_content_length = pictures * extensions.settings().max_image_bytes + FORM
            request.environ["wsgi.input"] = PoliteStream(request.environ["wsgi.input"])


def count(deed: str, who: object) -> None:
    """Counts the deed for `who`. Raises RateLimited, with the seconds to wait, when it was done too often."""
    if not extensions.settings().rate_limits:
        return
    if seconds := _counting[0].seconds_to_wait(LIMITS[deed], deed, str(who)):
        raise RateLimited(retry_after=seconds)

"""How often somebody may do something, and how much they may send at once: two tables."""

from __future__ import annotations

from flask import Flask
from limits import RateLimitItem, parse

from chat import extensions
from chat.utils.counting import Counting
from chat.utils.errors import RateLimited

# deed: limits, each counted for whoever is named when the deed is done
LIMITS: dict[str, RateLimitItem] = {
    "register": parse("60 per hour"),          # an address: offices share one
    "log in from": parse("120 per minute"),    # an address
    "log in as": parse("10 per minute"),       # a username: guessing is slow whoever guesses
    "send": parse("1000 per minute"),          # a person: far above anybody's typing
    "write": parse("600 per minute"),          # a person
    "search": parse("120 per minute"),         # a person: a page of results costs as much as many pages of history
}

# Requests that carry pictures: endpoint, how many (uploads.py). All others are bounded by MAX_CONTENT_LENGTH.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1, "me.change_avatar": 1, "pages.rooms.post_message": 10, "pages.account.change_avatar": 1,
}

_counting: list[Counting] = []


def set_up(_: Flask) -> None:
    _counting[:] = [Counting(extensions.settings().redis_url)]


def count(deed: str, who: object) -> None:
    """Counts the deed for `who`. Raises RateLimited, with the seconds to wait, when it was done too often."""
    if not extensions.settings().rate_limits:
        return
    if seconds := _counting[0].seconds_to_wait(LIMITS[deed], deed, str(who)):
        raise RateLimited(retry_after=seconds)

"""Ranges of names, of people or public rooms, that hold few of them each.

The embedded database reads a whole range before it applies a limit, so that the first 50 would cost
as much as all of them. So a range ends at a fence: one of some names, STEP apart. A job reads the
fences. They may be old: then a range holds more or fewer names, and none is missed.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from chat.models.database import Record, database
from chat.utils.time_slices import in_time_slices

STEP = 100  # names
CROWD = 2  # fences: a name that so many share has a range of its own
LASTS = 600  # seconds
END = "\U0010ffff"  # no name that people have begins with it
AT_A_TIME = 100


class Fences:
    """Some values of a field of a collection, in order, as this process read them last.

    `field`: of a text, or of a list of texts. `only`: the records that count.
    """

    def __init__(self, collection: str, field: str, only: Record | None = None):
        self._collection, self._field, self._only = collection, field, only or {}
        self._fences: list[str] = []
        self._read_at: float | None = None

    def ranges(self, low: str, high: str) -> Iterator[tuple[str, str]]:
        """Yield the ends of ranges that together reach from `low` to below `high`.

        Each holds twice as many names as the one before: few are enough where many fit. A name
        that a crowd shares has a range of its own, which ends at `after` it.
        """
        wide = 1
        while low < high:
            place = bisect_right(self._fences, low) + wide - 1
            end = min(self._fences[place], high) if place < len(self._fences) else high
            if self.count(low, after(low)) >= CROWD:
                end = after(low)
            yield low, end
            low, wide = end, wide * 2

    def count(self, low: str, high: str) -> int:
        """Return about how many names are from `low` to below `high`, in units of STEP."""
        return bisect_left(self._fences, high) - bisect_left(self._fences, low)

    def refresh(self) -> None:
        """Read the names again if that was LASTS ago."""
        moment = time.monotonic()
        if self._read_at is not None and moment < self._read_at + LASTS:
            return
        records = database[self._collection].find(self._only, {self._field: 1})
        names: list[str] = []
        for record in in_time_slices(records, AT_A_TIME):
            names += _texts_of(record.get(self._field))
        self._fences, self._read_at = sorted(names)[STEP::STEP], moment


of_keys, of_usernames = Fences("users", "name_keys"), Fences("users", "username_key")
of_public_rooms = Fences("rooms", "name_key", {"shelf": "public"})


def refresh() -> None:
    """Read again where the ranges of names end, every LASTS."""
    for fences in (of_keys, of_usernames, of_public_rooms):
        fences.refresh()


def after(name: str) -> str:
    """Return the text that comes next in order."""
    return name + "\0"


def people_between(low: str, high: str) -> Iterator[Record]:
    """Yield people with a key of their names that is at least `low`, and below `high`.

    SecantusDB uses its index only for a condition without `$elemMatch`, and then for both ends;
    MongoDB only with `$elemMatch`. Without it each end may hold for another key.
    """
    if high == after(low):
        yield from people_with(low)
        return
    ends = {"$gte": low, "$lt": high}
    yield from _found({"name_keys": ends if database.is_secantus else {"$elemMatch": ends}})


def people_with(key: str) -> Iterator[Record]:
    """Yield people with this key of their names; of a crowd, in the order of usernames."""
    if of_keys.count(key, after(key)) < CROWD:
        yield from _found({"name_keys": key})
        return
    for low, high in of_usernames.ranges("", END):
        yield from _found({"name_keys": key, "username_key": {"$gte": low, "$lt": high}})


def people_by_username() -> Iterator[Record]:
    """Yield everybody, about in the order of usernames: one range of them after the other."""
    for low, high in of_usernames.ranges("", END):
        yield from _found({"username_key": {"$gte": low, "$lt": high}})


def public_rooms(low: str, high: str) -> Iterator[Record]:
    """Yield public rooms with a key from `low` to below `high`, in order."""
    for begin, end in of_public_rooms.ranges(low, high):
        query = {"shelf": "public", "name_key": {"$gte": begin, "$lt": end}}
        yield from database["rooms"].find(query).sort("name_key")


def _found(query: Record) -> Iterator[Record]:
    with database["users"].find(query) as records:
        yield from in_time_slices(records, AT_A_TIME)


def _texts_of(value: object) -> Iterable[str]:
    """Return the texts of a field: one, or those of a list; none of a damaged record."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []

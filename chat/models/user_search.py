"""Find people by their names: the username, the display name, or a word of the display name.

Some lists find them by their titles, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from chat.models import title_index
from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.name_ranges import (
    END,
    of_keys,
    people_between,
    people_by_username,
    people_with,
)
from chat.models.title_index import candidates
from chat.models.user import User
from chat.utils.folding import fold_name
from chat.utils.name_keys import beginnings_of, keys_of
from chat.utils.time_slices import in_time_slices
from chat.utils.words import LONGEST_PREFIX

LONGEST_LIST = 50
MOST_WORDS = 8  # of those that somebody typed, by which titles are looked for
AT_A_TIME = 100
BEHIND_NAMES = "\U0010ffff"  # above every name key


def people_starting_with(
    beginning: str, is_wanted: Callable[[User], bool] = lambda _: True
) -> list[User]:
    """Return the wanted people by the beginning of a name, sorted by username.

    Return at most LONGEST_LIST people. If there are several words, a person must match all of them.
    Whoever has the words as they are is not left out for others whose names go on.
    """
    words = beginnings_of(beginning)
    called = _first(_called(words), is_wanted, LONGEST_LIST)
    ids = {user.id for user in called}
    longer = _first(_beginning_with(words), is_wanted, LONGEST_LIST * 2)
    others = [user for user in longer if user.id not in ids]
    people = called + sorted(others, key=_by_username)[: LONGEST_LIST - len(called)]
    return sorted(people, key=_by_username)


def people_found(beginning: str, is_wanted: Callable[[User], bool] = lambda _: True) -> list[User]:
    """Return the wanted people by the beginnings of names, then those by their titles.

    Each word of `beginning` begins a word of a name or of the title. At most LONGEST_LIST people.
    """
    named = people_starting_with(beginning, is_wanted)
    titled = {
        user.id: user
        for query in _by_title(beginning)
        for user in _first(_fitting(query, beginning), is_wanted, LONGEST_LIST)
    }
    for user in named:
        titled.pop(user.id, None)
    found = [*named, *sorted(titled.values(), key=_by_username)][:LONGEST_LIST]
    # Whoever shows these people shows their titles, too.
    title_index.load_keys(user.id for user in found if user.about.sealed_title)
    return found


def people_called(name: str) -> list[User]:
    """Return everybody with this display name or username, by base letters."""
    wanted = fold_name(name)
    if not wanted:
        return []
    return [
        user
        for user in readable("users", _called(beginnings_of(name)), User.from_record)
        if wanted in (fold_name(user.username), fold_name(user.display_name))
    ]


def known_names(names: set[str]) -> set[str]:
    """Return the names among `names` that are somebody's display name or username.

    Names are compared by their base letters.
    """
    keys = {beginnings_of(name)[0] for name in names} - {""}
    shown = {"username": 1, "display_name": 1}
    records = database["users"].find({"name_keys": {"$in": sorted(keys)}}, shown)
    theirs = {
        fold_name(record[kind]) for record in records for kind in ("username", "display_name")
    }
    return {name for name in names if fold_name(name) in theirs}


def found_among(
    beginning: str, people: Callable[[], Iterable[Id]], count: int
) -> list[tuple[str, Id]]:
    """Return (place, id) of those among `count` people with such a name or title, in this order.

    People are in the order of the name that begins so; behind them are those found by their titles.
    Reads about `count` records for each word at most, however many people the chat has. If fewer
    people of the whole chat have such a name, it may return those who are not among `people`.
    """
    words = beginnings_of(beginning)
    places = {
        record["_id"]: min(name for name in record["name_keys"] if name.startswith(words[0]))
        for record in _among(
            _beginning_with(words), lambda record: _is_called(record, words), people, count
        )
    }
    for query in _by_title(beginning):
        for record in _among(
            in_time_slices(database["users"].find(query), AT_A_TIME),
            lambda record: _fits(record, beginning),
            people,
            count,
        ):
            places.setdefault(record["_id"], BEHIND_NAMES + min(record["name_keys"]))
    return sorted((place, user_id) for user_id, place in places.items())


def _among(
    found: Iterator[Record],
    fits: Callable[[Record], bool],
    people: Callable[[], Iterable[Id]],
    count: int,
) -> Iterator[Record]:
    """Yield those who fit: of whom was found or, if those are more than `count`, of `people`."""
    records = list(islice(found, count + 1))
    if len(records) > count:
        fields = ("name_keys", "title", title_index.FIELD)
        records = database.find_by_ids("users", people(), *fields)
    return filter(fits, in_time_slices(records, AT_A_TIME))


def _by_title(beginning: str) -> Iterator[Record]:
    """Yield a query for each word: for people whose title may have it. `_fits` sees to the others.

    SecantusDB uses the index of an equality alone, not of one among other conditions.
    """
    words = beginnings_of(beginning)
    if len(words) <= MOST_WORDS:
        yield from map(candidates, filter(None, words))


def _fits(record: Record, beginning: str) -> bool:
    """Return whether each word begins a word of the names or of the title of a candidate."""
    others = [word for word in beginnings_of(beginning) if not _is_called(record, [word])]
    if not all(title_index.may_have(record, word) for word in others):
        return False
    if all(len(word) <= LONGEST_PREFIX for word in others):
        return True
    keys = keys_of(title_index.title_of(record))
    return all(any(key.startswith(word) for key in keys) for word in others)


def _fitting(query: Record, beginning: str) -> Iterator[Record]:
    with database["users"].find(query) as records:
        for record in in_time_slices(records, AT_A_TIME):
            if _fits(record, beginning):
                yield record


def _is_called(record: Record, words: list[str]) -> bool:
    """Return whether each word begins a word of the names of somebody."""
    return all(any(key.startswith(word) for key in record["name_keys"]) for word in words)


def _called(words: list[str]) -> Iterator[Record]:
    """Yield everybody whose names have these words."""
    for record in people_with(_rarest(words)):
        if all(word in record["name_keys"] for word in words):
            yield record


def _beginning_with(words: list[str]) -> Iterator[Record]:
    """Yield everybody whose names have words that begin so."""
    rarest = _rarest(words)
    if not rarest:
        yield from people_by_username()
        return
    seen: set[Id] = set()
    for low, high in of_keys.ranges(rarest, rarest + END):
        for record in people_between(low, high):
            if record["_id"] not in seen and _is_called(record, words):
                seen.add(record["_id"])
                yield record


def _rarest(words: list[str]) -> str:
    """Return the word with which the fewest names begin, as far as is known."""
    return min(words, key=lambda word: (of_keys.count(word, word + END), -len(word)))


def _first(records: Iterator[Record], is_wanted: Callable[[User], bool], most: int) -> list[User]:
    """Return the first people who are wanted."""
    people = readable("users", records, User.from_record)
    return list(islice(filter(is_wanted, people), most))


def _by_username(user: User) -> str:
    return user.username.casefold()

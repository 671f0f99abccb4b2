"""Find people by their names: the username, the display name, or a word of the display name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.user import User
from chat.utils.chunks import chunks_of
from chat.utils.folding import fold_name
from chat.utils.name_keys import beginnings_of
from chat.utils.time_slices import in_time_slices

LONGEST_LIST = 50
AT_A_TIME = 100


def people_starting_with(
    beginning: str, is_wanted: Callable[[User], bool] = lambda _: True
) -> list[User]:
    """Return the wanted people by the beginning of a name, sorted by username.

    Return at most LONGEST_LIST people. If there are several words, a person must match all of them.
    Whoever has the words as they are is not left out for others whose names go on.
    """
    same = {"name_keys": {"$all": beginnings_of(beginning)}}
    called = _first(same, is_wanted, LONGEST_LIST)
    ids = {user.id for user in called}
    longer = _first(_with_keys(beginning), is_wanted, LONGEST_LIST * 2)
    others = [user for user in longer if user.id not in ids]
    people = called + sorted(others, key=_by_username)[: LONGEST_LIST - len(called)]
    return sorted(people, key=_by_username)


def people_called(name: str) -> list[User]:
    """Return everybody with this display name or username, by base letters."""
    wanted = fold_name(name)
    if not wanted:
        return []
    return [
        User.from_record(record)
        for record in in_time_slices(
            database["users"].find({"name_keys": {"$all": beginnings_of(name)}}), AT_A_TIME
        )
        if wanted in (fold_name(record["username"]), fold_name(record["display_name"]))
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


def names_among(
    beginning: str, people: Callable[[], Iterable[Id]], count: int
) -> list[tuple[str, Id]]:
    """Return (name, id) of those among `count` people whose name has this beginning, by name.

    Reads about `count` records at most, however many people the chat has. If fewer people of the
    whole chat have such a name, it may return those who are not among `people`.
    """
    query = _with_keys(beginning)
    fields = {"name_keys": 1}
    records = database["users"].find(query, fields).limit(count + 1).to_list()
    if len(records) > count:
        records = [
            record
            for chunk in chunks_of(people(), AT_A_TIME)
            for record in database["users"]
            .find({"_id": {"$in": chunk}} | query, fields)
            .hint([("_id", 1)])
        ]
    first = beginnings_of(beginning)[0]
    return sorted(
        (min(name for name in record["name_keys"] if name.startswith(first)), record["_id"])
        for record in in_time_slices(records, AT_A_TIME)
    )


def _first(query: Record, is_wanted: Callable[[User], bool], most: int) -> list[User]:
    with database["users"].find(query) as records:
        people = (User.from_record(record) for record in in_time_slices(records, AT_A_TIME))
        return list(islice(filter(is_wanted, people), most))


def _by_username(user: User) -> str:
    return user.username.casefold()


def _with_keys(beginning: str) -> Record:
    """Return a query for people with a name key for each word, of which it is the beginning."""
    return {
        "$and": [
            {"name_keys": {"$elemMatch": {"$gte": word, "$lt": word + "\U0010ffff"}}}
            for word in sorted(beginnings_of(beginning), key=len, reverse=True)
        ]
    }

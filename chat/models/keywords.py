"""Keywords: words of a person that call them wherever they are read in a room.

They match as whole words, by their base letters, as the words of a search do; in scripts without
spaces they match inside a text. The database has them sealed under their person's key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from chat.models import personal
from chat.models.database import database, seconds_left
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.search.body import Body, words_of
from chat.models.search.phrase import Phrase, phrase_of
from chat.models.search.query_parts import Part
from chat.utils.chunks import chunks_of
from chat.utils.time_slices import in_time_slices
from chat.utils.ttl_cache import TtlCache

FIELD = "keywords"  # of a record in `users`
MOST = 20
SHORTEST = 2  # characters
LONGEST = 40
STEP = 256  # bytes; keywords are padded to a multiple of it before they are sealed
CHUNK = 100  # people whose keys one query reads
SECONDS = 60.0  # for which this process knows everybody's keywords, if a notice is lost

Phrases = tuple[Phrase, ...]

_of_everybody: TtlCache[str, dict[Id, Phrases]] = TtlCache(1, SECONDS, seconds_left)


def seal(user_id: Id, keywords: list[str]) -> bytes | None:
    """Seal a person's keywords. Return None for none of them."""
    if not keywords:
        return None
    return personal.seal(user_id, FIELD, keywords, STEP)


def unseal(user_id: Id, sealed: bytes | None) -> tuple[str, ...]:
    """Return a person's keywords; none if they cannot be opened."""
    return tuple(personal.unseal(user_id, FIELD, sealed) or ())


def phrase(keyword: str) -> Phrase | None:
    """Return what a keyword matches; None if it has no letter, digit or emoji."""
    return phrase_of(Part(keyword), is_open=False)


def phrases(keywords: Iterable[str]) -> Phrases:
    return tuple(filter(None, map(phrase, keywords)))


def of_everybody() -> Mapping[Id, Phrases]:
    """Return what the keywords match of everybody who has some."""
    return _of_everybody.get_or_load("", _read) or {}


def forget() -> None:
    """Drop what this process knows: somebody changed their keywords."""
    _of_everybody.clear()


def who_finds(text: str, wanted: Mapping[Id, Phrases]) -> frozenset[Id]:
    """Return the people of `wanted` of whose phrases a text has one.

    Other greenlets run meanwhile.
    """
    people: dict[Phrase, set[Id]] = defaultdict(set)
    for user_id, each in wanted.items():
        for one in each:
            people[one].add(user_id)
    if not people:
        return frozenset()
    body = Body.of(text, words_of(people), in_time_slices)
    found: set[Id] = set()
    for one in in_time_slices(people):
        if body.places_of(one) or body.wholes_of(one):
            found |= people[one]
    return frozenset(found)


def _read() -> dict[Id, Phrases]:
    records = list(database["users"].find({"has_keywords": True}, {"keywords": 1}))
    for chunk in chunks_of([record["_id"] for record in records], CHUNK):
        key_ring.load(chunk)
    return {record["_id"]: phrases(unseal(record["_id"], record["keywords"])) for record in records}

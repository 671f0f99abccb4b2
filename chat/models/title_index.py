"""Find people by their titles, which the database has sealed: by keyed hashes of beginnings.

`title_tokens` of a person's record has a token of each beginning of each word of the title. Whoever
has the database alone learns which people's tokens are equal, and no word. Candidates are opened
and compared, so a token need not be of a whole word.
"""

from __future__ import annotations

from collections.abc import Iterable

from bson import Binary
from pymongo import UpdateOne

from chat.models import personal
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.own_ids import TITLES_ID
from chat.utils.chunks import chunks_of
from chat.utils.encryption import fingerprint
from chat.utils.name_keys import keys_of
from chat.utils.words import LONGEST_PREFIX, SHORTEST_PREFIX
from chat.utils.words.units import units_of

# The version of these rules, which follow those of name_keys.py. Increment it with every change of
# either, so that everybody's tokens are computed again.
VERSION = 1
FIELD = "title_tokens"  # of a record in `users`
TOKEN_BYTES = 8
AT_A_TIME = 100  # people


def tokens_of(title: str) -> list[Binary]:
    """Return the tokens of a title to store, none for an empty one."""
    return sorted(map(_token, beginnings_in(title)))


def beginnings_in(title: str) -> set[str]:
    """Return what people may type to find a title, at most LONGEST_PREFIX letters of it."""
    return {beginning for key in keys_of(title) for beginning in _beginnings_of(key)}


def candidates(word: str) -> Record:
    """Return a query for everybody whose title may have a word that begins so."""
    return {FIELD: _token(word[:LONGEST_PREFIX])}


def may_have(record: Record, word: str) -> bool:
    """Return whether the title in somebody's record may have a word that begins so."""
    return bytes(_token(word[:LONGEST_PREFIX])) in record.get(FIELD, ())


def index_all() -> None:
    """Give everybody's record the tokens of their title. Idempotent."""
    titled = list(database["users"].find({"title": {"$ne": None}}, {"title": 1}))
    for chunk in chunks_of(titled, AT_A_TIME):
        key_ring.load([record["_id"] for record in chunk])
        database["users"].bulk_write([*map(_update, chunk)], ordered=False)


def load_keys(user_ids: Iterable[Id]) -> None:
    """Read in one query the keys with which the titles of these people open."""
    for chunk in chunks_of(user_ids, AT_A_TIME):
        key_ring.load(chunk)


def title_of(record: Record) -> str:
    """Return the title in somebody's record; an empty text if there is none, or it is damaged."""
    return personal.unseal(record["_id"], "title", record.get("title")) or ""


def _update(record: Record) -> UpdateOne:
    same = {"_id": record["_id"], "title": record["title"]}  # somebody may change it meanwhile
    return UpdateOne(same, {"$set": {FIELD: tokens_of(title_of(record))}})


def _beginnings_of(key: str) -> Iterable[str]:
    """Return the beginnings of a word by which it is found: of three letters on, or all of it.

    A script without spaces is found by each of its signs.
    """
    first = next(units_of(key), None)
    shortest = SHORTEST_PREFIX if first and first.is_word else 1
    return {key[:length] for length in range(min(shortest, len(key)), LONGEST_PREFIX + 1)}


def _token(beginning: str) -> Binary:
    index = key_ring.made(TITLES_ID).index
    return Binary(fingerprint(index, "title", beginning)[:TOKEN_BYTES])

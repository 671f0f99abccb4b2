"""Blocks: a person blocks another person from whom they do not want to hear."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from chat.models.database import database, seconds_left
from chat.models.document import Id, new_id
from chat.utils.clock import now
from chat.utils.errors import Conflict
from chat.utils.translation import _
from chat.utils.ttl_cache import TtlCache

MOST_BLOCKED = 500  # people that one person may block, so that their list fits on one page
MOST_CACHED = 50_000


def block(user_id: Id, blocked_id: Id) -> None:
    """Let `user_id` block `blocked_id`. Idempotent. Raises Conflict beyond MOST_BLOCKED."""
    if not is_blocked(user_id, blocked_id) and len(blocked_by(user_id)) >= MOST_BLOCKED:
        raise Conflict(
            _(
                "You can block at most {most} people. Unblock someone first.",
                most=MOST_BLOCKED,
            )
        )
    record = {"_id": new_id(), "user_id": user_id, "blocked_id": blocked_id, "at": now()}
    with contextlib.suppress(DuplicateKeyError):
        database["blocks"].insert_one(record)
    forget(user_id, blocked_id)


def unblock(user_id: Id, blocked_id: Id) -> None:
    """Undo a block. Idempotent."""
    database["blocks"].delete_one({"user_id": user_id, "blocked_id": blocked_id})
    forget(user_id, blocked_id)


def is_blocked(by: Id, user_id: Id) -> bool:
    """Return whether `by` blocks `user_id`."""
    pair = {"user_id": by, "blocked_id": user_id}
    known = _cache.get_or_load(
        (by, user_id), lambda: database["blocks"].find_one(pair, {"_id": 1}) is not None
    )
    return bool(known)


def is_blocked_by_any(people: Iterable[Id], user_id: Id) -> bool:
    """Return whether any of `people`, who must be few, blocks `user_id`."""
    return any(is_blocked(by, user_id) for by in people)


def blocked_by(user_id: Id) -> list[Id]:
    """Return the people whom `user_id` blocks, the latest block first."""
    records = database["blocks"].find({"user_id": user_id}, {"blocked_id": 1, "at": 1})
    latest_first = sorted(records, key=lambda record: record["at"], reverse=True)
    return [record["blocked_id"] for record in latest_first]


def blocked_among(user_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return the people among `others`, at most a page of them, whom `user_id` blocks."""
    query = {"user_id": user_id, "blocked_id": {"$in": list(others)}}
    return {record["blocked_id"] for record in database["blocks"].find(query, {"blocked_id": 1})}


def blocking_among(people: Iterable[Id], user_id: Id) -> set[Id]:
    """Return those of `people` who block `user_id`. One query reads all that are not cached."""
    keys = [(by, user_id) for by in people]
    found = _cache.get_or_load_many(keys, _read_many)
    return {by for (by, _), blocks in found.items() if blocks}


def blocking_any_among(people: Iterable[Id], others: Iterable[Id]) -> set[Id]:
    """Return those of `people` who block any of `others`, who must be few."""
    asked = list(people)
    return {by for user_id in others for by in blocking_among(asked, user_id)}


def who_block(user_id: Id) -> list[Id]:
    """Return everybody who blocks `user_id`."""
    query = {"blocked_id": user_id}
    return [record["user_id"] for record in database["blocks"].find(query, {"user_id": 1})]


def _read_many(keys: list[tuple[Id, Id]]) -> dict[tuple[Id, Id], bool]:
    """Return for each (person, other) of one other person whether the person blocks them."""
    query = {"user_id": {"$in": [by for by, _ in keys]}, "blocked_id": keys[0][1]}
    blocking = {record["user_id"] for record in database["blocks"].find(query, {"user_id": 1})}
    return {key: key[0] in blocking for key in keys}


def forget(user_id: Id, blocked_id: Id) -> None:
    """Drop a pair from the cache, because this or another process changed the block."""
    _cache.invalidate((user_id, blocked_id))


_cache: TtlCache[tuple[Id, Id], bool] = TtlCache(MOST_CACHED, seconds_left=seconds_left)

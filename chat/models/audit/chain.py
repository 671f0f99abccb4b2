"""The chain of the audit: each entry's hash covers the entry, and the hash of the one before.

The hash needs a key that only `SECRET_KEY` opens. So whoever can write into the database alone
cannot change an entry, insert one or take one out unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from bson import Int64
from pymongo.errors import DuplicateKeyError

from chat.models.audit.texts import audit_keys, open_texts
from chat.models.database import Record, database
from chat.utils.clock import rfc3339
from chat.utils.encryption import CannotOpen, fingerprint
from chat.utils.errors import Unavailable

MOST_TRIES = 50  # how often other processes may take the next seq
STRIDE = 64  # entries read at a time while searching for the newest
STEP = 200  # entries verified at a time
_HINT = {"_id": "audit"}  # its `seq` in `meta`: the newest entry, or one shortly before it
_HASHED = ("action", "actor_id", "user_id", "room_id", "message_id", "invite_id", "is_private")


def append(record: Record) -> Record:
    """Store an entry behind the newest one, once, and return it with its seq and hash.

    `seq` is unique, so of several processes one is first, and the others try again behind it.
    Raises Unavailable.
    """
    for _try in range(MOST_TRIES):
        seq, previous = newest()
        entry = record | {"seq": Int64(seq + 1)}
        entry["hash"] = _hash_of(entry, previous)
        try:
            database["audit"].insert_one(entry)
        except DuplicateKeyError:  # another process was faster, or an earlier call succeeded
            if stored := database["audit"].find_one({"_id": record["_id"]}):
                return stored
            continue
        database["meta"].update_one(_HINT, {"$max": {"seq": entry["seq"]}}, upsert=True)
        return entry
    raise Unavailable(reason="other processes wrote into the audit all the time")


def newest() -> tuple[int, str]:
    """Return the seq and the hash of the newest entry; 0 and an empty text if there is none."""
    hint = _hint()
    found = between(hint, hint + STRIDE)
    while len(found) == STRIDE:
        last = found[-1]["seq"]
        found = between(last, last + STRIDE)
    end = hint
    while not found and end > 1:  # a failover took the newest ones back, or somebody did
        found = between(end - STRIDE, end)
        end -= STRIDE
    return (found[-1]["seq"], found[-1]["hash"]) if found else (0, "")


def between(first: int, end: int) -> list[Record]:
    """Return the entries from the seq `first` on, before `end`, in order."""
    query = {"seq": {"$gte": first, "$lt": end}}
    return list(database["audit"].find(query).sort("seq", 1))


def problems() -> Iterator[str]:
    """Yield a sentence for each break of the chain, and each text that does not open."""
    last, previous = 0, ""
    end = max(_hint(), newest()[0]) + 1
    for first in range(1, end, STEP):
        for record in between(first, min(first + STEP, end)):
            if record["seq"] != last + 1:
                yield f"audit: entry {last + 1} is missing"
            elif record["hash"] != _hash_of(record, previous):
                yield f"audit: the chain breaks at entry {record['seq']}"
            last, previous = record["seq"], record["hash"]
            try:
                open_texts(record)
            except CannotOpen as error:
                yield f"audit: entry {last} does not open: {error}"
    if last + 1 < end:
        yield f"audit: entry {last + 1} is missing"


def _hint() -> int:
    return int((database["meta"].find_one(_HINT) or {}).get("seq", 0))


def _hash_of(record: Record, previous: str) -> str:
    facts = [str(record[name]) for name in _HASHED]
    at, sealed = rfc3339(record["at"]), bytes(record["texts"] or b"").hex()
    parts = (previous, str(record["seq"]), str(record["_id"]), at, *facts, sealed)
    return fingerprint(audit_keys().index, *parts).hex()

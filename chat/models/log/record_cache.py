"""Record cache: decoded entries of the log, found by their bytes.

Everybody who opens a room reads the same entries, which hardly ever change. So the cache returns
the same record for the same bytes, without decoding them again. A cached record may refer to the
message that was opened from it (`OpenMessage.opening`). A changed entry has other bytes, so the
cache returns another record for it.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

import bson

from chat.models.database import Record, database

ONE_ANSWER = 1_000  # entries in one answer of the database: more than any caller asks for
CACHED_ENTRIES = 5_000  # each takes some 4 KB together with its open message
LARGEST_CACHED = 8_192  # bytes: larger entries are not cached, so that the others fit into memory


class CachedRecord(dict[str, Any]):
    """A record that nobody changes in place.

    `opened`: ((author, reply_to), message) of the message last opened from this record.
    """

    opened: tuple[Any, Any] | None = None


def find_whole(query: Record) -> list[Record]:
    """Return the entries of the log that match, in the order of `seq`."""
    documents = database.undecoded("log").find(query, batch_size=ONE_ANSWER).to_list()
    return sorted((_record(bytes(document.raw)) for document in documents), key=itemgetter("seq"))


def forget_entries() -> None:
    _cached.cache_clear()


def decoded(document: bytes) -> Record:
    """Return a record of the log without caching it."""
    return bson.decode(document, database["log"].codec_options)


@lru_cache(CACHED_ENTRIES)
def _cached(document: bytes) -> CachedRecord:
    return CachedRecord(decoded(document))


def _record(document: bytes) -> Record:
    if len(document) > LARGEST_CACHED:
        return decoded(document)
    return _cached(document)

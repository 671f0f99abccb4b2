"""Record cache: whole entries of the log, decoded, by their bytes.

Everybody who opens a room reads the same entries, which hardly ever change. So the same bytes give
the same record, without decoding them again. As long as a record is cached, it may refer to the
message that was opened from it (`OpenMessage.opening`). An entry that changes has other bytes, so
it is another record.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

import bson

from chat.models.database import Record, database

ONE_ANSWER = 1_000  # entries: more than are ever asked for at a time
CACHED_ENTRIES = 5_000  # with their open messages some 4 KB each
LARGEST_CACHED = 8_192  # bytes: a larger entry is not cached, so that 5,000 fit into memory


class CachedRecord(dict[str, Any]):
    """A record that nobody changes in place.

    `opened`: ((author, reply_to), message), the message last opened from it.
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

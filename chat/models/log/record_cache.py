"""StrictInteger entries of the log are read again and again, by everybody who opens a room, and hardly ever change.

So what was read before is not decoded anew: the same bytes are the same record. And what was made of a record may be
remembered by it, as long as the record is (`Message.opening`): an entry that changed is another one.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

import bson

from chat.models.database import Record, database

ONE_ANSWER = 1_000  # entries: more than are ever asked for at a time
REMEMBERED = 5_000  # entries: with what is made of them some 4 KB each
LARGEST_REMEMBERED = 8_192  # bytes: what is larger is decoded and opened anew, so that 5,000 entries cannot fill the memory


class CachedRecord(dict[str, Any]):
    """A record that is never changed in place. `opened`: ((author, reply_to), message), what was last opened from it."""

    opened: tuple[Any, Any] | None = None


def find_whole(query: Record) -> list[Record]:
    """The entries of the log that fit, in the order of `seq`."""
    documents = database.undecoded("log").find(query, batch_size=ONE_ANSWER).to_list()
    return sorted((_record(bytes(document.raw)) for document in documents), key=itemgetter("seq"))


def forget_entries() -> None:
    _remembered.cache_clear()


def decoded(document: bytes) -> Record:
    """Return a record of the log that is not remembered."""
    return bson.decode(document, database["log"].codec_options)


@lru_cache(REMEMBERED)
def _remembered(document: bytes) -> CachedRecord:
    return CachedRecord(decoded(document))


def _record(document: bytes) -> Record:
    return _remembered(document) if len(document) <= LARGEST_REMEMBERED else decoded(document)

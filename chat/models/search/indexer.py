"""Indexing: bring a room's search index up to the head of its log, in the background.

The indexer follows the log from the end of the index to the head, STEP entries at a time. Indexing
an entry is idempotent, and the indexer stores its progress after all writes. So after a crash it
only repeats work. A deletion or an edit removes the message from every posting list of its block.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed
from chat.models.key_ring import key_ring
from chat.models.log import DELETED, EDITED, POSTED, log_of
from chat.models.message.sealed import Sealed
from chat.models.room import Room
from chat.models.search import blind_index, block_writer, index_blocks, index_lease
from chat.models.search.block_writer import Indexed
from chat.models.search.index_blocks import LEAF, SEGMENT, Block, IndexState, Row
from chat.models.search.index_lease import Lease, Superseded
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.errors import NotFound
from chat.utils.time_slices import in_time_slices
from chat.utils.words.terms import groups_of

STEP = 200  # entries followed at a time
WAIT = 0.2  # seconds between two checks whether another process has finished the index
FIELDS = (
    "room_id",
    "seq",
    "ordinal",
    "event",
    "author_id",
    "message_id",
    "text",
    "images",
    "created_at",
    "deleted_at",
)
HAS_IMAGE = "\0image"  # the term of messages with images: no word begins with a null character

logger = logging.getLogger(__name__)


class IndexBusy(Exception):
    """Another process writes a room's index. It is over within seconds."""


def behind(heads: Mapping[Id, int]) -> list[Id]:
    """Return the rooms whose index has not reached the given seq yet."""
    return [
        room_id
        for room_id, state in index_blocks.states_of(heads).items()
        if state.seq < heads[room_id]
    ]


def behind_anywhere() -> Iterator[Id]:
    """Yield every room whose log is ahead of its index.

    This reads the state of every room, so call it rarely.
    """
    for room_id in Room.all_ids():
        if log_of(room_id).has(index_blocks.states_of([room_id])[room_id].seq + 1):
            yield room_id


def forget(room_id: Id) -> None:
    """Drop a room's index, so that a job rebuilds it. Until then a search opens every message."""
    index_lease.drop(room_id)


def forget_all() -> None:
    """Drop the index of every room, so that all are rebuilt."""
    for record in list(database["indexed_rooms"].find({}, {"_id": 1})):
        forget(record["_id"])


def index(room_id: Id) -> Iterator[int]:
    """Bring a room's index up to the head, or near it. Yield the indexed seq after each step.

    This ends at once if another process has the lease. Raises CannotOpen when the room's keys are
    destroyed.
    """
    key_ring.of(room_id)
    head = log_of(room_id).head_lately(1)
    if (lease := index_lease.acquire(room_id)) is None:
        return
    try:
        lease = lease.clear()
        while lease.state.seq < head.seq:
            lease = _follow(lease, head.seq).clear()
            yield lease.state.seq
    except Destroyed:  # the index comes from a backup, and its halves were destroyed since
        logger.warning("a search index from a backup is rebuilt", extra={"room_id": str(room_id)})
        index_lease.drop(room_id)
    except Superseded:
        logger.warning("another process took over an index", extra={"room_id": str(room_id)})
    finally:
        lease.release()


def destroy(room_id: Id) -> None:
    """Delete the whole index of a deleted room."""
    index_lease.destroy(room_id)


def index_wholly(room_id: Id) -> Iterator[int]:
    """Bring a room's index up to the head. Yield the indexed seq after each step.

    While another process has the lease, this waits. Then it goes on where that process stopped.
    """
    head = log_of(room_id).head().seq
    while behind({room_id: head}):
        yield from index(room_id)
        if behind({room_id: head}):
            time.sleep(WAIT)


def forget_messages(room_id: Id, records: list[Record]) -> None:
    """Remove deleted messages from a room's index. Idempotent.

    `records`: their tombstones. Messages that are not indexed yet are indexed as deleted ones.
    Raises IndexBusy.
    """
    if not records:
        return
    if (lease := index_lease.acquire(room_id)) is None:
        raise IndexBusy(room_id)
    try:
        state = lease.clear().state
        indexed = [record for record in records if record["ordinal"] <= state.ordinal]
        times = dict(state.times)
        for block, messages in _by_block(state, indexed).items():
            times[block] = block_writer.update(lease, block, messages)
        lease = lease.save(replace(state, times=times), last=True)
    finally:
        lease.release()


def from_term(author_id: Id) -> str:
    """Return the term that the index stores for an author's messages."""
    return f"\0from {author_id}"


def _follow(lease: Lease, head: int) -> Lease:
    """Index the next STEP entries, at most up to `head`, and store the progress."""
    state = lease.state
    last = min(state.seq + STEP, head)
    entries = log_of(state.room_id).entries(state.seq, last, FIELDS)
    # A damaged log may have a gap, so that there are no entries.
    ordinal = int(entries[-1]["ordinal"]) if entries else state.ordinal
    times = dict(state.times)
    for block, messages in _by_block(state, _messages_of(state.room_id, entries)).items():
        times[block] = block_writer.update(lease, block, messages)
    whole = ordinal // SEGMENT * SEGMENT
    leaves = [
        block for block in times if block.size == LEAF and whole - SEGMENT < block.first <= whole
    ]
    if leaves:
        segment = Block.segment_of(state.room_id, whole)
        times[segment] = block_writer.unite(lease, segment, leaves)
    for leaf in leaves:
        del times[leaf]
    spent = [record_id for leaf in leaves for record_id in leaf.record_ids()]
    return lease.save(IndexState(state.room_id, last, ordinal, times), spent, last=last == head)


def _messages_of(room_id: Id, entries: list[Record]) -> Iterable[Record]:
    """Return the messages that are new, edited or deleted, as they are now."""
    messages = {entry["_id"]: entry for entry in entries if entry["event"] == POSTED}
    for entry in entries:
        if entry["event"] in (EDITED, DELETED):
            with suppress(NotFound):  # a damaged log may lack the message
                messages[entry["message_id"]] = log_of(room_id).apply(entry["message_id"])
    return messages.values()


def _by_block(state: IndexState, records: Iterable[Record]) -> dict[Block, dict[int, Indexed]]:
    """Return the messages of each block, by their places in it."""
    key = key_ring.of(state.room_id).index
    messages: dict[Block, dict[int, Indexed]] = defaultdict(dict)
    block: Block | None = None
    for record in in_time_slices(records):
        ordinal = record["ordinal"]
        if block is None or not block.first <= ordinal < block.first + block.size:
            block = state.block_of(ordinal)
            its = messages[block]
        row = Row(milliseconds(record["created_at"]), record["_id"])
        its[ordinal - block.first] = Indexed(
            row, _tokens_of(key, record, _body_of(record)), "deleted_at" in record
        )
    return messages


def _body_of(record: Record) -> str:
    try:
        return Sealed.open_body(record)
    except CannotOpen as error:  # a search by words misses only the damaged message
        logger.warning("a message could not be indexed", extra={"reason": str(error)})
        return ""


def _tokens_of(key: bytes, record: Record, body: str) -> set[bytes]:
    if "deleted_at" in record:
        return set()
    groups = groups_of(body)
    groups.add((from_term(record["author_id"]),))
    if "images" in record:
        groups.add((HAS_IMAGE,))
    return blind_index.tokens_of_message(key, groups)

"""Indexing: bring a room's search index up to its log, in the background.

The indexer follows the log from the end of the index to the head, STEP entries at a time. Indexing
an entry is idempotent, and the indexer notes its progress after all writes, so a crash costs only
time. A deletion, and an edit, removes the message from every posting list of its block.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import key_ring
from chat.models.log import DELETED, EDITED, POSTED, log_of
from chat.models.message.sealed import Sealed
from chat.models.room import Room
from chat.models.search import blind_index, index_blocks, index_lease, index_records
from chat.models.search.blind_index import AT_A_TIME, EVERYTHING, Lists
from chat.models.search.index_blocks import LEAF, SEGMENT, Block, IndexState, Row, Times
from chat.models.search.index_lease import Lease, Superseded
from chat.models.search.index_records import StoredRecords
from chat.utils.clock import milliseconds
from chat.utils.encryption import CannotOpen
from chat.utils.errors import NotFound
from chat.utils.time_slices import in_time_slices
from chat.utils.words import groups_of

STEP = 200  # entries followed at a time
# Tokens: into a leaf of FULL, a message with more than HEAVY goes as EVERYTHING, to save memory.
FULL, HEAVY = 40_000, 500
WAIT = 0.2  # seconds between two checks whether another process has brought the index up
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
HAS_IMAGE = "\0image"  # no word begins so

logger = logging.getLogger(__name__)


class Indexed(NamedTuple):
    """A message on its way into a block, or out of it."""

    row: Row
    tokens: set[bytes]
    deleted: bool


def behind(heads: Mapping[Id, int]) -> list[Id]:
    """Return those of some rooms whose index has not reached the given seq yet."""
    return [
        room_id
        for room_id, state in index_blocks.states_of(heads).items()
        if state.seq < heads[room_id]
    ]


def behind_anywhere() -> Iterator[Id]:
    """Yield every room whose log is ahead of its index. It reads every room, so call it rarely."""
    for room_id in Room.all_ids():
        if log_of(room_id).has(index_blocks.states_of([room_id])[room_id].seq + 1):
            yield room_id


def forget(room_id: Id) -> None:
    """Drop a room's index, so that it is built anew; until then a search opens every message."""
    index_lease.drop(room_id)


def forget_all() -> None:
    """Drop the index of every room, so that all are built anew."""
    for record in list(database["indexed_rooms"].find({}, {"_id": 1})):
        forget(record["_id"])


def index(room_id: Id) -> Iterator[int]:
    """Bring a room's index up to its head, or near it; yield the seq after each step.

    Ends at once while another process has the lease. Raises CannotOpen when the room's keys are
    gone.
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
    """Bring a room's index up to its head; yield the seq after each step.

    Waits while another process has the lease, and goes on where that one stopped.
    """
    head = log_of(room_id).head().seq
    while behind({room_id: head}):
        yield from index(room_id)
        if behind({room_id: head}):
            time.sleep(WAIT)


def from_term(author_id: Id) -> str:
    """Return the term by which the index knows an author's messages."""
    return f"\0from {author_id}"


def _follow(lease: Lease, head: int) -> Lease:
    """Index the next STEP entries up to `head`: write them into the blocks of their messages."""
    state, times, spent = lease.state, dict(lease.state.times), []
    last = min(state.seq + STEP, head)
    entries = log_of(state.room_id).entries(state.seq, last, FIELDS)
    # A damaged log may have a hole.
    ordinal = int(entries[-1]["ordinal"]) if entries else state.ordinal
    for block, messages in _by_block(state, _messages_of(state.room_id, entries)).items():
        times[block] = _renew(lease, block, messages)
    whole = ordinal // SEGMENT * SEGMENT
    leaves = [
        block for block in times if block.size == LEAF and whole - SEGMENT < block.first <= whole
    ]
    if leaves:
        segment = Block.segment_of(state.room_id, whole)
        spent = [record_id for leaf in leaves for record_id in leaf.record_ids()]
        records, times[segment] = _united(
            segment, leaves, index_records.read_to_write(spent).contents
        )
        _replace(lease, records, index_records.read_to_write(segment.record_ids()))
        times = {block: its for block, its in times.items() if block not in leaves}
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


def _renew(lease: Lease, block: Block, messages: Mapping[int, Indexed]) -> Times:
    """Write what changes in a block with some of its messages; all of it, if one was deleted.

    A crash in between leaves records with different halves. Then the indexer follows the deletion
    again and repeats this. The records name the halves to destroy, or use them.
    """
    kept = index_records.read_to_write(block.record_ids())
    records, times = _renewed(block, kept.contents, messages)
    if len(kept.halves) == 1 and not any(message.deleted for message in messages.values()):
        changed = {
            record_id: content
            for record_id, content in records.items()
            if kept.contents.get(record_id) != content
        }
        lease.write(changed, next(iter(kept.halves)))
    else:
        _replace(lease, records, kept)
    return times


def _replace(lease: Lease, records: dict[str, bytes], kept: StoredRecords) -> None:
    """Write all records of a block, and destroy the halves of their older copies."""
    halves.destroy(kept.before - kept.halves)
    lease.write(records, halves.take(), before=kept.halves)
    halves.destroy(kept.halves)


def _renewed(
    block: Block, kept: Mapping[str, bytes], messages: Mapping[int, Indexed]
) -> tuple[dict[str, bytes], Times]:
    """Return all records of a block, with some of its messages as they are now."""
    buckets = [
        blind_index.unpack(kept[record_id], without=messages.keys()) if record_id in kept else {}
        for record_id in in_time_slices(block.bucket_ids())
    ]
    for place, message in in_time_slices(messages.items()):
        packed_place = blind_index.packed_places([place])
        is_full = block.size == LEAF and len(buckets[0]) >= FULL
        for token in {EVERYTHING} if is_full and len(message.tokens) > HEAVY else message.tokens:
            _add(buckets, token, packed_place)
    table = index_blocks.unpack_table(kept.get(block.table_id, b"")) | {
        place: message.row for place, message in messages.items()
    }
    return _packed(block, buckets, table), Times.of(table)


def _united(
    segment: Block, leaves: list[Block], kept: Mapping[str, bytes]
) -> tuple[dict[str, bytes], Times]:
    """Return the records of a segment, made of those of its leaves."""
    buckets: list[Lists] = [{} for _ in range(segment.buckets)]
    table: dict[int, Row] = {}
    for leaf in in_time_slices(leaves):
        offset = leaf.first - segment.first
        table |= {
            place + offset: row
            for place, row in index_blocks.unpack_table(kept[leaf.table_id]).items()
        }
        lists = blind_index.unpack(kept[leaf.bucket_ids()[0]], offset=offset)
        for token, places in in_time_slices(lists.items(), AT_A_TIME):
            _add(buckets, token, places)
    return _packed(segment, buckets, table), Times.of(table)


def _packed(block: Block, buckets: list[Lists], table: dict[int, Row]) -> dict[str, bytes]:
    records = {
        record_id: blind_index.pack(lists)
        for record_id, lists in in_time_slices(zip(block.bucket_ids(), buckets, strict=True))
    }
    return records | {block.table_id: index_blocks.pack_table(table)}


def _add(buckets: list[Lists], token: bytes, places: bytes) -> None:
    """Add places to a token's posting list. EVERYTHING goes into every bucket.

    So a reader of any one bucket finds it.
    """
    for bucket in (
        buckets
        if token == EVERYTHING
        else (buckets[index_blocks.bucket_number(token, len(buckets))],)
    ):
        bucket[token] = bucket.get(token, b"") + places

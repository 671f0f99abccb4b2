"""Writing the blocks of the search index: add messages to a block, unite leaves in a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chat.models.halves import halves
from chat.models.search import blind_index, index_blocks, index_records
from chat.models.search.blind_index import AT_A_TIME, EVERYTHING, Lists
from chat.models.search.index_blocks import LEAF, Block, Row, Times
from chat.models.search.index_lease import Lease
from chat.models.search.index_records import StoredRecords
from chat.utils.time_slices import in_time_slices

# If a leaf has FULL tokens, a message with more than HEAVY tokens gets only EVERYTHING. This saves
# memory.
FULL = 40_000
HEAVY = 500

EMPTY = blind_index.pack({})


class Indexed(NamedTuple):
    """A message that the writer adds to a block or, if deleted, removes from it."""

    row: Row
    tokens: set[bytes]
    deleted: bool


class _Contents(NamedTuple):
    """All records of a block, by their ids, and the times of its messages."""

    records: dict[str, bytes]
    times: Times


def update(lease: Lease, block: Block, messages: Mapping[int, Indexed]) -> Times:
    """Write the records of a block that these messages change.

    `messages`: place in the block -> message. If a message was deleted, all records of the block
    are written, with a new half. Raises Superseded, CannotOpen.

    A crash in between leaves records with different halves. Then the indexer reads the deletion
    again and repeats this call, which destroys the old halves: the records name all halves.
    """
    stored = index_records.read_to_write(block.record_ids())
    contents = _updated(block, stored.contents, messages)
    if len(stored.halves) == 1 and not any(message.deleted for message in messages.values()):
        changed = {
            record_id: content
            for record_id, content in contents.records.items()
            if stored.contents.get(record_id) != content
        }
        lease.write(changed, next(iter(stored.halves)))
    else:
        _replace(lease, contents.records, stored)
    return contents.times


def unite(lease: Lease, segment: Block, leaves: list[Block]) -> Times:
    """Write a segment with the messages of its leaves. The records of the leaves stay stored.

    Raises Superseded, CannotOpen.
    """
    record_ids = [record_id for leaf in leaves for record_id in leaf.record_ids()]
    contents = _united(segment, leaves, index_records.read_to_write(record_ids).contents)
    _replace(lease, contents.records, index_records.read_to_write(segment.record_ids()))
    return contents.times


def _replace(lease: Lease, records: dict[str, bytes], stored: StoredRecords) -> None:
    """Write all records of a block, and destroy the halves of their older copies."""
    halves.destroy(stored.before - stored.halves)
    lease.write(records, halves.take(), before=stored.halves)
    halves.destroy(stored.halves)


def _updated(
    block: Block, stored: Mapping[str, bytes], messages: Mapping[int, Indexed]
) -> _Contents:
    """Return all records of a block, after adding or replacing `messages`."""
    buckets: list[Lists] = []
    for record_id in in_time_slices(block.bucket_ids()):
        packed = stored.get(record_id, EMPTY)
        buckets.append(blind_index.unpack(packed, without=messages.keys()))
    for place, message in in_time_slices(messages.items()):
        packed_place = blind_index.packed_places([place])
        is_full = block.size == LEAF and len(buckets[0]) >= FULL
        tokens = message.tokens
        if is_full and len(tokens) > HEAVY:
            tokens = {EVERYTHING}
        for token in tokens:
            _add(buckets, token, packed_place)
    table = index_blocks.unpack_table(stored.get(block.table_id, b"")) | {
        place: message.row for place, message in messages.items()
    }
    return _packed(block, buckets, table)


def _united(segment: Block, leaves: list[Block], stored: Mapping[str, bytes]) -> _Contents:
    """Return the records of a segment, made of the records of its leaves."""
    buckets: list[Lists] = [{} for _ in range(segment.buckets)]
    table: dict[int, Row] = {}
    for leaf in in_time_slices(leaves):
        offset = leaf.first - segment.first
        table |= {
            place + offset: row
            for place, row in index_blocks.unpack_table(stored[leaf.table_id]).items()
        }
        lists = blind_index.unpack(stored[leaf.bucket_ids()[0]], offset=offset)
        for token, places in in_time_slices(lists.items(), AT_A_TIME):
            _add(buckets, token, places)
    return _packed(segment, buckets, table)


def _packed(block: Block, buckets: list[Lists], table: dict[int, Row]) -> _Contents:
    records = {
        record_id: blind_index.pack(lists)
        for record_id, lists in in_time_slices(zip(block.bucket_ids(), buckets, strict=True))
    }
    records[block.table_id] = index_blocks.pack_table(table)
    return _Contents(records, Times.of(table))


def _add(buckets: list[Lists], token: bytes, places: bytes) -> None:
    """Add places to a token's posting list.

    EVERYTHING goes into every bucket, so that a reader of any bucket finds it.
    """
    its_buckets = buckets
    if token != EVERYTHING:
        its_buckets = [buckets[index_blocks.bucket_number(token, len(buckets))]]
    for bucket in its_buckets:
        bucket[token] = bucket.get(token, b"") + places

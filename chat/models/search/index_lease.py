"""Lease: the right of one process to write a room's search index, until the lease ends.

Leases are numbered. Every record of the index contains the number of the lease under which it was
written, as a fencing token. So a process that slept until its lease ended cannot overwrite records
of the next process. The database stores the number as `claim`, and the end as `claimed_until`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bson import Binary, Int64
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.search import index_records
from chat.models.search.index_blocks import IndexState, packed_blocks, state_from
from chat.utils.clock import now

LEASE = timedelta(seconds=30)
FREE = datetime(2000, 1, 1, tzinfo=UTC)  # the end of a lease that no process has
# The state of a room that has no index and no lease.
NOTHING_INDEXED: Record = {
    "seq": 0,
    "ordinal": 0,
    "blocks": Binary(b""),
    "spent": [],
    "claimed_until": FREE,
}


class Superseded(Exception):
    """The lease has ended, and another process writes this index."""


@dataclass(frozen=True)
class Lease:
    """The right to write a room's index, until the lease ends."""

    number: int
    state: IndexState
    spent: tuple[str, ...]  # records of leaves that a segment replaced; they may still be stored
    is_active: bool = True  # False once this process has ended the lease

    def write(self, records: Mapping[str, bytes], half: int, before: Iterable[int] = ()) -> None:
        """Write records by their ids, sealed with a half.

        `before`: the halves of the records that they replace. Raises Superseded.
        """
        room_id = self.state.room_id
        seal = index_records.sealer(room_id, half)
        earlier = [Int64(each) for each in before]
        writes = [
            ReplaceOne(
                {"_id": record_id, "claim": {"$lte": self.number}},
                {
                    "room_id": room_id,
                    "claim": self.number,
                    "half": Int64(half),
                    "before": earlier,
                    "sealed": seal(content, record_id),
                },
                upsert=True,
            )
            for record_id, content in records.items()
        ]
        try:
            if writes:  # there are none if an earlier attempt wrote all records
                database["postings"].bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            codes = {each["code"] for each in (error.details or {}).get("writeErrors", ())}
            if codes == {11000}:  # a duplicate key: the record was written under a later lease
                raise Superseded from error
            raise

    def save(self, state: IndexState, spent: Iterable[str] = (), *, last: bool = False) -> Lease:
        """Store the state of the index, after its records are written.

        Renew the lease. If this is the `last` call and no records are spent, end the lease instead.
        Raises Superseded.
        """
        saved = Lease(self.number, state, tuple(spent), is_active=not last or bool(spent))
        changes = {
            "seq": state.seq,
            "ordinal": state.ordinal,
            "blocks": packed_blocks(state.times),
            "spent": list(saved.spent),
        }
        self._set({**changes, "claimed_until": now() + LEASE if saved.is_active else FREE})
        return saved

    def clear(self) -> Lease:
        """Delete the spent records, and destroy the halves that sealed them. Raises Superseded."""
        if self.spent:
            index_records.delete({"_id": {"$in": list(self.spent)}})
            self._set({"spent": []})
        return replace(self, spent=())

    def release(self) -> None:
        """End the lease, if it has not ended."""
        if self.is_active:
            with suppress(Superseded):
                self._set({"claimed_until": FREE})

    def _set(self, changes: Record) -> None:
        query = {"_id": self.state.room_id, "claim": self.number}
        if not database["indexed_rooms"].update_one(query, {"$set": changes}).matched_count:
            raise Superseded


def acquire(room_id: Id) -> Lease | None:
    """Return a lease of a room's index; None while another process has it."""
    record = _leased(room_id)
    if record is None and database["indexed_rooms"].find_one({"_id": room_id}, {"_id": 1}) is None:
        fresh = {"_id": room_id, "claim": 0, **NOTHING_INDEXED}
        with suppress(DuplicateKeyError):  # another process inserted it first
            database["indexed_rooms"].insert_one(fresh)
        record = _leased(room_id)
    if record is None:
        return None
    return Lease(record["claim"], state_from(record), tuple(record["spent"]))


def _leased(room_id: Id) -> Record | None:
    """Lease a room's index and return its record.

    Return None if another process has the lease, or if there is no record.
    """
    moment = now()
    # If a lease ends more than two LEASEs from now, a clock is wrong: it was set back, or the other
    # machine's is half a minute ahead. Ignore such a lease. If its process still writes, the
    # numbers of the leases prevent it from overwriting later records.
    ended = [{"claimed_until": {"$lte": moment}}, {"claimed_until": {"$gt": moment + 2 * LEASE}}]
    record: Record | None = database["indexed_rooms"].find_one({"_id": room_id, "$or": ended})
    if record is None:
        return None
    # Every change of a lease changes one of these fields, so they detect a concurrent change.
    as_read = {name: record[name] for name in ("_id", "claim", "claimed_until")}
    leased = {"claim": record["claim"] + 1, "claimed_until": moment + LEASE}
    if not database["indexed_rooms"].update_one(as_read, {"$set": leased}).matched_count:
        return None
    return record | leased


def drop(room_id: Id) -> None:
    """Delete a room's whole index; until it is rebuilt, a search scans the room.

    The record that numbers the leases stays, with a higher number: a process that writes the index
    now cannot continue.
    """
    database["indexed_rooms"].update_one(
        {"_id": room_id}, {"$inc": {"claim": 1}, "$set": NOTHING_INDEXED}
    )
    index_records.delete({"room_id": room_id})


def destroy(room_id: Id) -> None:
    """Delete everything of a deleted room's index."""
    database["postings"].delete_many({"room_id": room_id})
    database["indexed_rooms"].delete_one({"_id": room_id})

"""InsertBatcher with little of the driver between us and the database, for the one command that every message needs.

For each command the driver selects a server, takes a connection out of its pool and puts it back; `insert_many` adds to it
what splits a batch and tries again. With the caches as cold as they are in a chat that sleeps between messages, that costs
twice what the command itself does. So the connection is kept while inserts come, and the driver's own `Connection.command`
is called on it: encoding, deadlines, cluster times, and what an error means for its view of the servers stay the driver's.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import ConnectionClosedReason

UNUSED_SECONDS = 1.0  # then it is looked whether the connection is still open, as the driver does with those in its pool
IDLE_SECONDS = 60.0  # a connection unused for so long is replaced: a firewall may have dropped it without a word
LARGEST = 32_000_000  # bytes of sealed content in one command; the database takes 48,000,000 in all

Record = dict[str, Any]


class InsertConnection:
    """Keeps one connection of a client's pool between inserts. Who comes while it is in use is served through the pool."""

    def __init__(self, client: MongoClient[Record], database: str):
        self._client, self._database = client, database
        self._free = threading.Lock()
        self._kept: tuple[Any, Any] | None = (
            None  # the driver's checkout, which ends with `__exit__`, and its connection
        )
        self._used_at = 0.0
        self._stale = False

    def insert(self, collection: str, records: list[Record], *, ordered: bool) -> Record:
        """What the database answers: `n`, and `writeErrors` and `writeConcernError` where there are any.

        Nothing is tried twice. Raises PyMongoError when nobody knows what is kept.
        """
        if len(records) > 1 and sum(map(_bytes_in, records)) > LARGEST:
            return self._insert_halves(collection, records, ordered=ordered)
        command = {
            "insert": collection,
            "ordered": ordered,
            "writeConcern": self._client.write_concern.document,
            "documents": records,
        }
        if not self._free.acquire(blocking=False):
            with self._client._conn_for_writes(None, "insert") as connection:
                return connection.command(self._database, command, client=self._client)
        try:
            connection = self._connection()
            try:
                answer: Record = connection.command(self._database, command, client=self._client)
            except BaseException as error:
                self._give_back(error)
                raise
            self._used_at = time.monotonic()
            return answer
        finally:
            self._free.release()

    def _insert_halves(self, collection: str, records: list[Record], *, ordered: bool) -> Record:
        middle = len(records) // 2
        first = self.insert(collection, records[:middle], ordered=ordered)
        if "writeConcernError" in first or (ordered and "writeErrors" in first):
            return first
        second = self.insert(collection, records[middle:], ordered=ordered)
        errors = [
            *first.get("writeErrors", ()),
            *(
                error | {"index": error["index"] + middle}
                for error in second.get("writeErrors", ())
            ),
        ]
        return (
            second | {"n": first["n"] + second["n"]} | ({"writeErrors": errors} if errors else {})
        )

    def renew(self) -> None:
        """The next insert takes another connection: the primary has changed."""
        self._stale = True

    def close(self) -> None:
        with self._free:
            self._give_back()

    def _connection(self) -> Any:
        unused = time.monotonic() - self._used_at
        if self._kept and (
            unused > IDLE_SECONDS or (unused > UNUSED_SECONDS and self._kept[1].conn_closed())
        ):
            self._kept[1].close_conn(
                ConnectionClosedReason.IDLE
                if unused > IDLE_SECONDS
                else ConnectionClosedReason.ERROR
            )
            self._stale = True
        if self._stale:
            self._give_back()
        if self._kept is None:
            self._stale = False
            checkout = self._client._conn_for_writes(None, "insert")
            self._kept = checkout, checkout.__enter__()
        return self._kept[1]

    def _give_back(self, error: BaseException | None = None) -> None:
        """To the driver, with what happened on it."""
        if self._kept is not None:
            checkout, self._kept = self._kept[0], None
            checkout.__exit__(
                type(error) if error else None, error, error.__traceback__ if error else None
            )


def _bytes_in(record: Record) -> int:
    """What is sealed in it; all else is small."""
    return sum(len(value) for value in record.values() if isinstance(value, bytes))

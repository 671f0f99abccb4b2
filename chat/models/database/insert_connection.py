"""A connection that only inserts, with little of the driver between us and the database.

For each command the driver selects a server, takes a connection from its pool and returns it;
`insert_many` also splits batches and retries. Between messages a chat sleeps, so the processor's
caches are cold and all this costs twice as much as the command itself. So this class holds a
connection between inserts and calls the driver's own `Connection.command` on it. The driver still
does the encoding, deadlines and cluster times, and updates its view of the servers after an error.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import ConnectionClosedReason

from chat.models.database.record import Record

# A connection that was unused for so long is checked before use, as the driver does in its pool.
UNUSED_SECONDS = 1.0
# A connection that was unused for so long is replaced: a firewall may have dropped it silently.
IDLE_SECONDS = 60.0
LARGEST = 32_000_000  # bytes of sealed content in a command; the database accepts 48,000,000 in all


class InsertConnection:
    """One connection of a client's pool, held between inserts.

    A caller that arrives while the connection is in use inserts through the pool.
    """

    def __init__(self, client: MongoClient[Record], database: str):
        self._client = client
        self._database = database
        self._free = threading.Lock()
        self._checkout: Any = None  # the driver's context manager, which `__exit__` ends
        self._checked_out: Any = None  # the connection that the context manager gave us
        self._used_at = 0.0
        self._stale = False

    def insert(self, collection: str, records: list[Record], *, ordered: bool) -> Record:
        """Insert records. Return the database's answer.

        The answer contains `n`, and `writeErrors` and `writeConcernError` where there are any.
        There are no retries. Raises PyMongoError when the outcome is unknown.
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
        answer = second | {"n": first["n"] + second["n"]}
        errors = [
            *first.get("writeErrors", ()),
            *(
                error | {"index": error["index"] + middle}
                for error in second.get("writeErrors", ())
            ),
        ]
        if errors:
            answer["writeErrors"] = errors
        return answer

    def renew(self) -> None:
        """Make the next insert use another connection, because the primary has changed."""
        self._stale = True

    def close(self) -> None:
        with self._free:
            self._give_back()

    def _connection(self) -> Any:
        if self._checked_out and (reason := self._why_closed()):
            self._checked_out.close_conn(reason)
            self._stale = True
        if self._stale:
            self._give_back()
        if self._checked_out is None:
            self._stale = False
            checkout = self._client._conn_for_writes(None, "insert")
            self._checked_out = checkout.__enter__()
            self._checkout = checkout
        return self._checked_out

    def _why_closed(self) -> str | None:
        """Return the driver's reason for closing the connection; None if it can be used."""
        unused = time.monotonic() - self._used_at
        if unused > IDLE_SECONDS:
            return ConnectionClosedReason.IDLE
        if unused > UNUSED_SECONDS and self._checked_out.conn_closed():
            return ConnectionClosedReason.ERROR
        return None

    def _give_back(self, error: BaseException | None = None) -> None:
        """Return the connection to the driver, with the error that happened on it."""
        checkout = self._checkout
        if checkout is None:
            return
        self._checkout = None
        self._checked_out = None
        if error is None:
            checkout.__exit__(None, None, None)
        else:
            checkout.__exit__(type(error), error, error.__traceback__)


def _bytes_in(record: Record) -> int:
    """Return the number of sealed bytes in a record, whose other fields are small."""
    return sum(len(value) for value in record.values() if isinstance(value, bytes))

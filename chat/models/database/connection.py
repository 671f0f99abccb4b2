"""The connection to the database: one client a process, its collections, and its failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import PyMongoError
from pymongo.monitoring import ServerDescriptionChangedEvent, ServerListener

from chat.models.database import schema
from chat.models.database.circuit_breaker import CircuitBreaker
from chat.models.database.deadline import OPERATION_SECONDS, Deadline, seconds_left
from chat.models.database.errors import NoChatThere, as_unreachable
from chat.models.database.insert_connection import IDLE_SECONDS, InsertConnection
from chat.models.database.record import Record
from chat.utils.chunks import chunks_of
from chat.utils.single_flight import SingleFlight

IDS_AT_ONCE = 100  # ids in one query: the embedded database takes 6 ms for 100, 120 ms for 500


class Database(ServerListener):
    """The connection: majority reads, journaled majority writes, so many seconds an operation."""

    def __init__(self) -> None:
        self.embedded = False
        self.is_secantus = False  # whether it is the embedded database's program, wherever it runs
        self.instance = ""  # distinguishes one chat's database from another's
        self.operation_seconds = OPERATION_SECONDS  # the limit of one operation, as of `connect`
        self._client: MongoClient[Record] | None = None
        self._mongo: MongoDatabase[Record] | None = None
        self._collections: dict[str, Collection[Record]] = {}
        self._undecoded: dict[str, Collection[RawBSONDocument]] = {}
        self._inserts: InsertConnection | None = None
        self._when_lost: list[Callable[[], None]] = []
        self._breaker = CircuitBreaker(self.ping, self._lose_heads)
        self._flushed = SingleFlight(self._flush, seconds_left)

    def connect(
        self, uri: str, *, embedded: bool, must_exist: bool = False, finishes_restore: bool = False
    ) -> None:
        """Connect, check the version of the data, create the indexes.

        `must_exist`: raise, and change nothing, when the database is empty or of an older program.
        `finishes_restore`: a backup is loaded, and this process ends its restore.
        Raises DatabaseUnreachable, NoChatThere, RestoreUnfinished, DataFromOlderProgram,
        DataFromNewerProgram.
        """
        with as_unreachable():
            mongo = self._reach(uri, embedded=embedded)
            if must_exist and schema.is_empty(mongo):
                raise NoChatThere(
                    f"{'DATA_DIR' if embedded else 'MONGO_URI'}: there is no chat in the database "
                    f"{self.name} of {self.address}."
                )
            schema.bring_up_to_date(
                mongo, may_migrate=not must_exist, finishes_restore=finishes_restore
            )
            self.instance = schema.instance_of(mongo)

    def connect_for_restore(self, uri: str, *, embedded: bool) -> None:
        """Connect to an empty database, or to one whose restore was interrupted.

        Raises DatabaseUnreachable, ChatThere.
        """
        with as_unreachable():
            mongo = self._reach(uri, embedded=embedded)
            place = f"MONGO_URI: the database {self.name} of {self.address}"
            schema.must_have_no_chat(mongo, "DATA_DIR: its database" if embedded else place)

    def _reach(self, uri: str, *, embedded: bool) -> MongoDatabase[Record]:
        """Open a connection in place of the one before, and ping the database."""
        self.close()
        self.embedded = embedded
        mongo = self._open(uri)
        with pymongo.timeout(OPERATION_SECONDS):
            self.ping()
            self.is_secantus = "secantusVersion" in mongo.client.server_info()
        return mongo

    def _open(self, uri: str) -> MongoDatabase[Record]:
        self._client = MongoClient(
            uri,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            timeoutMS=self.operation_seconds * 1000,
            maxIdleTimeMS=int(IDLE_SECONDS * 1000),
            tz_aware=True,
            appname="chat",
            event_listeners=[self],
        )
        self._mongo = self._client.get_default_database()
        self._inserts = InsertConnection(self._client, self._mongo.name)
        return self._mongo

    def close(self) -> None:
        if self._inserts:
            self._inserts.close()
            self._inserts = None
        if self._client:
            self._client.close()
            self._client = None
        self._mongo = None
        self._collections.clear()
        self._undecoded.clear()

    def __getitem__(self, name: str) -> Collection[Record]:
        if self._mongo is None:
            raise RuntimeError("the database is not connected: create_app does it")
        if name not in self._collections:
            self._collections[name] = self._mongo[name]
        return self._collections[name]

    def undecoded(self, name: str) -> Collection[RawBSONDocument]:
        """Return a collection whose records are the bytes that the database sent."""
        if name not in self._undecoded:
            self._undecoded[name] = self[name].with_options(
                codec_options=CodecOptions(document_class=RawBSONDocument)
            )
        return self._undecoded[name]

    def find_by_ids(self, name: str, ids: Iterable[Any], *fields: str) -> list[Record]:
        """Return the records with these ids, with only `fields` if any are given.

        Each query reads up to IDS_AT_ONCE ids.
        """
        return [
            record
            for chunk in chunks_of(ids, IDS_AT_ONCE)
            for record in self[name].find({"_id": {"$in": chunk}}, list(fields) or None)
        ]

    def insert(self, name: str, records: list[Record], *, ordered: bool) -> Record:
        """Insert records into a collection. Return the database's answer.

        The database stores all valid records or, if `ordered`, all before the first invalid one.
        This costs less than `insert_many`, and does not retry.
        Raises PyMongoError when the outcome is unknown.
        """
        assert self._inserts, "the database is not connected: create_app does it"
        return self._inserts.insert(name, records, ordered=ordered)

    def flush(self) -> None:
        """Wait until everything that was readable before this call is in the journal.

        Only the embedded database needs this: its majority reads may return records that are not
        in its journal yet.
        """
        if self.embedded:
            self._flushed.ask()

    def _flush(self) -> None:
        self["meta"].update_one({"_id": "flush"}, {"$inc": {"count": 1}})

    # The identity and the state of the database.

    @property
    def name(self) -> str:
        return self["meta"].database.name

    @property
    def address(self) -> str:
        """Return `host:port` for operators, or "unknown"."""
        if self._client is None or self._client.address is None:
            return "unknown"
        return "{}:{}".format(*self._client.address)

    def ping(self) -> None:
        """Ping the database. Raises DatabaseError when it does not answer."""
        self["meta"].database.client.admin.command("ping")

    def free_bytes(self) -> int | None:
        """Return the free bytes on the database's disk; None where the server reports none.

        SecantusDB reports none, and would read all its data for `dbStats`, so nobody asks it.
        """
        if "secantusVersion" in self["meta"].database.client.admin.command("buildInfo"):
            return None
        statistics = self["meta"].database.command("dbStats")
        total = statistics.get("fsTotalSize")
        used = statistics.get("fsUsedSize")
        if not total or used is None:
            return None
        return int(total - used)

    # Deadlines and failures.

    def deadline(self, since: float | None = None) -> AbstractContextManager[None]:
        """Return a context whose operations together take DEADLINE_SECONDS at most.

        `since`: the monotonic time at which the caller began to wait.
        Raises Unavailable, DatabaseError when the circuit breaker does not admit the caller.
        """
        self._breaker.admit(since)
        return Deadline(since)

    def failed(self, error: PyMongoError | str) -> None:
        """Record that an operation failed.

        `error`: the driver's exception, or a sentence about the database's answer.
        """
        self._breaker.failed(error)

    @property
    def last_failure(self) -> str:
        return self._breaker.last_failure

    def when_lost(self, action: Callable[[], None]) -> None:
        """Register `action` to be called when the primary changes or an operation fails.

        A failover may have rolled back the heads that this process knows.
        """
        self._when_lost.append(action)

    def _lose_heads(self) -> None:
        for action in self._when_lost:
            action()

    # ServerListener: pymongo calls these when it learns about its servers.

    def opened(self, event: object) -> None:
        """Ignore that a server was added to the topology."""

    def closed(self, event: object) -> None:
        """Ignore that a server was removed from the topology."""

    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        if event.previous_description.is_writable != event.new_description.is_writable:
            # The breaker stays closed: perhaps the driver has only found the primary.
            self._lose_heads()
            if self._inserts:
                self._inserts.renew()

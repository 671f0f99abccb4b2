"""The database: one connection a process, every index in one list, and the data's version."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, MongoClient
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import (
    ConfigurationError,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.monitoring import ServerDescriptionChangedEvent, ServerListener

from chat.models.insert_connection import IDLE_SECONDS, InsertConnection
from chat.models.migrations import SCHEMA_VERSION, migrate
from chat.utils.errors import Unavailable
from chat.utils.latch import Latch
from chat.utils.single_flight import SingleFlight

Record = dict[str, Any]

DOUBT_SECONDS = 3.0  # how long the circuit breaker is open after a failure, unless a ping succeeds
# The timeout of a ping while the breaker is open. A healthy database needs a hundredth of it.
IN_DOUBT_SECONDS = 0.5
OPERATION_SECONDS = 4  # after it the outcome is unknown and the person receives `unavailable`
# The least time for a caller that waited behind others. A database that has just come back is
# busy: less time makes its operations fail.
LEAST_SECONDS = 1.0
# For all operations of one event or request. A caller that waits behind another one still gets
# an answer within 5 s.
DEADLINE_SECONDS = 3.0
IDS_AT_ONCE = 100
START_SECONDS = 120  # building indexes over existing data may take long

# Every index. A query names only fields of one of these indexes: otherwise the embedded database
# scans the collection.
INDEXES: dict[str, list[tuple[list[str], dict[str, Any]]]] = {
    "users": [
        (["username_key"], {"unique": True}),
        (["skeletons"], {"unique": True}),  # no two usernames look alike
        (["looks"], {}),  # whose names look like a name
        (["name_keys"], {}),  # find people by the beginning of a name
        (["is_admin"], {}),  # whether there is an administrator yet
    ],
    "common_names": [],  # names that many people share: see namesakes.py
    "sessions": [
        (["user_id"], {}),
        (["expires_at"], {"expireAfterSeconds": 0}),
    ],
    "rooms": [
        (["shelf", "name_key"], {}),  # browse public rooms in the order of names
        (["people_key"], {"unique": True}),  # the one direct room of exactly these people
        (["pending.at"], {}),  # unfinished changes
    ],
    "memberships": [
        (["room_id", "user_id"], {"unique": True}),
        (["user_id", "room_id"], {}),  # of some rooms, those somebody is in
        (["user_id", "state"], {}),  # all rooms in somebody's list, or hidden
        (["user_id", "place"], {}),  # a page of somebody's list
        (["room_id", "number"], {}),  # a page of people
        (["room_id", "notifications"], {}),  # who wants no notifications
    ],
    "room_invitations": [
        (["room_id", "user_id"], {"unique": True}),  # one a person and room
        (["user_id"], {}),  # somebody's pending invitations
    ],
    "declined_invitations": [
        (["room_id", "user_id", "invited_by"], {"unique": True}),
        (["at"], {"expireAfterSeconds": 30 * 24 * 3600}),  # DECLINED_FOR
    ],
    "blocks": [
        (["user_id", "blocked_id"], {"unique": True}),
        (["blocked_id"], {}),  # who blocks somebody
    ],
    "images": [
        (["message_id", "created_at"], {}),  # what no message has claimed, by age
        (["room_id", "seq"], {}),  # what a room's messages show
        (["uploader_id"], {}),  # how many bytes somebody stores
    ],
    "pins": [],  # one record a room
    "graves": [],  # deleted rooms, until nothing is left of them
    "mentions": [
        (["audience", "message_id"], {}),  # the messages that name somebody, by time
        (["message_id"], {}),
    ],
    "notices": [(["at"], {"expireAfterSeconds": 3600})],
    "presences": [(["at"], {"expireAfterSeconds": 3600})],
    "active_rooms": [(["until"], {"expireAfterSeconds": 3600})],
    "text_usage": [(["at"], {"expireAfterSeconds": 2 * 86_400})],  # what a person wrote in a day
    "usage": [(["counted", "changed_at"], {})],  # the counters to recount
    "avatars": [(["unsettled_since"], {})],  # what a crash during a change left behind
    "pictures.files": [(["filename", "uploadDate"], {})],  # both indexes as GridFS defines them
    "pictures.chunks": [(["files_id", "n"], {"unique": True})],
    "keys": [(["room_id"], {"unique": True})],
    "halves": [],  # only where HALVES=database
    "log": [
        (["room_id", "seq"], {"unique": True}),  # an entry's number: no two have the same
        # Idempotency: a retry finds its first result.
        (["room_id", "author_id", "client_id"], {"unique": True}),
        (["room_id", "message_id", "seq"], {}),  # the changes of a message
        # Pages of messages, however many changes lie between them.
        (["room_id", "event", "ordinal"], {}),
    ],
    "postings": [(["room_id"], {})],  # to drop a room's whole index; all else queries by id
}


_until: ContextVar[float] = ContextVar("until", default=math.inf)  # by the monotonic clock


class DataFromNewerProgram(Exception):
    """The database was written by a newer program than this one; the text is one sentence."""


class DataFromOlderProgram(Exception):
    """The data is of an earlier version, and this process must not migrate it."""

    def __init__(self) -> None:
        super().__init__(
            "The data is of an earlier version; start the chat once, which brings it up to date."
        )


class NoChatThere(Exception):
    """The database contains no chat and this process must not create one; the text says so."""


class DatabaseUnreachable(Exception):
    """The database did not answer at the start; the text is one sentence.

    It does not contain the password of the URI.
    """


class _Deadline:
    """A context manager for a deadline, which an earlier one around it overrides.

    A class for speed, because every event enters one.
    """

    __slots__ = ("_before", "_of_driver", "_until")

    def __init__(self, seconds: float, moment: float):
        self._until, self._of_driver = moment + seconds, pymongo.timeout(seconds)

    def __enter__(self) -> None:
        self._before = _until.set(min(_until.get(), self._until))
        self._of_driver.__enter__()

    def __exit__(self, *raised: Any) -> None:
        self._of_driver.__exit__(*raised)
        _until.reset(self._before)


class _Asking:
    """One ping and its result. `over` opens when the result is known."""

    __slots__ = ("answered", "over")

    def __init__(self) -> None:
        self.answered, self.over = False, Latch()


class Database(ServerListener):
    """The connection: majority reads, journaled majority writes, four seconds an operation."""

    def __init__(self) -> None:
        self._client: MongoClient[Record] | None = None
        self._handle: MongoDatabase[Record] | None = None
        self._collections: dict[str, Collection[Record]] = {}
        self._undecoded: dict[str, Collection[RawBSONDocument]] = {}
        self._inserts: InsertConnection | None = None
        self._when_lost: list[Callable[[], None]] = []
        self.embedded = False
        self._doubtful_until = 0.0
        self._flushed = SingleFlight(self._flush, self.seconds_left)
        self._lock = threading.Lock()
        self._asking: _Asking | None = None
        # When an operation failed last, and when a ping failed last.
        self._failed_at = self._silent_at = -math.inf
        self.last_failure = "none"
        self.instance = ""  # distinguishes one chat's database from another's

    def connect(self, uri: str, *, embedded: bool, must_exist: bool = False) -> None:
        """Connect, check the version of the data, create the indexes.

        `must_exist`: leave a database without data, or of an earlier program, unchanged.
        Raises DatabaseUnreachable, NoChatThere, DataFromOlderProgram, DataFromNewerProgram.
        """
        self.close()
        self.embedded = embedded
        try:
            self._client = MongoClient(
                uri,
                w="majority",
                journal=True,
                readConcernLevel="majority",
                timeoutMS=OPERATION_SECONDS * 1000,
                maxIdleTimeMS=int(IDLE_SECONDS * 1000),
                tz_aware=True,
                appname="chat",
                event_listeners=[self],
            )
            self._handle = self._client.get_default_database()
            self._inserts = InsertConnection(self._client, self._handle.name)
            with pymongo.timeout(OPERATION_SECONDS):
                self._client.admin.command("ping")
            with pymongo.timeout(START_SECONDS):
                if must_exist and "meta" not in self._handle.list_collection_names():
                    where = "DATA_DIR" if embedded else "MONGO_URI"
                    raise NoChatThere(
                        f"{where}: there is no chat in the database {self._handle.name} "
                        f"of {self.address}."
                    )
                version = self._version()
            if must_exist and version < SCHEMA_VERSION:
                raise DataFromOlderProgram
            migrate(self["meta"].database, version)
            with pymongo.timeout(START_SECONDS):
                self._prepare()
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise DatabaseUnreachable(
                f"MONGO_URI: it is not a MongoDB connection string ({error})."
            ) from error
        except OperationFailure as error:
            raise DatabaseUnreachable(
                f"MONGO_URI: the database refused ({(error.details or {}).get('errmsg')})."
            ) from error
        except PyMongoError as error:
            raise DatabaseUnreachable(
                "MONGO_URI: the database does not answer; does it run, is the address right?"
            ) from error

    def close(self) -> None:
        if self._inserts:
            self._inserts.close()
        if self._client:
            self._client.close()
            self._client = self._handle = self._inserts = None
            self._collections.clear()
            self._undecoded.clear()

    def __getitem__(self, name: str) -> Collection[Record]:
        if self._handle is None:
            raise RuntimeError("the database is not connected: create_app does it")
        if name not in self._collections:
            self._collections[name] = self._handle[name]
        return self._collections[name]

    def undecoded(self, name: str) -> Collection[RawBSONDocument]:
        """Return a collection whose records are the bytes that the database sent."""
        if name not in self._undecoded:
            self._undecoded[name] = self[name].with_options(
                codec_options=CodecOptions(document_class=RawBSONDocument)
            )
        return self._undecoded[name]

    def insert(self, name: str, records: list[Record], *, ordered: bool) -> Record:
        """Insert records into a collection. Return the database's answer.

        The database stores all valid records or, if `ordered`, all before the first invalid one.
        Cheaper than `insert_many`, and not retried.
        Raises PyMongoError when the outcome is unknown.
        """
        assert self._inserts, "the database is not connected: create_app does it"
        return self._inserts.insert(name, records, ordered=ordered)

    @property
    def name(self) -> str:
        return self["meta"].database.name

    @property
    def address(self) -> str:
        """Return `host:port` for operators, or "unknown"."""
        address = self._client.address if self._client else None
        return f"{address[0]}:{address[1]}" if address else "unknown"

    def ping(self) -> None:
        """Ping the database. Raises DatabaseError when it does not answer."""
        self["meta"].database.client.admin.command("ping")

    def free_bytes(self) -> int | None:
        """Return the free bytes on the database's disk; None where the server reports none.

        SecantusDB reports none, and reads all its data for `dbStats`, so it is not asked.
        """
        if "secantusVersion" in self["meta"].database.client.admin.command("buildInfo"):
            return None
        told = self["meta"].database.command("dbStats")
        total, used = told.get("fsTotalSize"), told.get("fsUsedSize")
        return int(total - used) if total and used is not None else None

    def flush(self) -> None:
        """Make everything that could be read before this call durable, by a journaled write.

        Only the embedded database needs it: its majority reads may return what is not in its
        journal yet.
        """
        if self.embedded:
            self._flushed.ask()

    def _flush(self) -> None:
        self["meta"].update_one({"_id": "flush"}, {"$inc": {"count": 1}})

    def deadline(self, since: float | None = None) -> AbstractContextManager[None]:
        """Return a context whose operations together take DEADLINE_SECONDS at most.

        `since`: the monotonic time at which the caller began to wait. The deadline counts from
        then, but leaves LEAST_SECONDS at least.

        Circuit breaker: after a failure, ping the database before admitting further callers. So
        they fail after IN_DOUBT_SECONDS instead of each waiting for the full timeout. A caller
        that was already waiting when a ping failed fails at once. So does a caller that waited
        DEADLINE_SECONDS behind a failure. The operation that failed may only have needed more
        time than it had; then the ping succeeds and closes the breaker.
        Raises Unavailable, DatabaseError.
        """
        moment = time.monotonic()
        if since is not None and since < self._failed_at and moment - since >= DEADLINE_SECONDS:
            raise Unavailable(
                reason=f"waited {moment - since:.1f} s behind a failure of the database: "
                f"{self.last_failure}"
            )
        if moment < self._doubtful_until:
            if since is not None and since < self._silent_at:
                raise Unavailable(
                    reason=f"the database did not answer a ping since: {self.last_failure}"
                )
            self._ask()
            self._doubtful_until, moment = 0.0, time.monotonic()
        return _Deadline(
            DEADLINE_SECONDS
            if since is None
            else max(LEAST_SECONDS, since + DEADLINE_SECONDS - moment),
            moment,
        )

    def _ask(self) -> None:
        """Ping the database, which has IN_DOUBT_SECONDS to answer.

        Callers that arrive during a ping share its result. Raises Unavailable, DatabaseError.
        """
        with self._lock:
            leads, asking = self._asking is None, self._asking or _Asking()
            self._asking = asking
        if not leads:
            if not (asking.over.wait(IN_DOUBT_SECONDS) and asking.answered):
                raise Unavailable(
                    reason="the database did not answer a ping of another request: "
                    f"{self.last_failure}"
                )
            return
        try:
            with pymongo.timeout(IN_DOUBT_SECONDS):
                self.ping()
            asking.answered = True
        except PyMongoError as error:
            self._silent_at = time.monotonic()
            self.failed(f"{type(error).__name__}: {error}"[:500])
            raise
        finally:
            self._asking = None
            asking.over.open()

    @staticmethod
    def seconds_left() -> float | None:
        """Return the seconds until the current deadline; None when there is none."""
        until = _until.get()
        return None if until == math.inf else max(0.0, until - time.monotonic())

    def when_lost(self, action: Callable[[], None]) -> None:
        """Register `action` to be called when the primary changes or an operation fails.

        A failover may have rolled back the heads that this process knows.
        """
        self._when_lost.append(action)

    def failed(self, error: PyMongoError | str) -> None:
        """Record that an operation failed, by the driver's exception or the database's answer.

        Our own deadline passing does not prove that the database is broken, since one request may
        ask for too much: the next caller pings it. After any other failure the database may have
        rolled back known heads, so this process drops them.
        """
        self.last_failure = (
            error if isinstance(error, str) else f"{type(error).__name__}: {error}"[:500]
        )
        self._doubtful_until = time.monotonic() + DOUBT_SECONDS
        if isinstance(error, str) or not is_own_deadline(error):
            self._lose()

    def _lose(self) -> None:
        self._failed_at = time.monotonic()
        self._forget_heads()

    def _forget_heads(self) -> None:
        for action in self._when_lost:
            action()

    def _version(self) -> int:
        """Return the version of the data. Raises DataFromNewerProgram."""
        kept = self["meta"].find_one({"_id": "schema"})
        version = kept["version"] if kept else SCHEMA_VERSION
        if version > SCHEMA_VERSION:
            raise DataFromNewerProgram(
                f"The data is of version {version}, this program knows {SCHEMA_VERSION}; "
                "start the newer program that wrote it."
            )
        return int(kept["version"]) if kept else SCHEMA_VERSION

    def _prepare(self) -> None:
        for name, indexes in INDEXES.items():
            for fields, options in indexes:
                self[name].create_index([(field, ASCENDING) for field in fields], **options)
        self["meta"].update_one(
            {"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True
        )
        self["meta"].update_one(
            {"_id": "instance"}, {"$setOnInsert": {"name": secrets.token_hex(8)}}, upsert=True
        )
        self.instance = str((self["meta"].find_one({"_id": "instance"}) or {})["name"])
        self["meta"].update_one({"_id": "flush"}, {"$inc": {"count": 1}}, upsert=True)

    # ServerListener: pymongo calls these when it learns about its servers.

    def opened(self, event: object) -> None:
        """Ignore that a server was added to the topology."""

    def closed(self, event: object) -> None:
        """Ignore that a server was removed from the topology."""

    def description_changed(self, event: ServerDescriptionChangedEvent) -> None:
        if event.previous_description.is_writable != event.new_description.is_writable:
            self._forget_heads()  # not a failure: the driver may just have found the primary
            if self._inserts:
                self._inserts.renew()


def is_own_deadline(error: PyMongoError) -> bool:
    """Return whether an operation ended at our own deadline, while its server was available."""
    return error.timeout and not isinstance(error, ServerSelectionTimeoutError)


# What the driver raises and no model expects: the operation failed, or its outcome is unknown.
DatabaseError = PyMongoError

database = Database()


def find_by_ids(name: str, ids: Sequence[Any], *fields: str) -> list[Record]:
    """Return the records with these ids, of each only `fields` if given.

    One query for IDS_AT_ONCE ids: the embedded database takes 6 ms for 100 ids, 120 ms for 500.
    """
    chunks = [ids[first : first + IDS_AT_ONCE] for first in range(0, len(ids), IDS_AT_ONCE)]
    return [
        record
        for chunk in chunks
        for record in database[name].find({"_id": {"$in": list(chunk)}}, list(fields) or None)
    ]

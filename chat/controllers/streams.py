"""Streams: programs without Socket.IO hear what happens, over one HTTP answer that does not end.

A stream is a listener of the same fan-out as sockets. The stream of a room is as exact as catching
up: it begins after a seq, and the log has what the listener lost.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from chat.controllers import access, catch_up, sessions
from chat.controllers.broadcasts import entries, hello
from chat.controllers.broadcasts.audiences import (
    enter,
    everybody_in,
    forget_socket,
    remember_socket,
    sockets_of,
    streams_of,
)
from chat.extensions import socketio
from chat.models.database import database
from chat.models.document import Id
from chat.models.session import Session
from chat.models.user import User
from chat.realtime.extension.listener import TooManyFromNetwork
from chat.schemas.messages import message_json
from chat.schemas.room_log import EVENTS, show_entry
from chat.utils.errors import RateLimited, Unauthenticated

MOST_OF_PERSON = 20  # with their bots, in each process
BEAT_SECONDS = 15.0  # without an event, a stream sends a sign of life
STEP = 100  # entries read from the log at a time
KNOWN = 64  # packets that are parsed once for all listeners of a room

_open: Counter[Id] = Counter()  # by who answers for the program


class Event(NamedTuple):
    """An event of a stream: its name, its payload as JSON, and for an entry its seq."""

    name: str
    payload: bytes
    seq: int | None = None


class Stream:
    """An open stream. Whoever iterates over it closes it; None is a sign of life.

    It counts by its person, bots as their owner, and by its network among the sockets. Raises
    RateLimited.
    """

    def __init__(self, person: User, session: Session, address: str):
        if _open[person.answerable_id] >= MOST_OF_PERSON:
            raise RateLimited(retry_after=int(BEAT_SECONDS))
        try:
            self._listener = socketio.listen(address)
        except TooManyFromNetwork:
            raise RateLimited(retry_after=int(BEAT_SECONDS)) from None
        _open[person.answerable_id] += 1
        self.person = person
        self._session = session
        self._is_closed = False
        self._checked_at = -BEAT_SECONDS  # before the first event, and then at each beat

    def close(self) -> None:
        """Stop listening. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        _open[self.person.answerable_id] -= 1
        if not _open[self.person.answerable_id]:
            del _open[self.person.answerable_id]
        forget_socket(self._listener.sid)
        socketio.stop_listening(self._listener)

    def __iter__(self) -> Iterator[Event | None]:
        while not self._is_over():
            taken = self._listener.take(BEAT_SECONDS)
            if self._listener.overflowed:
                return  # the program asks anew, and catches up
            yield from self._passed_on(taken)

    def _is_over(self) -> bool:
        """Return whether the stream ends: closed, or its session is over.

        A session that ended while the stream began to listen closed nothing, so this looks itself.
        """
        if time.monotonic() - self._checked_at >= BEAT_SECONDS:
            self._checked_at = time.monotonic()
            try:
                sessions.require(self._session.id)
            except Unauthenticated:
                self._listener.close()
        return self._listener.closed

    def _passed_on(self, taken: list[bytes]) -> Iterator[Event | None]:
        """Yield what the program gets of some packets, or a sign of life."""
        if not taken:
            yield None
        for packet in taken:
            name, payload = _parts_of(packet)
            yield Event(name, payload)


class StreamOfAll(Stream):
    """Everything that a socket of the person receives, `hello` first."""

    def begin(self) -> None:
        """Start listening to all rooms of the person. Raises DatabaseError."""
        hello.greet(self._listener.sid, self.person, self._session)


class StreamOfRoom(Stream):
    """The entries of one room after `after`, in order and without gaps.

    A seq beyond the head is from before the chat was restored: the stream begins at the head.
    """

    _room_id: Id
    _last: int

    def begin(self, room_id: str, after: int | None) -> None:
        """Start listening; None: to what comes from now on. Raises NotFound."""
        mine = access.membership(self.person, room_id).must("read")
        self._room_id = mine.room.id
        head = entries.readings_at_one_moment([mine])[self._room_id].head_seq
        # Nothing yields from here on, so that no entry is between the head and the audience.
        sids = [self._listener.sid]
        remember_socket(self._listener.sid, self.person.id)
        enter(sids, sockets_of(self._session.id))
        enter(sids, streams_of(self.person.id))
        enter(sids, everybody_in(self._room_id))
        self._last = head if after is None else min(after, head)

    def __iter__(self) -> Iterator[Event | None]:
        if self._is_over():
            return
        yield from self._missed()
        while not self._is_over():
            taken = self._listener.take(BEAT_SECONDS)
            if self._listener.overflowed:
                self._listener.overflowed = False
                yield from self._missed()
                continue
            yield from self._passed_on(taken)

    def _passed_on(self, taken: list[bytes]) -> Iterator[Event | None]:
        if not taken:
            yield None
        for packet in taken:
            if (found := _entry_in(packet)) is None:
                if _is_end(packet, str(self._room_id)):
                    self._listener.close()
                    return
            elif found.room_id == str(self._room_id):
                yield from self._in_order(found.event)

    def _in_order(self, event: Event) -> Iterator[Event]:
        """Yield an entry that comes next, and read from the log what is missing before one."""
        assert event.seq
        if event.seq == self._last + 1:
            self._last = event.seq
            yield event
        elif event.seq > self._last:
            yield from self._missed()

    def _missed(self) -> Iterator[Event]:
        """Yield the entries up to the head from the log. Raises NotFound, DatabaseError."""
        while True:
            with database.deadline():
                found = catch_up.catch_up(
                    self.person, str(self._room_id), after=self._last, limit=STEP
                )
            for entry in found.entries:
                shown = orjson.dumps(show_entry(entry, message_json))
                self._last = entry.seq
                yield Event(entry.event, shown, entry.seq)
            if not found.entries or self._last >= found.head_seq:
                return


class _Entry(NamedTuple):
    room_id: str
    event: Event


def open_streams() -> int:
    """Return how many streams are open in this process."""
    return _open.total()


@lru_cache(KNOWN)
def _entry_in(packet: bytes) -> _Entry | None:
    """Return the entry of a packet; None if it has none."""
    name, payload = _parts_of(packet)
    if name not in EVENTS:
        return None
    entry: dict[str, Any] = orjson.loads(payload)
    return _Entry(entry["room_id"], Event(name, payload, entry["seq"]))


def _is_end(packet: bytes, room_id: str) -> bool:
    """Return whether the packet says that the person is no longer in the room."""
    name, payload = _parts_of(packet)
    return name == "room:removed" and orjson.loads(payload)["room_id"] == room_id


def _parts_of(packet: bytes) -> tuple[str, bytes]:
    """Return the name and the payload of `["name",payload]`."""
    name, _, payload = packet[1:-1].partition(b",")
    return str(orjson.loads(name)), payload or b"null"

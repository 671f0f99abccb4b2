"""Call `send()` once per socket and round, however many packets wait for it.

A single packet is never delayed here. When several people write to a large audience at once, a
pause follows each round over that audience. The pause leaves most of the time to other work.
Packets that arrive during the pause share one `send()`, which costs more than the data it carries.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chat.realtime import loop
from chat.realtime.transport.interfaces import Writable

# An audience of more sockets is large. The flusher serves large audiences in slices of this many
# sockets, and small audiences between the slices.
LARGE = 200
# The pause as a multiple of a large round's duration. A round without several packets for most of
# its WebSockets has no pause.
REST = 3.0

Written = Callable[[], object]  # called once an audience's packet is written to all its sockets


@dataclass(slots=True)
class Round:
    """One pass over the WebSockets of large audiences that had something to send at its start."""

    websockets: int
    left: int  # WebSockets not served yet
    several: int = 0  # served WebSockets that had more than one packet waiting
    seconds: float = 0.0  # duration of all slices
    written: list[Written] = field(default_factory=list)  # called at its end

    @property
    def rest(self) -> float:
        """Return the seconds to pause after this round."""
        if 2 * self.several <= self.websockets:
            return 0.0
        return REST * self.seconds


class Flusher:
    """Tracks which WebSockets have something to send."""

    def __init__(self) -> None:
        self.small: list[Writable] = []  # a caller that appends to either list calls `wake`
        self.large: deque[Writable] = deque()
        # likewise: called after the next write of either list
        self.small_written: list[Written] = []
        self.large_written: list[Written] = []
        self._small_due = False
        self._large_due = False
        self._round: Round | None = None  # the current round of large audiences
        self._rests_until = 0.0

    def wake(self) -> None:
        if (self.small or self.small_written) and not self._small_due:
            self._small_due = True
            loop.call_soon(self._flush_small)
        if (self.large or self.large_written) and not self._large_due:
            self._flush_large_after(self._rests_until - time.perf_counter())

    def _flush_small(self) -> None:
        self._small_due = False
        websockets = self.small
        self.small = []
        written = self.small_written
        self.small_written = []
        _write(websockets)
        for call in written:
            call()

    def _flush_large_after(self, seconds: float) -> None:
        self._large_due = True
        if seconds > 0:
            loop.call_later(seconds, self._flush_large)
        else:
            loop.call_soon(self._flush_large)

    def _flush_large(self) -> None:
        began = time.perf_counter()
        this = self._round
        if this is None:
            this = Round(len(self.large), len(self.large), written=self.large_written)
            self.large_written = []
        self._round = this
        count = min(LARGE, this.left)
        this.left -= count
        this.several += _write([self.large.popleft() for _ in range(count)])
        moment = time.perf_counter()
        this.seconds += moment - began
        if this.left:
            self._flush_large_after(0)
            return
        self._round = None
        for call in this.written:
            call()
        self._rests_until = moment + this.rest
        self._large_due = False
        self.wake()


def _write(websockets: list[Writable]) -> int:
    """Write to the WebSockets; return how many had more than one packet waiting."""
    several = 0
    same: list[bytes] = []
    data = b""
    for websocket in websockets:
        out = websocket.out
        if not out or not websocket.direct:
            # The WebSocket is closed, was written through another list, or waits for its socket to
            # take more.
            continue
        if len(out) == 1:
            websocket.out = []
            websocket.write(out[0])
            continue
        several += 1
        # WebSockets of one audience have the same packets waiting: join the packets once.
        if out != same:
            same = out
            data = b"".join(out)
        websocket.out = []
        websocket.write(data)
    return several

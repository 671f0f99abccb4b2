"""One `send()` per socket and round of the loop, however many packets wait for it. Nothing is delayed for it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chat.realtime import eventlet_hub as hub

if TYPE_CHECKING:
    from chat.realtime.wire import Wire

LARGE = 200   # sockets: a larger audience goes out in slices of so many, and small ones pass it


class Flusher:
    """Knows which wires have something to send."""

    def __init__(self) -> None:
        self.small: list[Wire] = []          # whoever appends to one of these calls `wake`
        self.large: deque[Wire] = deque()
        self._awake = False

    def wake(self) -> None:
        if not self._awake:
            self._awake = True
            hub.call_soon(self._flush)

    def _flush(self) -> None:
        self._awake = False
        wires, self.small = self.small, []
        large = self.large
        for _ in range(min(LARGE, len(large))):
            wires.append(large.popleft())
        if large:
            self.wake()
        same: list[bytes] = []
        data = b""
        for wire in wires:
            out = wire.out
            if not out:
                continue  # closed meanwhile
            if len(out) == 1:
                wire.out = []
                wire.write(out[0])
                continue
            if out != same:  # an audience has the same packets waiting: they are joined once
                same, data = out, b"".join(out)
            wire.out = []
            wire.write(data)

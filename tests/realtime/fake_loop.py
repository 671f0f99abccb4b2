"""A loop whose rounds the test runs, and sockets that write to a list."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class Loop:
    """A stand-in for the loop and the clock of the given modules.

    Writing to a socket takes a millisecond of its time.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType):
        self.now = 100.0
        self.calls: list[Call] = []
        self.sent: list[tuple[float, bytes]] = []
        hub = SimpleNamespace(
            call_soon=lambda call: self.call_later(0, call),
            call_later=self.call_later,
            add_reader=lambda *_: object(),
            add_writer=lambda *_: object(),
            remove=lambda _: None,
        )
        for module in modules:
            monkeypatch.setattr(module, "loop", hub)
            if hasattr(module, "time"):
                monkeypatch.setattr(
                    module,
                    "time",
                    SimpleNamespace(perf_counter=lambda: self.now, monotonic=lambda: self.now),
                )

    def call_later(self, seconds: float, call: Any, *args: Any) -> Call:
        self.calls.append(Call(self, self.now + seconds, lambda: call(*args)))
        return self.calls[-1]

    def websocket(self) -> Any:
        return SimpleNamespace(out=[], direct=True, write=self.write)

    def write(self, data: bytes) -> None:
        self.sent.append((self.now, data))
        self.now += 0.001

    def turn(self) -> None:
        """Run what is due next."""
        call = min(self.calls, key=lambda call: call.when)
        self.now = max(self.now, call.when)
        call.cancel()
        call.function()

    def turn_until(self, moment: float) -> None:
        while any(call.when <= moment for call in self.calls):
            self.turn()
        self.now = max(self.now, moment)


class Call:
    def __init__(self, loop: Loop, when: float, function: Any):
        self.loop, self.when, self.function = loop, when, function

    def cancel(self) -> None:
        self.loop.calls.remove(self)

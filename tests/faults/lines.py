"""The connections of a chat to its servers, each through a proxy, for tests without a loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.faults.proxy import Line, Proxy, Which

Result = TypeVar("Result")


class Lines:
    """The chat's connections to its servers, through proxies in a loop of their own."""

    def __init__(self, *ports: int):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._proxies = [Proxy(port) for port in ports]
        self.ports = [self._run(self._start(proxy)) for proxy in self._proxies]

    def hang_up(self, which: Which, *, reset: bool) -> None:
        self._run(self._hang_up(which, reset))

    def go_dead(self, which: Which) -> None:
        self._run(self._go_dead(which))

    def slow_down(self, delay: float) -> None:
        """Let everything come so many seconds later at the servers."""
        for proxy in self._proxies:
            proxy.delay = delay

    def stop(self) -> None:
        for proxy in self._proxies:
            self._run(proxy.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _start(self, proxy: Proxy) -> int:
        return int((await proxy.start()).url.rpartition(":")[2])

    async def _go_dead(self, which: Which) -> None:
        for proxy in self._proxies:
            proxy.go_dead(which)

    async def _hang_up(self, which: Which, reset: bool) -> None:
        for proxy in self._proxies:
            proxy.hang_up(which, reset=reset)
        await asyncio.sleep(0.1)  # asyncio closes a socket in the next round of its loop

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


def not_watching(line: Line) -> bool:
    """Return whether the line is not one of the driver's monitoring lines.

    Those are never idle, and would notice a cut before the others.
    """
    return b"topologyVersion" not in line.last


def idle(line: Line) -> bool:
    """Return whether the line rested so long that the driver checks it before it uses it."""
    return not_watching(line) and time.monotonic() - line.at > 1.0


def for_inserts(line: Line) -> bool:
    """Return whether the line is that of the inserts, which rests longest.

    Reading continues by itself on others, and would notice a cut before it.
    """
    return b"insert" in line.last


def through(uri: str, port: int) -> str:
    """Return a database's URI with a proxy's port, as a direct connection.

    Otherwise the driver connects to the address that the server reports.
    """
    return uri.replace(f":{urlsplit(uri).port}/", f":{port}/") + "&directConnection=true"

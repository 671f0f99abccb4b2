"""Look up the addresses of a host, with an end.

The system's resolver has timeouts of its own, which together are longer than a request may take,
and nothing interrupts it. So a thread asks it, and is left to itself once the time is over.
Requests to the same host share a thread, so a silent name costs one however often it is tried.
"""

from __future__ import annotations

import socket
import threading

_under_way: dict[str, LookUp] = {}
_lock = threading.Lock()


class NoNameServer(TimeoutError):
    """Nobody said in time what addresses a host has."""


class LookUp:
    """One question to the resolver, for whose answer several requests may wait."""

    def __init__(self, host: str):
        self._host = host
        self._ended = threading.Event()
        self._addresses: list[str] = []
        self._problem: Exception | None = None

    def run(self) -> None:
        try:
            found = socket.getaddrinfo(self._host, None, type=socket.SOCK_STREAM)
            self._addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        except Exception as problem:  # noqa: BLE001  whoever waits raises it
            self._problem = problem
        with _lock:
            del _under_way[self._host]
        self._ended.set()

    def wait(self, seconds: float) -> list[str]:
        if not self._ended.wait(seconds):
            raise NoNameServer(f"no name server knew {self._host} in time")
        if self._problem:
            raise self._problem
        return self._addresses


def addresses_of(host: str, seconds: float) -> list[str]:
    """Return a host's addresses.

    Raises OSError, NoNameServer after so many seconds, ValueError for what is no name.
    """
    with _lock:
        look_up = _under_way.get(host)
        if look_up is None:
            look_up = LookUp(host)
            threading.Thread(target=look_up.run, daemon=True).start()
            _under_way[host] = look_up
    return look_up.wait(seconds)

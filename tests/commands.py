"""What the database is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chat.models.database import database
from config import Settings

OF_CONNECTIONS = {
    "hello",
    "isMaster",
    "saslStart",
    "saslContinue",
    "endSessions",
}  # not asked by the chat


class _Listener(CommandListener):
    def __init__(self) -> None:
        self.heard: list[list[str]] = []
        self.client: object = None  # the one that tells it

    def started(self, event: CommandStartedEvent) -> None:
        for commands in self.heard if event.command_name not in OF_CONNECTIONS else ():
            commands.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


_listener = _Listener()
monitoring.register(_listener)


def listen(settings: Settings) -> None:
    """Connects anew, unless that was done: a connection that was made before this module was imported tells nothing."""
    if database._client is _listener.client:
        return
    assert settings.mongo_uri
    database.connect(settings.mongo_uri, embedded=True)
    _listener.client = database._client
    time.sleep(
        0.5
    )  # until the driver has told that the connection before it is closed: then all heads are forgotten


@contextmanager
def counted() -> Iterator[list[str]]:
    """The names of the commands that this process gives the database meanwhile."""
    commands: list[str] = []
    _listener.heard.append(commands)
    try:
        yield commands
    finally:
        _listener.heard.remove(commands)

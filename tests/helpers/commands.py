"""Record the commands that this process sends to the database."""

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
from tests.helpers.databases import IS_EMBEDDED

OF_CONNECTIONS = {
    "hello",
    "isMaster",
    "saslStart",
    "saslContinue",
    "endSessions",
}  # the driver's own commands


class _Listener(CommandListener):
    def __init__(self) -> None:
        self.heard: list[tuple[list[str], tuple[str, ...]]] = []
        self.client: object = None  # the one that reports to it

    def started(self, event: CommandStartedEvent) -> None:
        name = event.command_name
        for commands, collections in self.heard if name not in OF_CONNECTIONS else ():
            if not collections or event.command[name] in collections:
                commands.append(name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


_listener = _Listener()
monitoring.register(_listener)


def listen(settings: Settings) -> None:
    """Connect again, once: a connection from before this module's import reports no commands."""
    if database._client is _listener.client:
        return
    assert settings.mongo_uri
    database.connect(settings.mongo_uri, embedded=IS_EMBEDDED)
    _listener.client = database._client
    # The driver reports meanwhile that the previous connection is closed, which clears all heads.
    time.sleep(0.5)


@contextmanager
def counted(*collections: str) -> Iterator[list[str]]:
    """Collect the names of the commands that this process sends to the database in the block.

    With `collections`, only of the commands about these: jobs of the process go on meanwhile.
    """
    commands: list[str] = []
    heard = (commands, collections)
    _listener.heard.append(heard)
    try:
        yield commands
    finally:
        _listener.heard = [each for each in _listener.heard if each is not heard]

"""A database and a server for one benchmark, deleted when it ends."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chat import create_app
from chat.models.database import database
from chat.server.embedded_database import EmbeddedDatabase
from config import load_settings
from tests.helpers.servers import SECRETS, Server, free_port
from tests.helpers.world import World

SERVE = ("wsgi.py",)
SERVE_WITHOUT_INDEXING = (
    "-c",
    """
import wsgi
from chat.controllers import index_schedule, jobs
jobs.JOBS[:] = [job for job in jobs.JOBS if job[0] not in """
    """(index_schedule.index_news, index_schedule.index_rest)]
wsgi.main()
""",
)


@contextmanager
def own_database() -> Iterator[EmbeddedDatabase]:
    """Start an embedded database, and the chat in this process on it, so that models work."""
    with own_folder() as folder:
        embedded = EmbeddedDatabase(folder / "data").start()
        os.environ.update(SECRETS, MONGO_URI=embedded.uri, RATE_LIMITS="off")
        try:
            with create_app(load_settings(dotenv=None), embedded.uri, embedded=True).app_context():
                yield embedded
        finally:
            database.close()
            embedded.stop()


@contextmanager
def own_world(
    embedded: EmbeddedDatabase, command: Sequence[str] = SERVE, **variables: str
) -> Iterator[World]:
    """Start the chat in a process of its own on this database."""
    with own_folder() as folder:
        environment = {
            **SECRETS,
            "MONGO_URI": embedded.uri,
            "DATA_DIR": str(folder),
            "RATE_LIMITS": "off",
            **variables,
        }
        server = Server(free_port(), environment, folder / "log", command).start()
        try:
            yield World(server)
        finally:
            server.stop()


@contextmanager
def own_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="chat-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

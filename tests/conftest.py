"""The fixtures of all tests: a real database, a real server, a small world."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from chat import connect, create_app, extensions
from chat.models.chat_settings import ChatSettings
from chat.models.search import message_search
from chat.server.embedded_database import EmbeddedDatabase
from chat.utils import highlighting, passwords
from config import Settings, load_settings
from tests.helpers.databases import IS_EMBEDDED, GivenDatabase, another, drop
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import SECRETS, Server, children_of, free_port, new_chat, wait_until
from tests.helpers.world import World

# The tests create hundreds of people; the server under test has its usual cost.
passwords.ROUNDS = 4

# A slow machine must not decide how much of an answer a test sees. The tests of these limits set
# them to 0; the server under test has its usual ones.
message_search.MOST_SECONDS = 10.0
highlighting.MOST_SECONDS = 1.0

# Unit and API tests that take long beside what they cover; `bin/test --fast` leaves them out.
SLOW = {
    "controllers/test_rosters.py",
    "fuzz/test_events.py",
    "models/test_halves.py",
    "models/test_resealing.py",
    "models/test_role.py",
    "models/test_room_order.py",
    "models/test_roster_migration.py",
    "models/search/test_message_search.py",
    "routes/api/test_many_rooms.py",
    "routes/api/test_search.py",
    "routes/sockets/test_events.py",
    "routes/sockets/test_presence.py",
    "routes/test_doors.py",
    "routes/test_slow_readers.py",
    "routes/test_uploads.py",
    "utils/test_photos.py",
}

# Few tests that take minutes. The workers (pytest-xdist) take whole files: these first, or one
# worker would run the last of them while the others have nothing to do; then the files with most
# tests. The journeys do not come together, because three browsers at once delay each other.
FIRST = ("test_upgrade.py", "test_first_day.py", "faults/", "test_verify.py")

TESTS = Path(__file__).parent
SECONDS_OF_A_TEST = 3.0  # with rate limits, at most


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Counter(path_of(item) for item in items)

    def place(item: pytest.Item) -> tuple[bool, int, str]:
        path = path_of(item)
        return not path.startswith(FIRST), -tests[path], path

    items.sort(key=place)
    for item in items:
        if path_of(item) in SLOW:
            item.add_marker(pytest.mark.slow)


def path_of(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix()


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Return a folder for this run.

    It is not pytest's own, because a database's path must be short, and the folder is deleted at
    once.
    """
    path = Path(tempfile.mkdtemp(prefix="chat-tests-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def daemon(folder: Path) -> Iterator[EmbeddedDatabase | GivenDatabase]:
    """Start the database of this run, unless one is given."""
    database = EmbeddedDatabase(folder / "data").start() if IS_EMBEDDED else GivenDatabase()
    yield database
    database.stop()


@pytest.fixture(scope="session")
def settings(daemon: EmbeddedDatabase | GivenDatabase) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "REDIS_URL",
            "SECRET_KEYS_RETIRED",
            "PUBLIC_URL",
            "REGISTRATION",
            "DATA_DIR",
            "WORKERS",
        ):
            patch.delenv(name, raising=False)
        for name, value in {
            **SECRETS,
            "MONGO_URI": daemon.uri,
            "PORT": str(free_port()),
            "RATE_LIMITS": "off",
        }.items():
            patch.setenv(name, value)
        return load_settings(dotenv=None)


@pytest.fixture(scope="session")
def app(settings: Settings, daemon: EmbeddedDatabase | GivenDatabase) -> Flask:
    """Return the chat inside this process, on the server's database, for tests below the routes."""
    app = create_app(settings, daemon.uri, embedded=IS_EMBEDDED)
    app.config["SERVER_NAME"] = urlsplit(settings.public_url).netloc  # whom its client asks for
    ChatSettings.change({"hides_first_steps": True})  # a chat that is past its first hour
    return app


@pytest.fixture(scope="session")
def server(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start the chat as operators run it: another process, over HTTP and Socket.IO."""
    with new_chat(folder, settings.mongo_uri, port=settings.port) as running:
        yield running
    assert not running.errors()


@pytest.fixture(scope="session")
def two_workers(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start the chat in two processes on one port, joined by a queue, with rate limits on."""
    variables = {"WORKERS": "2", "RATE_LIMITS": "on"}
    with (
        RedisServer() as redis,
        new_chat(folder, settings.mongo_uri, REDIS_URL=redis.url, **variables) as running,
    ):
        wait_until(lambda: len(children_of(running.pid)) == 2, "two workers serve")
        yield running


@pytest.fixture
def own_uri(app: Flask, settings: Settings) -> Iterator[str]:
    """Connect to a database of this test's own.

    Afterwards it is deleted, and the usual connection is restored.
    """
    assert settings.mongo_uri
    uri = another(settings.mongo_uri)
    yield uri
    drop(uri)
    connect(settings, settings.mongo_uri, embedded=IS_EMBEDDED)


@pytest.fixture
def world(app: Flask, server: Server) -> Iterator[World]:
    """Create the people: alice administers, carol moderates, bob is a member.

    mallory is in no room; robby will be a bot.
    """
    with app.app_context():
        a_world = World(server)
        yield a_world
        a_world.hang_up()


@pytest.fixture
def limited(app: Flask, settings: Settings) -> Iterator[Flask]:
    """Return the chat inside this process, with rate limits on.

    Counters begin anew with each minute of the clock and estimate what was left of the last one, so
    a test that crosses its end may have one try more.
    """
    left = 60 - time.time() % 60
    if left < SECONDS_OF_A_TEST:
        time.sleep(left)
    extensions.bind_settings(dataclasses.replace(settings, rate_limits=True))
    yield app
    extensions.bind_settings(settings)

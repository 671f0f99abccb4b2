"""A plain app: with patient time limits, and with short ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.realtime.tools import Plain, Talker


@pytest.fixture(scope="session")
def patient(folder: Path) -> Iterator[Plain]:
    """Start the app with real heartbeats, so that it closes nothing for being slow."""
    app = Plain(folder / "plain.log", max_http_buffer_size=100_000)
    yield app
    app.stop()
    assert app.complaints.count("Traceback") == app.complaints.count("RuntimeError: meant to fail")


@pytest.fixture(scope="session")
def quick(folder: Path) -> Iterator[Plain]:
    """Start the app with heartbeats and time limits as short as in the protocols' test suites."""
    app = Plain(
        folder / "quick.log",
        ping_interval=0.3,
        ping_timeout=0.2,
        connect_timeout=1.0,
        max_http_buffer_size=100_000,
    )
    yield app
    app.stop()
    assert "Traceback" not in app.complaints


@pytest.fixture
def another(folder: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Plain]]:
    """Start more apps, with other options."""
    apps: list[Plain] = []

    def start(**options: Any) -> Plain:
        apps.append(Plain(folder / f"{request.node.name[:40]}-{len(apps)}.log", **options))
        return apps[-1]

    yield start
    for app in apps:
        app.stop()


@pytest.fixture
def bystander(patient: Plain) -> Iterator[Talker]:
    """Return a well-behaved client, which must not notice what others do."""
    talker = Talker(patient)
    yield talker
    assert talker.call("message-with-ack", "still here") == ["still here"]
    talker.close()

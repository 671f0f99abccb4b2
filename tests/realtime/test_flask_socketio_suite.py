"""Run Flask-SocketIO's own tests, unchanged, with our `SocketIO` in place of theirs.

flask_socketio_5_7_0/suite.py is test_socketio.py of the source distribution of the pinned
version, which the wheel does not have; its licence lies beside it. An upgrade replaces the
folder.
"""

from __future__ import annotations

import hashlib
import importlib
from importlib.metadata import version
from pathlib import Path

import flask_socketio
import pytest

from chat.realtime import SocketIO
from chat.realtime.cluster.redis_queue import RedisQueue

SUITE = Path(__file__).parent / "flask_socketio_5_7_0/suite.py"
SHA256 = "ff2a410f0204a87aeb1953430315e51145a1d6a6c6dbc8e6ddf5b8d9de881391"

pytest.register_assert_rewrite("tests.realtime.flask_socketio_5_7_0.suite")
with pytest.MonkeyPatch.context() as patch:
    patch.setattr(flask_socketio, "SocketIO", SocketIO)
    suite = importlib.import_module("tests.realtime.flask_socketio_5_7_0.suite")


class TestSocketIO(suite.TestSocketIO):
    @pytest.fixture(autouse=True)
    def no_queue(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replace the Redis that one test names for its options but does not need."""
        monkeypatch.setattr(RedisQueue, "start", lambda _: None)


def test_the_suite_is_that_of_the_pinned_version_and_runs_with_ours() -> None:
    assert hashlib.sha256(SUITE.read_bytes()).hexdigest() == SHA256
    assert version("Flask-SocketIO").replace(".", "_") in SUITE.parent.name
    assert isinstance(suite.socketio, SocketIO)
    assert "MIT License" in (SUITE.parent / "LICENSE").read_text()

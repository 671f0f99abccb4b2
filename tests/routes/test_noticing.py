"""What other processes tell is a hint: whatever becomes of it, the chat goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.controllers import noticing
from chat.controllers.turnstile import Turnstile
from chat.models.document import new_id


def test_a_hint_that_comes_while_the_database_is_away_is_no_defect(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heeded: dict[str, Callable[[Any], None]] = {}
    monkeypatch.setattr(noticing.socketio, "on_notice", heeded.__setitem__)
    monkeypatch.setattr(noticing.socketio, "on_queue_return", lambda _: None)
    noticing.listen()

    def away(*_: object) -> None:
        raise AutoReconnect("away")
    monkeypatch.setattr(Turnstile, "reach", away)
    heeded["head"]({"room_id": str(new_id()), "seq": 1})
    assert [(record.levelname, record.msg) for record in caplog.records] == [("WARNING", "a notice was not heeded")]

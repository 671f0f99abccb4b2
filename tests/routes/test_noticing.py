"""What other processes tell is a hint: whatever becomes of it, the chat goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.controllers import broadcasts, noticing
from chat.controllers.turnstile import Turnstile
from chat.models.document import new_id
from chat.models.log import log_of
from chat.models.message import Message
from tests.models.test_reading import make_room


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


def test_a_change_goes_to_other_processes_as_it_was_told_here_or_to_be_read_where_nobody_listens(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    message, _ = Message.post(room.id, people["bob"], "c1", "the first version")
    told: list[Any] = []
    turnstile = Turnstile(room.id, lambda: True, told.append)
    turnstile.begin_at(1)
    monkeypatch.setitem(broadcasts._turnstiles, room.id, turnstile)
    noticed: list[tuple[str, Any]] = []
    monkeypatch.setattr(broadcasts.socketio, "notify", lambda topic, about: noticed.append((topic, about)))
    broadcasts.message_changed(message.edit(people["bob"], "the second version"))
    assert [entry["message"]["body"] for entry in told] == ["the second version"]
    assert noticed == [("entry", told[0])]
    turnstile.has_listeners = lambda: False
    broadcasts.message_changed(message.edit(people["bob"], "the third version"))
    assert noticed[1:] == [("head", {"room_id": str(room.id), "seq": 3})]


def test_a_post_that_is_announced_is_noted_for_who_writes_next_and_a_change_is_not(app: Flask) -> None:
    """A change is told with its message, which may hold a later change that another process has not kept durably yet."""
    room, people = make_room("alice", "bob")
    Message.post(room.id, people["bob"], "c1", "hello")
    noticing.HANDLERS["entry"]({"room_id": str(room.id), "seq": 7, "event": "message:posted"})
    assert log_of(room.id)._announced == 7
    noticing.HANDLERS["entry"]({"room_id": str(room.id), "seq": 8, "event": "message:edited"})
    noticing.HANDLERS["head"]({"room_id": str(room.id), "seq": 9})
    assert log_of(room.id)._announced == 7

"""Peer events are hints: whatever happens to them, the chat goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.controllers import broadcasts
from chat.controllers.broadcasts import entries, peers
from chat.controllers.broadcasts.sequencer import Sequencer
from chat.models.document import new_id
from chat.models.log import log_of
from chat.models.message import Message
from tests.helpers.rooms import make_room


def test_a_hint_that_comes_while_the_database_is_away_is_no_defect(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heeded: dict[str, Callable[[Any], None]] = {}
    monkeypatch.setattr(peers.socketio, "on_notice", heeded.__setitem__)
    monkeypatch.setattr(peers.socketio, "on_queue_return", lambda _: None)
    peers.listen()

    def away(*_: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(Sequencer, "catch_up", away)
    heeded["head"]({"room_id": str(new_id()), "seq": 1})
    assert [(record.levelname, record.msg) for record in caplog.records] == [
        ("WARNING", "change notice handler failed")
    ]


def test_a_change_goes_to_other_processes_once_and_as_a_head_where_a_retry_changed_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    message, _ = Message.post(room.id, people["bob"], "c1", "the first version")
    told: list[Any] = []
    sequencer = Sequencer(room.id, lambda: True, told.append)
    sequencer.begin_at(1)
    monkeypatch.setitem(entries._sequencers, room.id, sequencer)
    noticed: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        broadcasts.socketio, "notify", lambda topic, about: noticed.append((topic, about))
    )
    broadcasts.message_changed(message.edit(people["bob"], "the second version"))
    assert [entry["message"]["body"] for entry in told] == ["the second version"]
    assert noticed == [("entry", told[0])]
    sequencer.has_listeners = lambda: False
    broadcasts.message_changed(message.edit(people["bob"], "the third version"))
    assert [(topic, about["seq"]) for topic, about in noticed[1:]] == [("entry", 3)]
    # The first try may have died before it announced the change.
    monkeypatch.setitem(
        entries._sequencers, room.id, Sequencer(room.id, lambda: False, told.append)
    )
    broadcasts.message_changed(message.edit(people["bob"], "the third version"))
    assert noticed[2:] == [("head", {"room_id": str(room.id), "seq": 3})]


def test_a_post_that_is_announced_is_noted_for_who_writes_next_and_a_change_is_not(
    app: Flask,
) -> None:
    """A change is sent with its message.

    That may include a later change that another process has not stored durably yet.
    """
    room, people = make_room("alice", "bob")
    Message.post(room.id, people["bob"], "c1", "hello")
    peers.HANDLERS["entry"]({"room_id": str(room.id), "seq": 7, "event": "message:posted"})
    assert log_of(room.id)._head._announced == 7
    peers.HANDLERS["entry"]({"room_id": str(room.id), "seq": 8, "event": "message:edited"})
    peers.HANDLERS["head"]({"room_id": str(room.id), "seq": 9})
    assert log_of(room.id)._head._announced == 7


def test_listeners_without_a_head_begin_with_the_next_entry_and_get_the_head_that_others_learn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client in more rooms than hello lists listens to the others without their heads."""
    room, people = make_room("alice", "bob")
    for number in range(5):
        Message.post(room.id, people["bob"], f"c{number}", "before anybody listened")
    told: list[Any] = []
    listens = False
    sequencer = Sequencer(room.id, lambda: listens, told.append)
    sequencer.expect_listeners()
    listens = True
    message, _ = Message.post(room.id, people["bob"], "c5", "now")
    sequencer.add({"seq": message.seq, "room_id": str(room.id)})
    assert [entry["seq"] for entry in told] == [6]
    assert sequencer.last_seq == 6

    begun = Sequencer(room.id, lambda: True, told.append)
    begun.begin_at(
        6
    )  # somebody is told the head; the others may have missed the entry that it is of
    monkeypatch.setattr("chat.controllers.broadcasts.sequencer.QUIET_SECONDS", 0)
    assert (begun.last_seq, begun.became_quiet(), begun.became_quiet()) == (6, True, False)
    begun.add({"seq": 6})
    assert len(told) == 1, "what the head stands for is not told again"


def test_an_entry_that_is_seen_in_the_log_before_it_is_announced_is_passed_on(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    told: list[Any] = []
    sequencer = Sequencer(room.id, lambda: True, told.append)
    message, _ = Message.post(room.id, people["bob"], "c1", "hello")
    sequencer.begin_soon_at(message.seq)
    sequencer.add({"seq": message.seq, "room_id": str(room.id)})
    assert [entry["seq"] for entry in told] == [message.seq]


def test_what_the_queue_lost_is_noticed_for_listeners_who_know_no_head(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    Message.post(room.id, people["bob"], "c1", "nobody announced this")
    monkeypatch.setattr(
        broadcasts.socketio, "has_anybody", lambda audience: audience == f"room:{room.id}"
    )
    emitted: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        broadcasts.socketio,
        "emit_here",
        lambda event, payload, _to, **_since: emitted.append((event, payload)),
    )
    monkeypatch.setattr("chat.controllers.broadcasts.sequencer.QUIET_SECONDS", 0)
    for _ in range(2):
        assert emitted == [], "what is being announced right now needs no head"
        entries.look_for_more(room.id)
        entries.emit_heads()
    assert ("room:heads", {str(room.id): 1}) in emitted
    emitted.clear()
    Message.post(room.id, people["bob"], "c2", "nor this")
    entries.look_for_more(room.id)
    assert [(event, payload["seq"]) for event, payload in emitted] == [("message:posted", 2)]
    entries._sequencers.pop(room.id)

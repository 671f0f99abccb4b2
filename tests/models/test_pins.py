"""The list of a room's pins: no crash while a message is pinned takes it off the list."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from chat.models import pins
from chat.models.message import Message
from config import Settings
from tests.helpers.commands import counted, listen
from tests.helpers.rooms import make_room


def test_a_pin_is_noted_anew_by_one_write(app: Flask, settings: Settings) -> None:
    listen(settings)
    room, people = make_room("alice")
    message, _ = Message.post(room.id, people["alice"], "c1", "the timetable")
    message.pin(people["alice"], on=True)
    message.pin(people["alice"], on=False)
    with counted() as commands:
        pins.note(room.id, message.id, lambda ids: ids)
    assert commands == ["find", "update"], "between two writes it would be missing"
    assert [pin.message_id for pin in pins.of(room.id)] == [message.id]


def test_what_is_unpinned_while_somebody_pins_it_is_noted_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    message, _ = Message.post(room.id, people["alice"], "c1", "the timetable")
    message.pin(people["alice"], on=True)
    change, moments = Message.change, iter([True])

    def change_late(self: Message, *arguments: Any) -> Any:
        if next(moments, False):
            self.pin(people["bob"], on=False)
            pins.destroy(room.id)  # as a full list lets go of what is not pinned
            pins.of(room.id)
        return change(self, *arguments)

    monkeypatch.setattr(Message, "change", change_late)
    assert message.pin(people["alice"], on=True).entry
    assert [pin.message_id for pin in pins.of(room.id)] == [message.id]

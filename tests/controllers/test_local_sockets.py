"""Changes at the same time, of which one waits for the database while the other is announced."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.controllers.broadcasts import local_sockets
from chat.models import room_changes
from chat.models.membership import Membership
from chat.models.reading import Reading
from chat.models.room import Room
from tests.helpers.rooms import make_room


def test_of_two_names_that_a_room_gets_at_once_the_last_is_told_last(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice")
    told: list[str] = []
    monkeypatch.setattr(local_sockets, "people_in", lambda _: {people["alice"].id})
    monkeypatch.setattr(
        local_sockets.socketio,
        "emit_here",
        lambda _name, payload, _to: told.append(payload["room"]["name"]),
    )

    def rename(name: str) -> Room:
        return room_changes.change(room, name=name, topic=None, kind=None, archived=None)

    of_people = Membership.of_people

    def of_people_late(*arguments: Any) -> Any:
        monkeypatch.setattr(Membership, "of_people", of_people)
        rename("Quay")
        local_sockets.update_room(room.id)
        return of_people(*arguments)

    rename("Pier")
    monkeypatch.setattr(Membership, "of_people", of_people_late)
    local_sockets.update_room(room.id)
    assert told == ["Quay"]


def test_an_arrival_that_the_database_does_not_answer_is_not_remembered(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice")
    mine = Membership.find(room.id, people["alice"].id)
    assert mine
    monkeypatch.setattr(local_sockets.socketio, "has_anybody", lambda _: True)

    def away(_: Membership) -> Reading:
        raise AutoReconnect("away")

    monkeypatch.setattr(Reading, "of", away)
    with pytest.raises(AutoReconnect):
        local_sockets.add_room(mine)
    assert not local_sockets._preparing

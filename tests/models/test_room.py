"""A room changes correctly although other processes changed it meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.models.database import database
from chat.models.room import Room
from chat.models.room_changes import change


@pytest.fixture
def room(app: Flask) -> Room:
    room = Room.prepare("public", "design", "")
    room.open()
    return room


def shelf_of(room: Room) -> str:
    record = database["rooms"].find_one({"_id": room.id})
    assert record
    return str(record["shelf"])


def test_whoever_archives_a_room_undoes_no_change_of_its_kind(room: Room) -> None:
    as_elsewhere = room  # a process that knows nothing of the next change
    change(room, kind="private")
    assert change(as_elsewhere, archived=True).kind == "private"
    assert shelf_of(room) == "archived"
    assert change(as_elsewhere, archived=False).kind == "private"
    assert shelf_of(room) == "private", "nobody finds it among the public rooms"


def test_whoever_changes_the_kind_of_a_room_does_not_unarchive_it(room: Room) -> None:
    change(room, archived=True)
    changed = change(room, kind="private", topic="ours")
    assert (changed.kind, changed.topic) == ("private", "ours")
    assert changed.archived_at
    assert shelf_of(room) == "archived"

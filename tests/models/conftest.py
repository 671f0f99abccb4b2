"""A room with an empty log, and its log as this process sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.log import RoomLog
from chat.models.room import Room
from chat.models.search import index_lease
from chat.utils.clock import now
from tests.models.processes import log_elsewhere


@pytest.fixture
def room_id(app: Flask) -> Id:
    room_id = new_id()
    room = Room(room_id, "private", str(room_id), None, None, now())
    database["rooms"].insert_one(room._record(str(room_id)))
    return room_id


@pytest.fixture
def room_log(room_id: Id) -> RoomLog:
    return log_elsewhere(room_id)


@pytest.fixture
def put_away(app: Flask) -> Iterator[None]:
    """Delete these large rooms, because other tests read everything in the database."""
    before = set(Room.all_ids())
    yield
    for room_id in set(Room.all_ids()) - before:
        index_lease.drop(room_id)
        database["log"].delete_many({"room_id": room_id})
        database["rooms"].delete_one({"_id": room_id})

"""The heads of many rooms at once: no query for quiet rooms, and no entry missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from chat.models.database import database
from chat.models.document import Id
from chat.models.log import heads_of, log_of
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.peers import active_rooms
from chat.models.reading import Reading
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now
from config import Settings
from tests.helpers.commands import counted, listen
from tests.helpers.rooms import draft, make_room, standing
from tests.models.processes import log_elsewhere


@pytest.fixture
def rooms(app: Flask, settings: Settings) -> list[tuple[Room, User]]:
    """Return three rooms with messages that have been quiet for some minutes."""
    listen(settings)
    made = [
        (room, people["alice"]) for room, people in (make_room("alice", "bob") for _ in range(3))
    ]
    for room, alice in made:
        Message.post(room.id, alice, "c1", "hello")
        mark(room.id, -timedelta(minutes=2))
        log_of(room.id).head()
    return made


def mark(room_id: Id, until: timedelta) -> None:
    """Mark a room as active, as another process does."""
    database["active_rooms"].update_one(
        {"_id": room_id}, {"$set": {"until": now() + until}}, upsert=True
    )


def seqs(rooms: list[tuple[Room, User]], *, alone: bool = False) -> list[int]:
    heads = heads_of([room.id for room, _ in rooms], alone=alone)
    return [heads[room.id].seq for room, _ in rooms]


def test_a_process_that_is_alone_asks_nothing(rooms: list[tuple[Room, User]]) -> None:
    Message.post(rooms[1][0].id, rooms[1][1], "c2", "more")
    # On a busy machine the driver may have doubted its server, and all heads were forgotten.
    assert seqs(rooms, alone=True) == [1, 2, 1]
    with counted() as commands:
        assert seqs(rooms, alone=True) == [1, 2, 1]
    assert commands == []


def test_quiet_rooms_cost_one_question_for_all(rooms: list[tuple[Room, User]]) -> None:
    assert seqs(rooms) == [1, 1, 1]  # as above
    with counted() as commands:
        assert seqs(rooms) == [1, 1, 1]
    assert commands == ["find"]


def test_what_another_process_wrote_is_found_from_the_moment_at_which_it_is_kept(
    rooms: list[tuple[Room, User]],
) -> None:
    _, (lively, alice), _ = rooms
    mark(lively.id, active_rooms.MARKED_FOR)
    log_elsewhere(lively.id).append(draft(lively.id, "c9", alice.id, "from elsewhere"))
    assert seqs(rooms) == [1, 2, 1]
    log_elsewhere(lively.id).append(draft(lively.id, "c10", alice.id, "and more"))
    with counted() as commands:
        assert seqs(rooms) == [1, 3, 1]
    assert commands.count("find") == 2, "which rooms are marked, and what is new in one"


def test_a_mark_that_ended_after_the_head_was_read_is_not_trusted(
    rooms: list[tuple[Room, User]],
) -> None:
    (room, alice), *_ = rooms
    mark(room.id, timedelta(seconds=1))
    log_elsewhere(room.id).append(
        draft(room.id, "c9", alice.id, "from a machine whose clock is late")
    )
    assert seqs(rooms) == [2, 1, 1]


def test_marks_that_the_database_may_have_forgotten_are_not_trusted(
    rooms: list[tuple[Room, User]],
) -> None:
    (room, alice), *_ = rooms
    database["active_rooms"].delete_one({"_id": room.id})
    log_of(room.id)._head._read_at -= active_rooms.MARKS_LAST.total_seconds() + 1
    log_elsewhere(room.id).append(draft(room.id, "c9", alice.id, "an hour ago"))
    assert seqs(rooms) == [2, 1, 1]


def test_many_readings_are_what_each_is(rooms: list[tuple[Room, User]]) -> None:
    for room, alice in rooms:
        mine = Membership.find(room.id, alice.id)
        assert mine
        assert Reading.of_many([mine], alone=True) == {room.id: standing(room, alice)}

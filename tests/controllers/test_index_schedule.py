"""When a room is indexed: with many new messages, or once it is quiet; not again without news."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.controllers import index_schedule
from chat.models.database import database
from chat.models.log import forget_heads
from chat.models.message import Message
from chat.models.search import index_blocks, index_lease
from tests.helpers.rooms import make_room

MUCH = 5


class Place:
    """A room in which bob writes; it counts how often it is indexed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room, people = make_room("alice", "bob")
        self.bob, self.rounds = people["bob"], 0
        real = index_lease.acquire

        def acquire(room_id: object) -> object:
            self.rounds += room_id == self.room.id
            return real(room_id)  # type: ignore[arg-type]

        monkeypatch.setattr(index_schedule, "MUCH", MUCH)
        monkeypatch.setattr(index_lease, "acquire", acquire)

    def say(self, count: int) -> None:
        for _ in range(count):
            Message.post(
                self.room.id,
                self.bob,
                f"c{database['log'].count_documents({'room_id': self.room.id})}",
                "some tea",
            )

    def indexed(self) -> int:
        return index_blocks.states_of([self.room.id])[self.room.id].seq


@pytest.fixture
def place(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(monkeypatch)


def test_a_room_is_indexed_when_much_was_said_and_not_again_before_there_is_as_much_more(
    place: Place,
) -> None:
    place.say(MUCH - 1)
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (0, 0)
    place.say(1)
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (MUCH, 1)
    place.say(MUCH - 1)
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (MUCH, 1)
    place.say(1)
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (2 * MUCH, 2)


def test_a_room_that_became_quiet_is_indexed_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.say(1)
    index_schedule.index_news()
    assert place.indexed() == 0
    monkeypatch.setattr(index_schedule, "QUIET_SECONDS", 0.0)
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (1, 1)
    index_schedule.index_news()
    assert place.rounds == 1


def test_a_room_that_another_process_is_at_is_looked_at_again(place: Place) -> None:
    """The other process may die while it indexes the room."""
    place.say(MUCH)
    others = index_lease.acquire(place.room.id)
    assert others
    place.rounds = 0
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (0, 1)
    others.release()
    index_schedule.index_news()
    assert (place.indexed(), place.rounds) == (MUCH, 2)


def test_a_room_whose_head_was_forgotten_before_anybody_looked_is_indexed_all_the_same(
    place: Place,
) -> None:
    place.say(MUCH)
    forget_heads()
    index_schedule.index_news()
    assert place.indexed() == MUCH

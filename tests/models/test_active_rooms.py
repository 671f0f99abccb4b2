"""Rooms in which people are writing now, as this process knows them."""

from __future__ import annotations

import pytest

from chat.models.document import Id, new_id
from chat.models.peers import active_rooms
from chat.models.peers.active_rooms import MARK_AGAIN, active_here, mark


class Clock:
    moment = 100.0

    def monotonic(self) -> float:
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(active_rooms, "time", clock)
    monkeypatch.setattr(active_rooms, "_marked", dict[Id, float]())
    return clock


def test_a_room_is_active_for_a_while_after_it_was_marked(clock: Clock) -> None:
    room_id = new_id()
    mark(room_id, for_others=False)
    clock.moment += MARK_AGAIN - 1
    assert active_here() == [room_id]
    clock.moment += 2
    assert active_here() == []


def test_rooms_in_which_nobody_writes_any_more_are_forgotten(clock: Clock) -> None:
    quiet, busy = new_id(), new_id()
    mark(quiet, for_others=False)
    for _ in range(3):
        clock.moment += MARK_AGAIN + 1
        mark(busy, for_others=False)
    assert list(active_rooms._marked) == [busy] == active_here()

"""Rooms in which people are writing now, as this process knows them."""

from __future__ import annotations

import pytest

from chat.models import activity
from chat.models.activity import MARK_AGAIN, active_here, mark
from chat.models.document import Id, new_id


class Clock:
    moment = 100.0

    def monotonic(self) -> float:
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(activity, "time", clock)
    monkeypatch.setattr(activity, "_marked", dict[Id, float]())
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
    assert list(activity._marked) == [busy] == active_here()

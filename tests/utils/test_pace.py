"""Pace: whoever uses more than their share of a second waits for it, and nobody else does."""

from __future__ import annotations

import pytest

from chat.utils import pace
from chat.utils.pace import Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: moment[0])
    return moment


def test_who_uses_more_than_a_share_waits_until_it_was_theirs(clock: list[float]) -> None:
    of_each = Pace(share=0.5, burst=0.1, longest=3.0)
    assert of_each.spend("mallory", 0.1) == 0.0, "a little ahead is everybody's"
    assert of_each.spend("mallory", 0.2) == pytest.approx(0.4)
    assert of_each.spend("bob", 0.01) == 0.0, "others wait for nobody"
    clock[0] += 0.4
    assert of_each.spend("mallory", 0.0) == pytest.approx(0.0)
    clock[0] += 60
    assert of_each.spend("mallory", 0.1) == 0.0, "what was not used is not saved up"
    assert of_each.spend("mallory", 0.1) == pytest.approx(0.2)


def test_a_wait_has_an_end_and_so_has_what_is_remembered(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MOST_REMEMBERED", 3)
    of_each = Pace(share=0.5, burst=0.1, longest=3.0)
    assert of_each.spend("mallory", 100.0) == 3.0
    for number in range(3):
        of_each.spend(number, 0.01)
    assert len(of_each._used) == 3

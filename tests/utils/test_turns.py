"""Turns: each person runs a limited number at a time, some wait, and none is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chat.utils.errors import RateLimited
from chat.utils.turns import Turns
from tests.helpers.servers import wait_until


def begun(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_whoever_asks_for_more_waits_for_their_own_and_for_nobody_elses() -> None:
    turns, done = Turns(2, waiting=1, seconds=20), list[str]()
    turns.take("mallory")
    turns.take("mallory")
    third = begun(lambda: (turns.take("mallory"), done.append("third")))
    wait_until(lambda: turns._lines["mallory"].waiting, "the third waits")
    with turns.turn("bob"):
        assert done == []
    turns.give_back("mallory")
    third.join()
    assert done == ["third"]


def test_when_the_line_is_full_the_next_is_told_at_once_when_to_come_again() -> None:
    turns = Turns(1, waiting=0, seconds=20)
    turns.take("mallory")
    with pytest.raises(RateLimited) as refusal:
        turns.take("mallory")
    assert refusal.value.retry_after == 1


def test_who_waited_too_long_leaves_the_line_and_takes_no_turn_with_them() -> None:
    turns = Turns(1, waiting=1, seconds=0.01)
    turns.take("mallory")
    for _ in range(3):
        with pytest.raises(RateLimited):
            turns.take("mallory")
    turns.give_back("mallory")
    assert turns._lines == {}, "and nothing is remembered of who has nothing under way"


def test_they_come_in_the_order_in_which_they_asked() -> None:
    turns, order, threads = Turns(1, waiting=5, seconds=20), list[int](), list[threading.Thread]()
    turns.take("bob")

    def ask(number: int) -> None:
        with turns.turn("bob"):
            order.append(number)

    for number in range(5):
        threads.append(begun(lambda number=number: ask(number)))  # type: ignore[misc]
        wait_until(lambda number=number: len(turns._lines["bob"].waiting) == number + 1, "it waits")  # type: ignore[misc]
    turns.give_back("bob")
    for thread in threads:
        thread.join()
    assert order == list(range(5))

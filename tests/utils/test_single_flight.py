"""Single flight: callers at the same time share one read, which began after their call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from chat.utils.errors import Unavailable
from chat.utils.single_flight import SingleFlight
from tests.helpers.servers import wait_until


class Source:
    """A slow source: a read ends when the test ends it."""

    def __init__(self) -> None:
        self.value, self.readings, self.fails = 0, 0, False
        self.may_end = threading.Semaphore(0)

    def read(self) -> int:
        self.readings += 1
        value = self.value
        assert self.may_end.acquire(timeout=10)
        if self.fails:
            self.fails = False
            raise OSError("the line is broken")
        return value


def for_ever() -> None:
    return None


@contextmanager
def during_a_reading(
    source: Source, flight: SingleFlight[int]
) -> Iterator[tuple[ThreadPoolExecutor, Future[int]]]:
    """Return people who may ask, and the read in progress."""
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(flight.ask)
        wait_until(lambda: source.readings == 1, "the first one reads")
        yield pool, first


def test_all_who_ask_during_a_reading_share_the_next_one() -> None:
    source = Source()
    flight = SingleFlight(source.read, for_ever)
    with during_a_reading(source, flight) as (pool, first):
        source.value = 1  # what the first one reads is older than the questions to come
        others = [pool.submit(flight.ask) for _ in range(20)]
        wait_until(
            lambda: flight._next is not None and len(flight._next.landed._waiting) == 19,
            "one will read for the others",
        )
        source.may_end.release()
        assert first.result() == 0
        source.may_end.release(20)
        assert {other.result() for other in others} == {1}
    assert source.readings == 2


def test_who_asks_after_an_answer_has_it_read_again() -> None:
    source = Source()
    source.may_end.release(2)
    flight = SingleFlight(source.read, for_ever)
    assert flight.ask() == 0
    source.value = 1
    assert flight.ask() == 1


def test_a_reading_that_fails_is_the_failure_of_whoever_led_it_and_the_others_read_again() -> None:
    source = Source()
    flight = SingleFlight(source.read, for_ever)
    with during_a_reading(source, flight) as (pool, first):
        others = [pool.submit(flight.ask) for _ in range(3)]
        source.may_end.release()
        assert first.result() == 0
        wait_until(lambda: source.readings == 2, "one of them reads for all")
        source.fails = True
        source.may_end.release(10)
        outcomes = [other.exception() or other.result() for other in others]
    assert [type(outcome) for outcome in outcomes].count(OSError) == 1
    assert outcomes.count(0) == 2


def test_nobody_waits_longer_than_they_can() -> None:
    source = Source()
    patience: list[float | None] = [None]
    flight = SingleFlight(source.read, lambda: patience[-1])
    with during_a_reading(source, flight) as (pool, first):
        patience.append(0.05)
        for late in [pool.submit(flight.ask) for _ in range(2)]:
            with pytest.raises(Unavailable):
                late.result(timeout=5)
        source.may_end.release(2)
        assert first.result() == 0
        patience.append(None)
        assert flight.ask() == 0, "it is not stuck"

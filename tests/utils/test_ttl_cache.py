"""The TTL cache: no value is returned after its invalidation."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from chat.utils import ttl_cache
from chat.utils.ttl_cache import TtlCache
from tests.helpers.servers import wait_until


def test_what_was_read_is_not_read_again() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    reads: list[int] = []
    for _ in range(3):
        assert memory.get_or_load("a", lambda: reads.append(1) or 7) == 7
    assert len(reads) == 1


def test_what_is_forgotten_is_read_again() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    memory.get_or_load("a", lambda: 1)
    memory.invalidate("a")
    assert memory.get_or_load("a", lambda: 2) == 2


def test_a_value_that_was_being_read_while_it_was_forgotten_is_not_kept() -> None:
    memory: TtlCache[str, int] = TtlCache(10)

    def read_while_somebody_revokes() -> int:
        memory.invalidate("session")
        return 1

    assert memory.get_or_load("session", read_while_somebody_revokes) == 1
    assert memory.get_or_load("session", lambda: 2) == 2


def test_a_value_that_was_being_read_while_another_one_was_forgotten_is_kept() -> None:
    memory: TtlCache[int, int] = TtlCache(10)

    def read_while_somebody_else_reads_on() -> int:
        memory.invalidate(2)
        return 1

    assert memory.get_or_load(1, read_while_somebody_else_reads_on) == 1
    assert memory.get(1) == 1
    moment = memory.moment()
    memory.invalidate(2)
    memory.put({1: 3, 2: 3}, moment)
    assert (memory.get(1), memory.get(2)) == (3, None)
    moment = memory.moment()
    memory.clear()
    memory.put({1: 4}, moment)
    assert memory.get(1) is None


def test_nothing_is_not_remembered() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    assert memory.get_or_load("a", lambda: None) is None
    assert memory.get_or_load("a", lambda: 3) == 3


def test_of_several_only_those_that_are_not_remembered_are_read() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    memory.get_or_load("a", lambda: 1)
    asked: list[list[str]] = []

    def read(keys: list[str]) -> dict[str, int]:
        asked.append(sorted(keys))
        return {"b": 2}

    assert memory.get_or_load_many(["a", "b", "c"], read) == {"a": 1, "b": 2}
    assert memory.get_or_load_many(["a", "b"], read) == {"a": 1, "b": 2}
    assert asked == [["b", "c"]]


def test_who_asks_while_it_is_being_read_waits_no_longer_than_they_can() -> None:
    memory: TtlCache[str, int] = TtlCache(10, seconds_left=lambda: 0.01)
    began, frozen = threading.Event(), threading.Event()

    def read_slowly() -> int:
        began.set()
        assert frozen.wait(30)
        return 1

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(memory.get_or_load, "a", read_slowly)
        assert began.wait(30)
        assert memory.get_or_load("a", lambda: 2) == 2
        frozen.set()
        assert slow.result() == 1


def test_who_asks_while_it_is_being_read_waits_for_that() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    reads: list[int] = []
    may_end = threading.Event()

    def read() -> int:
        reads.append(1)
        assert may_end.wait(10)
        return 7

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(memory.get_or_load, "a", read)
        wait_until(lambda: bool(reads), "the first one reads")
        others = [pool.submit(memory.get_or_load, "a", read) for _ in range(7)]
        wait_until(lambda: len(memory._readings["a"]._waiting) == 7, "the others wait")
        may_end.set()
        assert [asked.result() for asked in (first, *others)] == [7] * 8
    assert len(reads) == 1


def test_who_waits_for_a_reading_that_fails_reads_again() -> None:
    memory: TtlCache[str, int] = TtlCache(10)
    may_fail = threading.Event()
    began = threading.Event()

    def fail() -> int:
        began.set()
        assert may_fail.wait(10)
        raise OSError("the line is broken")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memory.get_or_load, "a", fail)
        assert began.wait(10)
        second = pool.submit(memory.get_or_load, "a", lambda: 2)
        wait_until(lambda: len(memory._readings["a"]._waiting) == 1, "the other waits")
        may_fail.set()
        assert isinstance(first.exception(), OSError)
        assert second.result() == 2


class Reading:
    """A cache of numbers with a clock of the test's, and a record of its loads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.asked = 100.0, list[list[str]]()
        monkeypatch.setattr(ttl_cache, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.memory: TtlCache[str, str] = TtlCache(
            100, 5.0, read_many=self.read, group=lambda key: key[0]
        )

    def read(self, keys: list[str]) -> dict[str, str]:
        self.asked.append(sorted(keys))
        return {key: f"{key} at {self.now:.0f}" for key in keys}

    def get_or_load(self, key: str) -> str | None:
        return self.memory.get_or_load(key, lambda: self.read([key])[key])


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    return Reading(monkeypatch)


def test_what_is_asked_for_again_and_again_is_read_together(reading: Reading) -> None:
    for key in ("a1", "a2", "a3", "b1"):
        reading.get_or_load(key)
        assert reading.get_or_load(key) == f"{key} at 100"
    assert reading.asked == [["a1"], ["a2"], ["a3"], ["b1"]]
    reading.now = 104.9
    assert reading.get_or_load("a1") == "a1 at 100"
    reading.now = 105.5
    assert reading.get_or_load("a1") == "a1 at 106"
    assert reading.asked[4:] == [["a1", "a2", "a3"]], (
        "one question; not what belongs to another group"
    )
    assert (reading.get_or_load("a3"), reading.get_or_load("b1")) == ("a3 at 106", "b1 at 106")
    assert reading.asked[5:] == [["b1"]]


def test_what_is_not_asked_for_any_more_is_not_read_with_the_others_and_forgotten(
    reading: Reading,
) -> None:
    for key in ("a1", "a2"):
        reading.get_or_load(key)
        reading.get_or_load(key)
    reading.now = 106
    reading.get_or_load("a1")
    assert reading.asked[2:] == [["a1", "a2"]], "it was asked for until then"
    reading.get_or_load("a1")
    reading.now = 112
    reading.get_or_load("a1")
    assert reading.asked[3:] == [["a1"]]
    assert "a2" not in reading.memory._values


def test_what_is_still_young_is_not_read_again_with_others(reading: Reading) -> None:
    reading.get_or_load("a1")
    reading.now = 103
    reading.get_or_load("a2")
    reading.get_or_load("a2")
    reading.now = 106
    reading.get_or_load("a1")
    assert reading.asked[2:] == [["a1"]]


def test_what_is_forgotten_while_others_are_read_with_it_is_not_kept(reading: Reading) -> None:
    for key in ("a1", "a2"):
        reading.get_or_load(key)
        reading.get_or_load(key)
    reading.now = 106
    real = reading.memory._read_many

    def read_while_somebody_revokes(keys: list[str]) -> dict[str, str]:
        assert real
        values = real(keys)
        reading.memory.invalidate("a2")
        return values

    reading.memory._read_many = read_while_somebody_revokes
    reading.get_or_load("a1")
    assert reading.get_or_load("a2") == "a2 at 106"
    assert reading.asked[3:] == [["a2"]]

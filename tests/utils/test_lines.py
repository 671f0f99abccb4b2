"""The lines of the programs that send: a slow service, or an owner of many, delays no other."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator

import pytest

from chat.utils.outward import lines
from chat.utils.outward.lines import (
    OF_A_QUICK_SERVICE,
    OF_AN_OWNER,
    OF_ANOTHER_SERVICE,
    OTHER_LINES,
    QUICK_LINES,
    Lines,
    Message,
)
from tests.helpers.servers import wait_until


class Services:
    """Services, of which some do not answer until they are let."""

    def __init__(self) -> None:
        self.asked: defaultdict[str, list[int]] = defaultdict(list)
        self.silent: set[str] = set()
        self.let = threading.Event()

    def handle(self, message: Message, service: str) -> bool:
        self.asked[service].append(message["id"])
        if "breaks" in message:
            raise RuntimeError("the receiver found a way")
        if service in self.silent:
            self.let.wait(30)
            return False
        return True

    def busy(self, names: list[str]) -> int:
        """Return how many of these silent services are asked now."""
        return sum(1 in self.asked[name] for name in names)


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    yield made
    made.let.set()


def test_a_silent_service_has_a_few_lines(services: Services) -> None:
    services.silent.add("mallory.example")
    pool = Lines(services.handle)
    for number in range(50):
        pool.put("mallory.example", {"id": number}, "mallory.example")
    for number in range(20):
        pool.put("new.example", {"id": number}, "new.example")
    wait_until(lambda: services.asked["new.example"] == list(range(20)), "the other is asked")
    assert len(services.asked["mallory.example"]) == OF_ANOTHER_SERVICE
    services.let.set()
    wait_until(lambda: len(services.asked["mallory.example"]) == 50, "it is asked then")


def test_a_service_that_was_quick_and_falls_silent_leaves_lines_to_others(
    services: Services,
) -> None:
    pool = Lines(services.handle)
    for name in ("mallory.example", "bob.example"):
        pool.put(name, {"id": -1}, name)
    wait_until(lambda: len(services.asked) == 2, "both are known")
    services.silent.add("mallory.example")
    for number in range(50):
        pool.put("mallory.example", {"id": number}, "mallory.example")
    for number in range(20):
        pool.put("bob.example", {"id": number}, "bob.example")
    wait_until(lambda: len(services.asked["bob.example"]) == 21, "bob's is asked")
    assert len(services.asked["mallory.example"]) <= 1 + OF_A_QUICK_SERVICE


def test_what_waited_too_long_is_not_sent(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.silent.add("mallory.example")
    pool = Lines(services.handle)
    for number in range(OF_ANOTHER_SERVICE):
        pool.put("mallory.example", {"id": number}, "mallory.example")
    wait_until(lambda: len(services.asked["mallory.example"]) == OF_ANOTHER_SERVICE, "all busy")
    monkeypatch.setattr(lines, "LATEST", -1.0)
    pool.put("mallory.example", {"id": 98}, "mallory.example")
    monkeypatch.setattr(lines, "LATEST", 40.0)
    pool.put("mallory.example", {"id": 99}, "mallory.example")
    services.let.set()
    wait_until(lambda: 99 in services.asked["mallory.example"], "the last one is asked")
    assert 98 not in services.asked["mallory.example"]


def test_an_owner_of_many_silent_services_has_a_few_lines(services: Services) -> None:
    pool = Lines(services.handle)
    for number in range(80):
        services.silent.add(f"{number}.mallory.example")
        pool.put(f"{number}.mallory.example", {"id": number}, "mallory's room")
    for number in range(20):
        pool.put(f"{number}.example", {"id": number}, "alice's room")
    wait_until(lambda: len(services.asked) == 20 + OF_AN_OWNER, "the other owner's are asked")
    assert OF_AN_OWNER < OTHER_LINES
    services.let.set()
    wait_until(lambda: len(services.asked) == 100, "all are asked then")


def test_an_owner_of_many_quick_services_leaves_lines_to_others(services: Services) -> None:
    pool = Lines(services.handle)
    owners = ("mallory", "another mallory")
    for owner in owners:
        for number in range(QUICK_LINES):
            pool.put(f"{number}.{owner}.example", {"id": 0}, owner, was_quick=True)
    wait_until(lambda: len(services.asked) == 2 * QUICK_LINES, "all are known")
    for owner, most in ((owners[0], QUICK_LINES // 2), (owners[1], QUICK_LINES // 4)):
        names = [f"{number}.{owner}.example" for number in range(QUICK_LINES)]
        services.silent.update(names)
        for name in names:
            pool.put(name, {"id": 1}, owner)
        wait_until(lambda: services.busy(names) == most, "an owner has lines")
        pool.put("alice.example", {"id": 2}, "alice", was_quick=True)
        wait_until(lambda: 2 in services.asked["alice.example"], "another owner is asked")
        services.asked["alice.example"].clear()
        assert services.busy(names) == most, "and no more of them"
    services.let.set()
    wait_until(lambda: sum(map(len, services.asked.values())) == 4 * QUICK_LINES, "all are asked")


def test_owners_take_turns_whatever_the_number_of_their_services(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "OTHER_LINES", 1)
    services.silent.add("silent.example")
    pool = Lines(services.handle)
    pool.put("silent.example", {"id": 0}, "bob's room")
    wait_until(lambda: len(services.asked) == 1, "the line is busy")
    for number in range(3):
        pool.put(f"{number}.mallory.example", {"id": number}, "mallory's room")
    pool.put("alice.example", {"id": 0}, "alice's room")
    services.let.set()
    wait_until(lambda: len(services.asked) == 5, "all are asked")
    mallory = [f"{number}.mallory.example" for number in range(3)]
    assert list(services.asked)[1:] == [mallory[0], "alice.example", *mallory[1:]]


def test_what_is_due_for_longest_goes_first_though_it_was_dropped_before(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an owner of more slow services than can be asked in time has none that is never asked."""
    monkeypatch.setattr(lines, "OTHER_LINES", 1)
    services.silent.add("silent.example")
    pool = Lines(services.handle)
    pool.put("silent.example", {"id": 0}, "mallory")
    wait_until(lambda: len(services.asked) == 1, "the line is busy")
    began = time.monotonic()
    with monkeypatch.context() as late:
        late.setattr(lines, "LATEST", -1.0)
        pool.put("dropped.example", {"id": 0, "since": began - 50}, "mallory")
    for number in range(3):
        pool.put(f"{number}.example", {"id": number, "since": began - number}, "mallory")
    pool.put("dropped.example", {"id": 1, "since": began - 50}, "mallory")
    services.let.set()
    wait_until(lambda: len(services.asked) == 5, "all are asked")
    assert list(services.asked) == [
        "silent.example",
        "dropped.example",
        "2.example",
        "1.example",
        "0.example",
    ]
    assert services.asked["dropped.example"] == [1]


def test_thousands_that_waited_too_long_are_dropped_at_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "QUICK_LINES", 0)
    monkeypatch.setattr(lines, "OTHER_LINES", 1)
    services.silent.add("silent.example")
    pool = Lines(services.handle)
    pool.put("silent.example", {"id": 0}, "bob's room")
    wait_until(lambda: len(services.asked) == 1, "the line is busy")
    with monkeypatch.context() as late:
        late.setattr(lines, "LATEST", -1.0)
        for number in range(5000):
            pool.put(f"{number}.late.example", {"id": number}, f"{number}'s room")
    pool.put("new.example", {"id": 0}, "alice's room")
    services.let.set()
    wait_until(lambda: "new.example" in services.asked, "the one in time is asked")
    assert list(services.asked) == ["silent.example", "new.example"]


def test_a_line_goes_on_after_what_it_cannot_handle(services: Services) -> None:
    pool = Lines(services.handle)
    for number in range(QUICK_LINES + OTHER_LINES):
        pool.put(f"{number}.example", {"id": number, "breaks": True}, "mallory's room")
    pool.put("new.example", {"id": 0}, "alice's room")
    wait_until(lambda: len(services.asked) == QUICK_LINES + OTHER_LINES + 1, "all are asked")
    pool.put("new.example", {"id": 1}, "alice's room")
    wait_until(lambda: services.asked["new.example"] == [0, 1], "it goes on")


def test_a_message_for_which_nobody_waits_any_more_is_dropped(services: Services) -> None:
    pool = Lines(services.handle)
    pool.put("service.example", {"id": 1, "within": -1.0}, "alice")
    pool.put("service.example", {"id": 2, "within": 30.0}, "alice")
    wait_until(lambda: bool(services.asked["service.example"]), "it is asked")
    assert services.asked["service.example"] == [2]

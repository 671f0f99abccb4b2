"""The lines of the program that sends push messages: a slow service delays no other."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator

import pytest

from chat.utils.outward import lines
from chat.utils.outward.lines import OF_A_QUICK_SERVICE, OF_ANOTHER_SERVICE, Lines, Message
from tests.helpers.servers import wait_until


class Services:
    """Services, of which some do not answer until they are let."""

    def __init__(self) -> None:
        self.asked: defaultdict[str, list[int]] = defaultdict(list)
        self.silent: set[str] = set()
        self.let = threading.Event()

    def handle(self, message: Message, service: str) -> bool:
        self.asked[service].append(message["id"])
        if service in self.silent:
            self.let.wait(30)
            return False
        return True


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    yield made
    made.let.set()


def test_a_silent_service_has_a_few_lines(services: Services) -> None:
    services.silent.add("mallory.example")
    pool = Lines(services.handle)
    for number in range(50):
        pool.put("mallory.example", {"id": number})
    for number in range(20):
        pool.put("new.example", {"id": number})
    wait_until(lambda: services.asked["new.example"] == list(range(20)), "the other is asked")
    assert len(services.asked["mallory.example"]) == OF_ANOTHER_SERVICE
    services.let.set()
    wait_until(lambda: len(services.asked["mallory.example"]) == 50, "it is asked then")


def test_a_service_that_was_quick_and_falls_silent_leaves_lines_to_others(
    services: Services,
) -> None:
    pool = Lines(services.handle)
    for name in ("mallory.example", "bob.example"):
        pool.put(name, {"id": -1})
    wait_until(lambda: len(services.asked) == 2, "both are known")
    services.silent.add("mallory.example")
    for number in range(50):
        pool.put("mallory.example", {"id": number})
    for number in range(20):
        pool.put("bob.example", {"id": number})
    wait_until(lambda: len(services.asked["bob.example"]) == 21, "bob's is asked")
    assert len(services.asked["mallory.example"]) <= 1 + OF_A_QUICK_SERVICE


def test_what_waited_too_long_is_not_sent(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.silent.add("mallory.example")
    pool = Lines(services.handle)
    for number in range(OF_ANOTHER_SERVICE):
        pool.put("mallory.example", {"id": number})
    wait_until(lambda: len(services.asked["mallory.example"]) == OF_ANOTHER_SERVICE, "all busy")
    monkeypatch.setattr(lines, "LATEST", -1.0)
    pool.put("mallory.example", {"id": 98})
    monkeypatch.setattr(lines, "LATEST", 40.0)
    pool.put("mallory.example", {"id": 99})
    services.let.set()
    wait_until(lambda: 99 in services.asked["mallory.example"], "the last one is asked")
    assert 98 not in services.asked["mallory.example"]

"""Which pending session is closed where too many wait, by network."""

from __future__ import annotations

import pytest

from chat.realtime.engineio import limits
from chat.realtime.engineio.limits import Limits

OFFICE, MALLORY = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Limits[str]:
    """Allow three open sessions a network, two of them pending, and four pending of all."""
    monkeypatch.setattr(limits, "OPEN_FROM_NETWORK", 3)
    monkeypatch.setattr(limits, "PENDING_FROM_NETWORK", 2)
    return Limits(most_pending=4)


def come(table: Limits[str], *sessions: tuple[str, str]) -> list[str]:
    """Open these sessions, each from its address, and return those that were closed for them."""
    gone: list[str] = []
    homes: dict[str, str] = getattr(table, "homes", {})
    table.homes = homes  # type: ignore[attr-defined]
    for session, address in sessions:
        while (oldest := table.in_the_way(address)) is not None:
            table.closed(oldest, homes.pop(oldest))
            gone.append(oldest)
        table.opened(session, address)
        homes[session] = address
    return gone


def test_the_oldest_of_the_same_network_gives_way_first(small: Limits[str]) -> None:
    assert come(small, ("bob", OFFICE), ("m1", MALLORY), ("m2", MALLORY)) == []
    assert come(small, ("m3", MALLORY), ("m4", MALLORY)) == ["m1", "m2"], (
        "bob waits longer than they do, and stays"
    )


def test_then_the_oldest_of_all(small: Limits[str]) -> None:
    assert come(small, *((f"m{number}", f"203.0.113.{number}") for number in range(4))) == []
    assert come(small, ("bob", OFFICE)) == ["m0"]


def test_who_has_connected_gives_way_to_nobody(small: Limits[str]) -> None:
    come(small, ("bob", OFFICE), ("carol", OFFICE))
    small.settled("bob", OFFICE)
    small.settled("carol", OFFICE)
    assert come(small, ("dave", OFFICE)) == []
    assert small.refusal(OFFICE) is None, "one more may come in dave's place"
    assert come(small, ("erin", OFFICE)) == ["dave"]
    small.settled("erin", OFFICE)
    assert small.refusal(OFFICE), "three are connected"
    small.closed("bob", OFFICE)
    assert small.refusal(OFFICE) is None


def test_addresses_of_one_ipv6_network_are_one_and_ten_times_as_many_may_be_in_a_wider_one(
    small: Limits[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert come(small, *((f"m{number}", f"2001:db8:0:7::{number:x}") for number in range(3))) == [
        "m0"
    ]
    roomy: Limits[str] = Limits(most_pending=100)
    sessions = [(f"m{number}", f"2001:db8:0:{number:x}::1") for number in range(20)]
    assert come(roomy, *sessions) == []
    assert come(roomy, ("one more", "2001:db8:0:ff::1")) == ["m0"], "of the same /48"
    assert come(roomy, ("bob", "2001:db8:1::1")) == []


def test_what_has_gone_leaves_nothing_behind(small: Limits[str]) -> None:
    come(small, ("a", "2001:db8::1"), ("b", OFFICE))
    small.settled("a", "2001:db8::1")
    for session, address in (("a", "2001:db8::1"), ("b", OFFICE)):
        small.closed(session, address)
    assert not small._open
    assert not small._pending
    assert not small._pending_of


def test_a_load_test_from_one_address_meets_no_limit() -> None:
    table: Limits[str] = Limits(enforced=False, most_pending=1)
    assert come(table, *((f"m{number}", MALLORY) for number in range(20_000))) == []
    assert table.refusal(MALLORY) is None

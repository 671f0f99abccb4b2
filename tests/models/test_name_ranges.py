"""People are found in ranges that hold few of them, and nobody is missed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from chat.models import account_list, name_ranges
from chat.models.name_ranges import END, Fences, after
from chat.models.room import LONGEST_LIST as LONGEST_PAGE
from chat.models.room import Room
from chat.models.room_changes import change
from chat.models.user import User
from chat.models.user_search import LONGEST_LIST, people_starting_with
from chat.utils.name_keys import name_key_of
from tests.helpers.rooms import make_room

PEOPLE = 300
SURNAMES = ["Abel", "Abelson", "Berg", "Bergmann", "Chu", "Dahl"]


class Counter:
    """Counts the records that are read of the ranges."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.records = 0
        self._slices = name_ranges.in_time_slices
        monkeypatch.setattr(name_ranges, "in_time_slices", self._counted)

    def _counted(self, items: Any, size: int = 1) -> Iterator[Any]:
        for item in self._slices(items, size):
            self.records += 1
            yield item


@pytest.fixture(scope="module")
def crowd(app: Flask) -> dict[str, User]:
    """Return people by display name: each has a team's name, of which a third share one surname."""
    with app.app_context():
        team, chosen = f"team{token_hex(4)}", random.Random(5)
        people = {}
        for number in range(PEOPLE):
            surname = SURNAMES[0] if number % 3 else chosen.choice(SURNAMES)
            name = f"{surname} {team} {number}"
            people[name] = User.register(f"{team}-{number:03}", name, "")
        return people


@pytest.fixture
def narrow(crowd: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ranges be as narrow as those of a much larger chat, and the fences be fresh."""
    monkeypatch.setattr(name_ranges, "STEP", 5)
    for fences in (name_ranges.of_keys, name_ranges.of_usernames):
        monkeypatch.setattr(fences, "_read_at", None)
        monkeypatch.setattr(fences, "_fences", [])
        fences.refresh()


def test_ranges_reach_from_one_end_to_the_other_without_a_gap(
    narrow: None, crowd: dict[str, User]
) -> None:
    for fences in (name_ranges.of_keys, name_ranges.of_usernames):
        for low, high in (("", END), ("a", "b"), ("abel", f"abel{END}"), ("zz", "zz")):
            ranges = list(fences.ranges(low, high))
            ends = [low, *(end for _, end in ranges)]
            assert [begin for begin, _ in ranges] == ends[:-1]
            assert ends[-1] == (high if ranges else low)
            assert ends == sorted(set(ends))


def test_everybody_is_found_whatever_the_fences_are(
    narrow: None, crowd: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.models.user_search.LONGEST_LIST", PEOPLE)
    team = next(iter(crowd)).split()[1]
    for typed in (team, f"ab {team}", f"abel {team}", f"berg {team}", f"{team} 1", f"{team} 17 da"):
        first, *others = sorted(typed.split(), key=len, reverse=True)
        expected = {
            user.id
            for name, user in crowd.items()
            if all(
                any(word.startswith(each) for word in name.lower().split())
                for each in (first, *others)
            )
        }
        assert {user.id for user in people_starting_with(typed)} == expected, typed


def test_people_who_came_after_the_fences_are_found(narrow: None) -> None:
    assert people_starting_with("abel")
    name = f"abel{token_hex(6)}"
    late = User.register(name, f"Zoe {name}", "")
    assert [user.id for user in people_starting_with(name)] == [late.id]
    assert late.id in {user.id for user in people_starting_with(f"zoe {name[:9]}")}


def test_few_are_read_of_many_with_such_names(
    narrow: None, crowd: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    team = next(iter(crowd)).split()[1]
    for typed in ("", team, team[:-1], "abel", "abe"):
        counter = Counter(monkeypatch)
        assert len(people_starting_with(typed)) == LONGEST_LIST, typed
        assert counter.records < PEOPLE / 4 + LONGEST_LIST * 2, typed


def test_a_list_of_accounts_is_read_page_by_page(narrow: None, crowd: dict[str, User]) -> None:
    seen: list[str] = []
    page = account_list.page("all", "")
    while True:
        seen += [user.username.casefold() for user in page.items]
        if page.following is None:
            break
        page = account_list.page("all", page.following)
    assert seen == sorted(set(seen))
    assert {user.username for user in crowd.values()} <= set(seen)


def test_public_rooms_are_browsed_range_by_range(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_ranges, "STEP", 5)
    monkeypatch.setattr(name_ranges.of_public_rooms, "_read_at", None)
    name = f"quay {token_hex(4)}"
    made = []
    for number in range(LONGEST_PAGE + 20):
        room, _ = make_room("alice")
        change(room, name=f"{name} {number:03}", kind="public")
        made.append(f"{name} {number:03}")
        if number == LONGEST_PAGE:
            name_ranges.refresh()
    first = Room.browse(name, "")
    assert [room.name for room in first] == made[: LONGEST_PAGE + 1]
    rest = Room.browse(name, name_key_of(first[-1].name, first[-1].id))
    assert [room.name for room in rest] == made[LONGEST_PAGE:]


def test_a_name_comes_right_after_itself() -> None:
    assert "abel" < after("abel") < "abel0"
    assert list(Fences("users", "name_keys").ranges("b", "b")) == []

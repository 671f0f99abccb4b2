"""What somebody does to strangers costs only their own budget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from limits import parse

from chat.controllers import adding, blocks, budgets, direct_rooms, rooms, strangers
from chat.models.document import new_id
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.configuration.rate_limits import DEFAULTS
from chat.utils.errors import Conflict, Forbidden, RateLimited
from config import Settings

MOST_STRANGERS = 20


@pytest.fixture
def fresh(limited: Flask, settings: Settings) -> Iterator[Flask]:
    """Return the chat with all budgets unused."""
    with limited.app_context():
        budgets.set_up(settings)
        yield limited
        budgets.set_up(settings)


def person(name: str = "somebody", *, is_admin: bool = False) -> User:
    return User.register(f"{name}-{new_id()}", name, "", is_admin=is_admin)


def room_of(owner: User) -> str:
    return str(rooms.create(owner, name="Trap", kind="private").room.id)


def test_twenty_new_people_a_day(fresh: Flask) -> None:
    mallory, bob = person("mallory"), person("bob")
    trap = room_of(mallory)
    for _ in range(MOST_STRANGERS // 2):
        adding.add(mallory, trap, str(person().id))
        direct_rooms.open_direct(mallory, [str(person().id)])
    for action in (
        lambda: adding.add(mallory, trap, str(bob.id)),
        lambda: direct_rooms.open_direct(mallory, [str(bob.id)]),
    ):
        with pytest.raises(RateLimited, match="daily limit of new people") as refused:
            action()
        assert refused.value.retry_after
    assert Membership.of_hidden_too(bob.id) == []
    adding.add(bob, room_of(bob), str(mallory.id))  # who is invited pays nothing


def test_those_who_share_a_room_are_no_strangers(fresh: Flask) -> None:
    alice = person("alice")
    hall = Room.prepare("private", "Hall", "")
    Membership.open_room(hall, alice.id)
    friends = [person() for _ in range(MOST_STRANGERS + 5)]
    for friend in friends:
        Membership.begin(hall, friend.id, "member", 0)
    quay = room_of(alice)
    for friend in friends:
        assert adding.add(alice, quay, str(friend.id)).is_new
        direct_rooms.open_direct(alice, [str(friend.id)])


def test_several_strangers_at_once_cost_as_much_as_one_by_one(fresh: Flask) -> None:
    mallory = person("mallory")
    people = [str(person().id) for _ in range(7)]
    direct_rooms.open_direct(mallory, people)
    direct_rooms.open_direct(mallory, people)  # it is there: nobody is disturbed
    direct_rooms.open_direct(mallory, people[:6])
    direct_rooms.open_direct(mallory, people[:5])
    with pytest.raises(RateLimited):
        direct_rooms.open_direct(mallory, people[:4])
    direct_rooms.open_direct(mallory, people[:2])


def test_refused_tries_cost_as_much(fresh: Flask) -> None:
    mallory, bob = person("mallory"), person("bob")
    trap = room_of(mallory)
    blocks.block(bob, str(mallory.id))
    for _ in range(MOST_STRANGERS // 2):
        with pytest.raises(Forbidden):
            adding.add(mallory, trap, str(bob.id))
        with pytest.raises(Forbidden):
            direct_rooms.open_direct(mallory, [str(bob.id)])
    with pytest.raises(RateLimited):
        adding.add(mallory, trap, str(person().id))


@pytest.mark.parametrize("name", strangers.SENTENCES)
def test_administrators_may_ten_times_as_much(name: str) -> None:
    one, ten = (parse(DEFAULTS[each]) for each in (name, f"{name} as administrator"))
    assert ten.amount == 10 * one.amount
    assert ten.get_expiry() == one.get_expiry() == 24 * 3600


def test_each_budget_is_charged(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    charged: list[tuple[str, object, int]] = []
    monkeypatch.setattr(
        budgets, "charge", lambda name, who, amount=1: charged.append((name, who, amount))
    )
    mallory, root, bob = person("mallory"), person("root", is_admin=True), person("bob")
    for by in (mallory, root):
        adding.add(by, room_of(by), str(bob.id))
        direct_rooms.open_direct(by, [str(bob.id), str(person().id)])
    suffix = " as administrator"
    assert charged == [
        ("add members", mallory.id, 1),
        ("meet strangers", mallory.id, 1),
        ("open direct rooms", mallory.id, 1),
        ("meet strangers", mallory.id, 2),
        ("add members" + suffix, root.id, 1),
        ("meet strangers" + suffix, root.id, 1),
        ("open direct rooms" + suffix, root.id, 1),
        ("meet strangers" + suffix, root.id, 1),
    ]


def test_nobody_blocks_themselves(fresh: Flask) -> None:
    alice = person("alice")
    with pytest.raises(Conflict):
        blocks.block(alice, str(alice.id))

"""A decision about a roster takes effect as a whole, whatever dies between its two writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from chat.controllers import memberships
from chat.models import deleted_rooms
from chat.models.database import database
from chat.models.document import Id
from chat.models.membership import Membership, roster, roster_check
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Conflict, NotFound

SOON = timedelta(seconds=1)


class Died(Exception):
    """The exception that ends the process here."""


@pytest.fixture
def dies_after_deciding(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something in a process that dies between the decision and its consequences."""

    def die(*_: object) -> None:
        raise Died

    def do(action: Callable[[], object]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(roster, "finish", die)
            with pytest.raises(Died):
                action()
        Membership.forget(_pending()[0], Id())

    return do


def _pending() -> tuple[Id, dict]:
    rooms = list(
        database["rooms"].find({"pending.at": {"$gte": roster.LONG_AGO, "$lt": now() + SOON}})
    )
    assert len(rooms) == 1
    return rooms[0]["_id"], rooms[0]["pending"]


def person(name: str) -> User:
    return User.register(f"{name}-{Id()}", name, "")


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    return {name: person(name) for name in ("alice", "bob", "carol")}


@pytest.fixture
def room(people: dict[str, User]) -> Room:
    """Return a room that alice owns and bob is in."""
    room = Room.prepare("public", "Harbour", "")
    Membership.open_room(room, people["alice"].id)
    Membership.begin(room, people["bob"].id, "member", 0)
    return room


def roles(room: Room, people: dict[str, User]) -> dict[str, str]:
    names = {user.id: name for name, user in people.items()}
    assert not roster_check.problems(room.id)
    return {names[member.user_id]: member.role for member in Membership.within(room)}


def member(room: Room, user: User) -> Membership:
    found = Membership.find_now(room.id, user.id)
    assert found
    return found


ACTIONS: dict[str, tuple[Callable[[Room, dict[str, User]], object], dict[str, str]]] = {
    "joins": (
        lambda room, people: Membership.begin(room, people["carol"].id, "member", 0),
        {"alice": "owner", "bob": "member", "carol": "member"},
    ),
    "leaves": (lambda room, people: member(room, people["bob"]).end(), {"alice": "owner"}),
    "becomes owner": (
        lambda room, people: member(room, people["bob"]).change_role("owner"),
        {"alice": "owner", "bob": "owner"},
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("mends", ["the next decision", "the job"])
def test_what_was_decided_is_finished_by_whoever_comes_next(
    room: Room,
    people: dict[str, User],
    dies_after_deciding: Callable,
    name: str,
    mends: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    action, after = ACTIONS[name]
    dies_after_deciding(lambda: action(room, people))
    if mends == "the job":
        monkeypatch.setattr(roster, "LEFT_BEHIND", -SOON)
        memberships.finish_left_behind()
    else:
        assert member(room, people["alice"]).change_role("owner").role == "owner"
    assert roles(room, people) == after


def test_a_decision_that_is_still_being_carried_out_is_left_to_its_process(
    room: Room, people: dict[str, User], dies_after_deciding: Callable
) -> None:
    dies_after_deciding(lambda: member(room, people["bob"]).end())
    memberships.finish_left_behind()
    assert _pending()[0] == room.id
    roster.finish_left_behind(now() + SOON)


def test_the_last_owner_who_decided_to_leave_an_empty_room_has_left_it(
    room: Room, people: dict[str, User], dies_after_deciding: Callable
) -> None:
    member(room, people["bob"]).end()
    dies_after_deciding(lambda: member(room, people["alice"]).end())
    mine, began = Membership.begin(room, people["carol"].id, "member", 0)
    assert (mine.role, began) == ("owner", True)
    assert roles(room, people) == {"carol": "owner"}


def test_a_room_that_was_decided_to_be_deleted_is_gone(
    room: Room, people: dict[str, User], dies_after_deciding: Callable
) -> None:
    dies_after_deciding(lambda: roster.close(room.id, lambda _: None))
    with pytest.raises(NotFound):
        Membership.begin(room, people["carol"].id, "member", 0)
    assert Room.find_now(room.id) is None
    assert database["keys"].count_documents({"room_id": room.id}) == 0
    assert room.id in deleted_rooms.unfinished()


def test_a_room_whose_maker_died_has_its_owner(
    people: dict[str, User], dies_after_deciding: Callable
) -> None:
    room = Room.prepare("public", "Harbour", "")
    dies_after_deciding(lambda: Membership.open_room(room, people["alice"].id))
    mine, _ = Membership.begin(room, people["bob"].id, "member", 0)
    assert mine.role == "member", "whoever comes in that moment does not own it"
    assert roles(room, people) == {"alice": "owner", "bob": "member"}


@pytest.mark.parametrize("name", ACTIONS)
def test_whoever_slept_after_a_decision_undoes_no_later_one(
    room: Room, people: dict[str, User], dies_after_deciding: Callable, name: str
) -> None:
    dies_after_deciding(lambda: ACTIONS[name][0](room, people))
    _, note = _pending()
    user = next(user for user in people.values() if user.id == note["user_id"])
    Membership.begin(room, user.id, "member", 0)
    member(room, user).end()
    before = roles(room, people)
    roster.finish(room.id, note)
    assert roles(room, people) == before
    assert Membership.find_now(room.id, user.id) is None


def test_what_another_process_left_is_announced_by_whoever_finished_it(
    room: Room, people: dict[str, User], dies_after_deciding: Callable
) -> None:
    roster.take_finished_for_others()
    dies_after_deciding(lambda: member(room, people["bob"]).end())
    Membership.begin(room, people["carol"].id, "member", 0)
    assert roster.take_finished_for_others() == [(room.id, people["bob"].id)]
    assert roster.take_finished_for_others() == []


def test_nobody_leaves_people_without_an_owner(room: Room, people: dict[str, User]) -> None:
    for action in (
        lambda: member(room, people["alice"]).end(),
        lambda: member(room, people["alice"]).change_role("moderator"),
    ):
        with pytest.raises(Conflict):
            action()
        assert roles(room, people) == {"alice": "owner", "bob": "member"}


def test_what_is_counted_wrongly_is_named(room: Room) -> None:
    database["rooms"].update_one({"_id": room.id}, {"$inc": {"members": 1, "owners": 1}})
    assert roster_check.problems(room.id) == [
        f"room {room.id}: 3 members and 2 owners are counted, but there are 2 and 1",
    ]

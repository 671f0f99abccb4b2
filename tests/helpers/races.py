"""Pairs of actions that change a roster at the same moment, and what must hold in any order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from chat.models.database import database
from chat.models.document import Id, id_from, new_id
from chat.models.membership import Membership
from chat.models.room import Room
from chat.utils.clock import now
from tests.helpers.world import Person

PAIRS = 50
EXPECTED = {200, 201, 202, 204, 403, 404, 409}
AT_ONCE = 4  # pairs

Action = Callable[[str], requests.Response]  # in a room


@dataclass(frozen=True)
class People:
    """The people who race. Each action goes to the process of its person."""

    alice: Person
    bob: Person
    carol: Person
    mallory: Person

    def role(self, of: Person, role: str, by: Person) -> Action:
        return lambda room_id: by.patch(f"/rooms/{room_id}/members/{of.id}", {"role": role})

    def remove(self, whom: Person, by: Person) -> Action:
        return lambda room_id: by.delete(f"/rooms/{room_id}/members/{whom.id}")

    def add(self, whom: Person, by: Person) -> Action:
        return lambda room_id: by.post(f"/rooms/{room_id}/members", {"user_id": whom.id})


def join(person: Person) -> Action:
    return lambda room_id: person.post(f"/rooms/{room_id}/join")


def leave(person: Person) -> Action:
    return lambda room_id: person.post(f"/rooms/{room_id}/leave")


def delete(person: Person) -> Action:
    return lambda room_id: person.delete(f"/rooms/{room_id}")


@dataclass(frozen=True)
class Race:
    """A roster, two actions at the same moment, and who may own the room afterwards."""

    roles: dict[str, str]
    actions: Callable[[People], tuple[Action, Action]]
    owners: set[str]
    may_be_gone: bool = False


OWNED = {"alice": "owner", "bob": "member", "carol": "moderator"}
SHARED = {"alice": "owner", "bob": "owner", "carol": "moderator"}
RACES: dict[str, Race] = {
    "the last owner leaves, a stranger joins": Race(
        OWNED,
        lambda p: (leave(p.alice), join(p.mallory)),
        {"alice"},
    ),
    "the last owner gives it up, a stranger joins": Race(
        OWNED,
        lambda p: (p.role(p.alice, "member", p.alice), join(p.mallory)),
        {"alice"},
    ),
    "the last owner leaves, somebody is added": Race(
        OWNED,
        lambda p: (leave(p.alice), p.add(p.mallory, p.bob)),
        {"alice"},
    ),
    "two owners leave": Race(SHARED, lambda p: (leave(p.alice), leave(p.bob)), {"alice", "bob"}),
    "two owners put each other down": Race(
        SHARED,
        lambda p: (p.role(p.bob, "member", p.alice), p.role(p.alice, "member", p.bob)),
        {"alice", "bob"},
    ),
    "two owners remove each other": Race(
        SHARED,
        lambda p: (p.remove(p.bob, p.alice), p.remove(p.alice, p.bob)),
        {"alice", "bob"},
    ),
    "an owner leaves, the other one is put down": Race(
        SHARED,
        lambda p: (leave(p.alice), p.role(p.bob, "member", p.alice)),
        {"alice", "bob"},
    ),
    "an owner gives it up, the other one leaves": Race(
        SHARED,
        lambda p: (p.role(p.alice, "moderator", p.alice), leave(p.bob)),
        {"alice", "bob"},
    ),
    "somebody becomes owner and leaves": Race(
        OWNED,
        lambda p: (p.role(p.bob, "owner", p.alice), leave(p.bob)),
        {"alice", "bob"},
    ),
    "somebody becomes owner and is removed": Race(
        OWNED,
        lambda p: (p.role(p.bob, "owner", p.alice), p.remove(p.bob, p.carol)),
        {"alice", "bob"},
    ),
    "somebody becomes owner, the owner leaves": Race(
        OWNED,
        lambda p: (p.role(p.bob, "owner", p.alice), leave(p.alice)),
        {"alice", "bob"},
    ),
    "a moderator is put down and removes somebody": Race(
        OWNED,
        lambda p: (p.role(p.carol, "member", p.alice), p.remove(p.bob, p.carol)),
        {"alice"},
    ),
    "an owner is put down and deletes the room": Race(
        SHARED,
        lambda p: (p.role(p.bob, "member", p.alice), delete(p.bob)),
        {"alice", "bob"},
        may_be_gone=True,
    ),
    "the room is deleted, a stranger joins": Race(
        OWNED,
        lambda p: (delete(p.alice), join(p.mallory)),
        set(),
        may_be_gone=True,
    ),
    "somebody leaves and is removed": Race(
        OWNED,
        lambda p: (leave(p.bob), p.remove(p.bob, p.carol)),
        {"alice"},
    ),
    "somebody leaves and is added": Race(
        OWNED,
        lambda p: (leave(p.bob), p.add(p.bob, p.alice)),
        {"alice"},
    ),
    "somebody joins and is added": Race(
        OWNED,
        lambda p: (join(p.mallory), p.add(p.mallory, p.alice)),
        {"alice"},
    ),
    "somebody joins twice": Race(OWNED, lambda p: (join(p.mallory), join(p.mallory)), {"alice"}),
    "somebody is removed twice": Race(
        OWNED,
        lambda p: (p.remove(p.bob, p.alice), p.remove(p.bob, p.carol)),
        {"alice"},
    ),
    "somebody becomes moderator and owner": Race(
        OWNED,
        lambda p: (p.role(p.bob, "moderator", p.alice), p.role(p.bob, "owner", p.alice)),
        {"alice", "bob"},
    ),
    "the only one leaves, a stranger joins": Race(
        {"alice": "owner"},
        lambda p: (leave(p.alice), join(p.mallory)),
        {"alice", "mallory"},
    ),
    "two strangers join an empty room": Race(
        {},
        lambda p: (join(p.bob), join(p.mallory)),
        {"bob", "mallory"},
    ),
}


def run(race: Race, people: People, pairs: int = PAIRS) -> None:
    """Run it in many rooms. Fail where one was ever without an owner, or counts wrongly."""
    room_ids = [furnished(race.roles, people) for _ in range(pairs)]
    actions = race.actions(people)
    with observed(room_ids), ThreadPoolExecutor(AT_ONCE) as pool:
        for answers in pool.map(lambda room_id: at_once(actions, str(room_id)), room_ids):
            told = [answer.text for answer in answers]
            assert {answer.status_code for answer in answers} <= EXPECTED, told
    allowed = {id_from(getattr(people, name).id) for name in race.owners}
    for room_id in room_ids:
        assert_holds(room_id, allowed, may_be_gone=race.may_be_gone)


def at_once(actions: tuple[Action, Action], room_id: str) -> list[requests.Response]:
    barrier = threading.Barrier(2)

    def do(action: Action) -> requests.Response:
        barrier.wait(10)
        return action(room_id)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(do, actions))


def furnished(roles: dict[str, str], people: People) -> Id:
    """Return a public room of these people, written as the program writes it."""
    room = Room.prepare("public", "Harbour", "")
    owners = sum(role == "owner" for role in roles.values())
    records = [
        {
            "_id": new_id(),
            "room_id": room.id,
            "user_id": id_from(getattr(people, name).id),
            "role": role,
            "number": number,
            "read_seq": 0,
            "seen_seq": 0,
            "unread_mark": 0,
            "joined_at": now(),
            "level": "mentions",
            "state": "listed",
            "place": 1,
            "ended": None,
            "change": 0,
            "connects": True,
        }
        for number, (name, role) in enumerate(roles.items(), 1)
    ]
    if records:
        database["memberships"].insert_many(records)
    room.open(members=len(records), owners=owners, numbers=len(records))
    return room.id


@contextmanager
def observed(room_ids: list[Id]) -> Iterator[None]:
    """Read the rooms all the time: one with people in it always has an owner."""
    over = threading.Event()
    without_owner = []

    def look() -> int:
        times = 0
        while not over.is_set():
            times += 1
            for room_id in room_ids:
                records = database["memberships"].find({"room_id": room_id})
                roles = [record["role"] for record in records if record["role"]]
                if roles and "owner" not in roles:
                    without_owner.append((room_id, roles))
            over.wait(0.001)
        return times

    with ThreadPoolExecutor(1) as pool:
        observer = pool.submit(look)
        try:
            yield
        finally:
            over.set()
    assert observer.result() > 0, "the rooms were read, and no read failed"
    assert not without_owner


def assert_holds(room_id: Id, owners: set[Id], *, may_be_gone: bool = False) -> None:
    """Assert that the counts are right, nothing is pending, and only these people own the room."""
    room = database["rooms"].find_one({"_id": room_id})
    if room is None:
        assert may_be_gone
        return
    found = Room.find(room_id)
    assert found
    members = Membership.within(found)
    assert room["pending"] is None
    assert room["members"] == len(members)
    assert room["owners"] == sum(member.role == "owner" for member in members)
    assert {member.user_id for member in members if member.role == "owner"} <= owners
    assert room["owners"] or not room["members"]

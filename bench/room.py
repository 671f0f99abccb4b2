"""Measure a room of 5,000 people, 500 of them connected, beside one of 50.

Opening it, typing, joining, leaving and listing its people are measured.

CPU of the server and of its database is from /proc, so Linux only. Wall times depend on the
machine and on who else uses it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.beside import Rounds, Row, row, tell
from bench.crowd import Crowd, Member
from bench.fan_out import cpu_of
from bench.own import own_database, own_world
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.server.embedded_database import EmbeddedDatabase
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World

SIZES = ((50, 25), (5_000, 500))  # people, of whom connected
ROUNDS = 4  # of every action in every room, in turn, so that both meet the same machine
MOST = 1.5  # times what it costs in the small room
MESSAGES = 60


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--times", type=int, default=25, help="each action in a round")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded) as world:
        rows = _measure(world, embedded, wanted.times)
    tell(rows, MOST, wanted.json)


@dataclass
class Place:
    """A room with its connected people, the last with a browser, and the people who will join."""

    id: str
    there: list[Person]
    newcomers: list[Person]
    browser: Browser
    socket: Member = field(init=False)

    @property
    def somebody(self) -> Person:
        return self.there[-1]


def _measure(world: World, embedded: EmbeddedDatabase, times: int) -> list[Row]:
    crowd, pids = Crowd(), [world.server.serving_pid, embedded.pid]
    places = [_furnish(world, people, connected, times) for people, connected in SIZES]
    for place in places:
        for person in place.there:
            crowd.add(Member(world.server.port, _heard, auth={"token": person.access_token}))
        place.socket = crowd.members[-1]
    spent: dict[str, Rounds] = {}
    for _ in range(ROUNDS):
        for name, action in ACTIONS.items():
            for number, place in enumerate(places):
                _settle(crowd)
                before, latencies = sum(map(cpu_of, pids)), []
                for turn in range(times):
                    began = time.perf_counter()
                    action(place, turn)
                    latencies.append(1000 * (time.perf_counter() - began))
                _settle(crowd)
                spent.setdefault(f"{name} {number}", []).append(
                    (sum(map(cpu_of, pids)) - before, latencies)
                )
    crowd.leave()
    return [row(name, spent[f"{name} 0"], spent[f"{name} 1"], times) for name in ACTIONS]


def _furnish(world: World, people: int, connected: int, times: int) -> Place:
    there = [Person(world, "somebody") for _ in range(connected)]
    room_id = there[0].make_room(f"Room of {people}")
    room = Room.find(_id(room_id))
    assert room
    absent = [
        User.register(f"absent-{room_id}-{number}", "Absent", "").id
        for number in range(people - connected)
    ]
    for user_id in [*(_id(person.id) for person in there[1:]), *absent]:
        Membership.begin(room, user_id, "member", 0)
    for number in range(MESSAGES):
        there[0].say(room_id, f"number {number}")
    print(f"a room of {people} people, {connected} of them connected", flush=True)
    return Place(
        room_id,
        there,
        [Person(world, "newcomer") for _ in range(times)],
        Browser(world.server).sign_in(there[-1]),
    )


def _heard(member: Member, text: bytes) -> None:
    if text == b"2":
        member.say("3")


def _settle(crowd: Crowd) -> None:
    """Wait until every socket has received what was sent."""
    end = time.monotonic() + 0.5
    crowd.until(lambda: time.monotonic() > end)


def _page(place: Place, _: int) -> None:
    assert place.browser.get(f"/rooms/{place.id}").ok


def _api(place: Place, _: int) -> None:
    assert len(place.somebody.reads(place.id)["messages"]) == 50


def _hello(place: Place, _: int) -> None:
    Member(
        place.somebody.server.port,
        _heard,
        auth={"token": place.somebody.access_token},
        until=b'42["hello"',
    ).socket.close()


def _type(place: Place, turn: int) -> None:
    place.socket.say(
        '42["room:typing",' + json.dumps({"room_id": place.id, "typing": turn % 2 == 0}) + "]"
    )


def _join(place: Place, turn: int) -> None:
    place.newcomers[turn].join(place.id)


def _leave(place: Place, turn: int) -> None:
    assert place.newcomers[turn].post(f"/rooms/{place.id}/leave").status_code == 204


def _members(place: Place, _: int) -> None:
    assert (
        len(
            place.somebody.get(f"/rooms/{place.id}/members", params={"limit": 50}).json()["members"]
        )
        >= 50
    )


ACTIONS: dict[str, Callable[[Place, int], None]] = {
    "open its page": _page,
    "open by the API": _api,
    "hello": _hello,
    "type": _type,
    "join": _join,
    "leave": _leave,
    "a page of people": _members,
}


def _id(text: str) -> Id:
    found = id_from(text)
    assert found
    return found

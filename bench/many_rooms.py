"""Measure what each page, list and hello costs a person in 2,000 rooms, beside one in 20.

Makes its own world on an embedded database of its own and throws it away.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import secrets
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial

import requests

from bench.own import own_database, own_world
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.crowded import direct_room
from tests.helpers.world import Heard, Person, World

FEW = 20
DIRECT_SHARE = 0.15
TOO_SLOW = 5_000  # ms; a slower request is not repeated
ASKING = 4  # pages asked for at once, while a bystander sends


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--rooms", type=int, default=2_000, help="of the person in many; 15 in 100 are direct"
    )
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--sends", type=int, default=150, help="of the bystander")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded) as world:
        started = time.perf_counter()
        few = put_into_rooms(world, Person(world, "few"), FEW)
        many = put_into_rooms(world, Person(world, "many"), wanted.rooms)
        print(
            f"{FEW} and {wanted.rooms} rooms made in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        print(f"{'':28}{FEW:>10} rooms {wanted.rooms:>16} rooms     times", flush=True)
        for title, path in LISTS.items():
            compare(title, partial(api, path=path), few, many, wanted.rounds)
        for title, path in PAGES.items():
            compare(title, partial(page, path=path), few, many, wanted.rounds)
        compare("hello", hello, few, many, wanted.rounds)
        tell_sends("bystander's sends, nobody asks", sends(world, wanted.sends))
        for person, rooms in ((few, FEW), (many, wanted.rooms)):
            with asking(person):
                tell_sends(f"bystander's sends, pages of {rooms}", sends(world, wanted.sends))
        world.hang_up()


def put_into_rooms(world: World, person: Person, count: int) -> Person:
    """Put the person into so many rooms, with a message of somebody else in each."""
    me, other = User.find(Id(person.id)), User.find(Id(world.alice.id))
    assert me and other
    for number in range(count):
        if number % 100 < 100 * DIRECT_SHARE:
            partner = User.register(
                f"partner-{secrets.token_hex(6)}", f"Partner {number}", world.password_hash
            )
            room = direct_room(me.id, partner.id)
        else:
            partner = other
            room = Room.prepare(
                ("public", "private")[number % 2], f"Room {number} {person.name}", ""
            )
            room.open()
            for user in (partner, me):
                Membership.begin(room, user.id, "owner" if user is partner else "member", 0)
        named = {3: f" @{person.username}", 7: " @room"}.get(number % 10, "")
        Message.post(room.id, partner, "first", f"news in room {number}{named}")
        person.__dict__["last_room"] = str(room.id)
    return person


def api(person: Person, path: str) -> int:
    answer = person.get(path)
    return len(answer.content) if answer.ok else -answer.status_code


def page(person: Person, path: str) -> int:
    cookies = {person.server.cookie("chat_access"): person.access_token}
    path = path.replace("ROOM", person.__dict__["last_room"])
    answer = requests.get(person.server.url + path, cookies=cookies, timeout=30)
    return len(answer.content) if answer.ok else -answer.status_code


def hello(person: Person) -> int:
    heard = Heard(person)
    try:
        heard.next("hello", 20)
    finally:
        heard.client.disconnect()
    return 0


LISTS = {
    "GET /api/v1/rooms": "/rooms",
    "GET /api/v1/rooms/browse": "/rooms/browse",
    "GET /api/v1/mentions": "/mentions",
    "GET /api/v1/search": "/search?q=news",
}
PAGES = {
    "page /rooms": "/rooms",
    "page of a room": "/rooms/ROOM",
    "page /rooms/browse": "/rooms/browse",
    "page /mentions": "/mentions",
    "page /search": "/search?q=news",
}


def compare(
    title: str, ask: Callable[[Person], int], few: Person, many: Person, rounds: int
) -> None:
    """Print the median time of each person's requests, and the first, with empty caches.

    A negative size is a status.
    """
    told = []
    for person in (few, many):
        times, size = [], 0
        for _ in range(rounds):
            started = time.perf_counter()
            with contextlib.suppress(requests.Timeout, AssertionError):  # it did not come in time
                size = ask(person)
            times.append(1000 * (time.perf_counter() - started))
            if times[-1] > TOO_SLOW and len(times) > 1:
                break
        told.append((statistics.median(times[1:]), times[0], size))
    columns = "".join(
        f"{median:8.1f} ms ({first:5.0f} first) {size / 1000:8.3f} kB"
        for median, first, size in told
    )
    print(f"{title:28}{columns} {told[1][0] / told[0][0]:6.1f}", flush=True)


class asking:  # noqa: N801  a context, as a function would be
    """A context in which ASKING threads request pages of one person."""

    def __init__(self, person: Person):
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(person,)) for _ in range(ASKING)]

    def _ask(self, person: Person) -> None:
        for path in itertools.cycle(PAGES.values()):
            if self._ended.is_set():
                return
            with contextlib.suppress(requests.Timeout):
                page(person, path)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def sends(world: World, count: int) -> list[float]:
    room_id, client = world.room(), world.bob.listen().client
    times = []
    for number in range(count):
        started = time.perf_counter()
        answer = client.call(
            "message:send",
            {"room_id": room_id, "client_id": f"c{number}", "body": "hello"},
            timeout=30,
        )
        times.append(1000 * (time.perf_counter() - started) if answer["ok"] else float("inf"))
    return times


def tell_sends(title: str, times: list[float]) -> None:
    times.sort()
    refused, slow = times.count(float("inf")), times[int(len(times) * 0.95)]
    print(
        f"{title:40} median {statistics.median(times):6.1f} ms, "
        f"p95 {slow:6.1f} ms, {refused} refused",
        flush=True,
    )

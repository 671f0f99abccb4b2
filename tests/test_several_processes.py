"""Two chats on one database, with and without a queue: a change through one shows in the other.

With Redis it shows at once, without it soon.
"""

from __future__ import annotations

import copy
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests
from flask import Flask
from redis import Redis

from chat.controllers import presence as presence_verbs
from chat.controllers.jobs import JOBS
from chat.models.database import database
from chat.models.document import id_from
from chat.models.message import Message
from chat.models.peers.presences import LIVES_FOR
from chat.models.user import User
from chat.server import master
from chat.utils.clock import now
from config import Settings
from tests.helpers.authenticator import Authenticator
from tests.helpers.clocks import CAN_BE_FAKED, clock_ahead
from tests.helpers.node import node
from tests.helpers.races import RACES, People, run
from tests.helpers.redis_server import RedisServer
from tests.helpers.rooms import seq_indexed
from tests.helpers.servers import ROOT, Server, is_alive, new_chat, wait_until
from tests.helpers.world import PASSWORD, Heard, Person, World

Pair: TypeAlias = tuple[Server, Server]
NewProcess: TypeAlias = Callable[..., Server]
SOON = 5  # seconds: the promise without Redis
AHEAD_SECONDS = 20  # one clock before the other


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="module")
def a_process(settings: Settings, folder: Path, redis: RedisServer) -> NewProcess:
    """Return what makes one more process of one chat: they share all variables but those given."""
    data_dir = str(folder / "two")
    return partial(new_chat, folder, settings.mongo_uri, DATA_DIR=data_dir, REDIS_URL=redis.url)


@pytest.fixture(scope="module")
def two_servers(app: Flask, a_process: NewProcess) -> Iterator[Pair]:
    # As two machines are, whose clocks differ.
    servers = (a_process(), a_process(**clock_ahead(AHEAD_SECONDS)))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Server.start, servers))
    for server in servers:
        wait_until(lambda server=server: has_queue(server), "it is ready, the queue included")
    yield servers
    for server in servers:
        server.stop()
    for server in servers:
        assert not server.errors()


@pytest.fixture
def here(app: Flask, two_servers: Pair) -> Iterator[World]:
    with app.app_context():
        world = World(two_servers[0])
        yield world
        world.hang_up()


def there(person: Person, two_servers: Pair) -> Person:
    """Return the same person, with requests and sockets to the other process."""
    other = copy.copy(person)
    other.server = two_servers[1]
    return other


def has_queue(server: Server) -> bool:
    answer = requests.get(server.url + "/ready", timeout=5)
    assert answer.ok, "without the queue messages are taken all the same"
    return bool(answer.json()["parts"]["queue"] == "ok")


@pytest.fixture
def without_redis(redis: RedisServer, two_servers: Pair) -> Iterator[None]:
    redis.kill()
    wait_until(
        lambda: not any(has_queue(server) for server in two_servers),
        "both noticed that the queue is away",
    )
    yield
    redis.start()
    wait_until(
        lambda: all(has_queue(server) for server in two_servers), "both noticed that it is back", 3
    )


def heard_seqs(heard: Heard) -> list[int]:
    return [entry["seq"] for name, entry in heard.events if name.startswith("message:")]


@pytest.mark.skipif(not CAN_BE_FAKED, reason="clocks can be faked on x86-64 Linux only")
def test_the_clocks_of_the_two_differ(here: World, two_servers: Pair) -> None:
    """Otherwise the tests below would say nothing about machines whose clocks differ."""
    room_id = here.room()
    moments = [
        datetime.fromisoformat(person.say(room_id, "x")["created_at"])
        for person in (here.alice, there(here.alice, two_servers))
    ]
    assert moments[1] - moments[0] > timedelta(seconds=AHEAD_SECONDS - 5)


def test_everybody_hears_everything_in_order_whichever_process_they_speak_through(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    bob_here, carol_there = here.bob.listen(), there(here.carol, two_servers).listen()
    speakers = [here.alice, there(here.alice, two_servers), here.bob, there(here.bob, two_servers)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: speakers[number % 4].say(room_id, f"{number}"), range(80)))
    for heard in (bob_here, carol_there):
        wait_until(lambda heard=heard: len(heard_seqs(heard)) >= 80, "all were heard")
        assert heard_seqs(heard) == list(range(1, 81)), "in the order of seq, each once"


def test_whom_a_message_calls_is_called_once_on_every_device_whichever_process_holds_it(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    devices = [here.bob.listen(), there(here.bob, two_servers).listen()]
    mallory, carol = (
        there(here.mallory, two_servers).listen(),
        there(here.carol, two_servers).listen(),
    )
    there(here.carol, two_servers).put(f"/rooms/{room_id}/notifications", {"level": "nothing"})
    carol.next("room:updated")
    for body in (
        f"@{here.bob.username} @{here.carol.username}",
        "@room",
        f"the last @{here.bob.username}",
    ):
        here.alice.say(room_id, body)
    for heard in devices:
        called = [
            heard.next("notification") for _ in range(3)
        ]  # in whatever order: each is looked up by itself
        assert [call["kind"] for call in called] == ["mention"] * 3
        assert (
            len({call["message"]["id"] for call in called}) == len(heard.all("notification")) == 3
        )
    assert carol.all("notification") == mallory.all("notification") == []


def test_what_somebody_wants_to_be_notified_of_is_known_to_every_process_at_once(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    bob, bob_there = here.bob.listen(), there(here.bob, two_servers)
    here.alice.say(room_id, "nobody wants this")
    bob_there.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    bob.next("room:updated")
    here.alice.say(room_id, "lunch?")
    assert bob.next("notification")["kind"] == "message"
    bob_there.put(f"/rooms/{room_id}/notifications", {"level": "mentions"})
    bob.next("room:updated")
    here.alice.say(room_id, f"@{here.bob.username} nobody wants this, either")
    assert bob.next("notification")["kind"] == "mention"
    bob_there.patch("/me/preferences", {"keywords": ["lunch"]})
    bob.next("preferences:updated")
    here.alice.say(room_id, "lunch?")
    assert bob.next("notification")["kind"] == "keyword"


def test_whoever_comes_into_busy_rooms_is_greeted_meanwhile_and_misses_nothing(
    here: World, two_servers: Pair
) -> None:
    rooms = [here.room() for _ in range(4)]
    speakers, writing = [there(here.alice, two_servers), here.carol], threading.Event()
    writing.set()

    def write(number: int) -> None:
        while writing.is_set():
            speakers[number % 2].say(rooms[number // 2], "on and on")

    with ThreadPoolExecutor(8) as pool:
        written = [pool.submit(write, number) for number in range(8)]
        try:
            sockets = list(pool_of_listeners(here.bob, 6))
        finally:
            writing.clear()
        for one in written:
            one.result()
    for heard in sockets:
        for room_id in rooms:
            told = next(
                item["head_seq"]
                for item in heard.all("hello")[0]["rooms"]
                if item["room"]["id"] == room_id
            )
            head = here.bob.standing(room_id)["head_seq"]
            wait_until(
                lambda heard=heard, room_id=room_id, head=head: (
                    head in seqs_in(heard, room_id) or head == told
                ),
                "all was heard",
            )
            assert seqs_in(heard, room_id) == list(range(told + 1, head + 1)), (
                "every entry after the head that hello told, each once"
            )


def pool_of_listeners(person: Person, count: int) -> Iterator[Heard]:
    with ThreadPoolExecutor(count) as pool:
        yield from pool.map(lambda _: person.listen(), range(count))


def seqs_in(heard: Heard, room_id: str) -> list[int]:
    return [
        entry["seq"]
        for name, entry in heard.events
        if name.startswith("message:") and entry["room_id"] == room_id
    ]


def test_changes_reach_the_other_process(here: World, two_servers: Pair) -> None:
    room_id = here.room()
    carol = there(here.carol, two_servers).listen()
    said = here.bob.say(room_id, "frist")
    here.bob.patch(f"/messages/{said['id']}", {"body": "first"})
    there(here.alice, two_servers).put(f"/messages/{said['id']}/reactions/👍")
    here.bob.delete(f"/messages/{said['id']}")
    assert carol.next("message:deleted")["message"]["body"] == ""
    assert heard_seqs(carol) == [1, 2, 3, 4]


def test_reading_through_one_process_and_marking_unread_through_the_other_is_as_the_last_one_said(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    for number in range(3):
        here.alice.say(room_id, f"{number}")
    bob_here, bob_there = here.bob, there(here.bob, two_servers)

    def reads(bob: Person, seq: int, **how: bool) -> int:
        answered = int(bob.put(f"/rooms/{room_id}/read", {"seq": seq, **how}).json()["read_seq"])
        assert (
            here.bob.standing(room_id)["read_seq"]
            == bob_there.standing(room_id)["read_seq"]
            == answered
        )
        return answered

    assert reads(bob_here, 3, forward_only=True) == 3
    assert reads(bob_there, 1, forward_only=True) == 3
    assert reads(bob_there, 1) == 1
    assert reads(bob_here, 3, forward_only=True) == 3, (
        "seen again, though this process had known it as read"
    )
    assert reads(bob_there, 2) == 2
    assert reads(bob_here, 3) == 3


def test_another_role_is_told_and_holds_at_the_other_process_at_once(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    said = here.alice.say(room_id, "pin me")
    bob = there(here.bob, two_servers)
    socket, carol = bob.listen(), there(here.carol, two_servers).listen()
    for role, status in (("moderator", 200), ("member", 403), ("moderator", 200)):
        assert (
            here.alice.patch(f"/rooms/{room_id}/members/{here.bob.id}", {"role": role}).status_code
            == 200
        )
        assert socket.next("room:updated", 1)["room"]["role"] == role
        assert carol.next("room:member", 1)["change"] == "role"
        assert bob.put(f"/messages/{said['id']}/pin").status_code == status
    assert not carol.all("room:updated"), "to others the room is as it was"


def test_who_has_read_how_far_is_told_to_those_at_the_other_process(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    said = [here.alice.say(room_id, f"{number}") for number in range(2)]
    carol, mallory = (
        there(here.carol, two_servers).listen(),
        there(here.mallory, two_servers).listen(),
    )
    here.bob.put(f"/rooms/{room_id}/read", {"seq": said[0]["seq"], "forward_only": True})
    assert carol.next("room:read", 1) == {
        "room_id": room_id,
        "user_id": here.bob.id,
        "seq": said[0]["seq"],
    }
    there(here.bob, two_servers).put(
        f"/rooms/{room_id}/read", {"seq": said[1]["seq"], "forward_only": True}
    )
    assert carol.next("room:read", 3)["seq"] == said[1]["seq"]
    for process in (here.carol, there(here.carol, two_servers)):
        told = {
            each["user_id"]: each["seq"]
            for each in process.get(f"/rooms/{room_id}/receipts").json()["receipts"]
        }
        assert told == {here.alice.id: said[1]["seq"], here.bob.id: said[1]["seq"]}
    assert mallory.hears_nothing_of("room:read", room_id)


def moves(here: World, two_servers: Pair, seconds: float) -> None:
    """Let bob join and be removed through one process; his socket is on the other one."""
    room_id = here.alice.make_room(kind="private")
    bob = there(here.bob, two_servers)
    socket = bob.listen()
    here.alice.post(f"/rooms/{room_id}/members", {"user_id": here.bob.id})
    assert socket.next("room:added", seconds)["room"]["id"] == room_id
    here.alice.say(room_id, "welcome")
    assert socket.next("message:posted", seconds)["message"]["body"] == "welcome"
    here.alice.delete(f"/rooms/{room_id}/members/{here.bob.id}")
    assert socket.next("room:removed", seconds) == {"room_id": room_id}
    here.alice.say(room_id, "behind his back")
    socket.pause()
    assert [entry["message"]["body"] for entry in socket.all("message:posted")] == ["welcome"]
    assert bob.get(f"/rooms/{room_id}/messages").status_code == 404


def test_who_comes_and_goes_is_true_everywhere_at_once(here: World, two_servers: Pair) -> None:
    moves(here, two_servers, 1)


def test_who_was_put_out_is_refused_everywhere_at_once_with_or_without_a_socket(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room("private")
    bob = there(here.bob, two_servers)
    said = bob.say(room_id, "still in")
    here.carol.delete(f"/rooms/{room_id}/members/{here.bob.id}")
    wait_until(
        lambda: bob.get(f"/rooms/{room_id}/messages").status_code == 404,
        "the other process knows",
        1,
    )
    assert bob.patch(f"/messages/{said['id']}", {"body": "behind their backs"}).status_code == 404
    here.alice.post(f"/rooms/{room_id}/members", {"user_id": here.bob.id})
    wait_until(
        lambda: bob.get(f"/rooms/{room_id}/messages").status_code == 200,
        "the other process knows again",
        1,
    )


def test_a_revoked_session_hangs_up_everywhere_at_once(here: World, two_servers: Pair) -> None:
    bob = there(here.bob, two_servers)
    socket = bob.listen()
    assert here.bob.post("/auth/logout").status_code == 204
    wait_until(lambda: not socket.client.connected, "it hung up", 1)
    assert bob.get("/me").status_code == 401


def test_a_deactivated_person_is_cut_off_everywhere_at_once(here: World, two_servers: Pair) -> None:
    devices = (here.bob, there(here.bob.second_device(), two_servers))
    sockets = [device.listen() for device in devices]
    here.alice.patch(f"/admin/users/{here.bob.id}", {"deactivated": True})
    wait_until(lambda: not any(each.client.connected for each in sockets), "they hung up", 2)
    for device in devices:
        assert device.get("/me").status_code == 401


def test_a_code_that_is_used_through_two_processes_at_once_lets_one_in(
    here: World, two_servers: Pair
) -> None:
    app = Authenticator(here.bob)
    for code in (app.recovery_codes[0], app.code()):

        def log_in(server: Server, code: str = code) -> int:
            body = {"username": here.bob.username, "password": PASSWORD, "otp": code}
            address = f"{server.url}/api/v1/auth/login"
            return requests.post(address, json=body, timeout=20).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(log_in, two_servers)) == [200, 401]


def test_two_administrators_who_take_each_other_the_role_through_two_processes_leave_one(
    here: World, two_servers: Pair
) -> None:
    database["users"].update_many({"is_admin": True}, {"$set": {"is_admin": False}})
    both = [Person(here, name, is_admin=True) for name in ("dora", "erin")]
    with ThreadPoolExecutor(2) as pool:
        takes = [
            pool.submit(by.patch, f"/admin/users/{whose.id}", {"role": "member"})
            for by, whose in ((both[0], both[1]), (there(both[1], two_servers), both[0]))
        ]
        statuses = sorted(take.result().status_code for take in takes)
    assert statuses in ([200, 403], [200, 409]), "the slower one is refused"
    assert database["users"].count_documents({"is_admin": True}) == 1


def test_without_redis_sends_succeed_and_the_others_hear_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    room_id = here.room()
    bob, carol = here.bob.listen(), there(here.carol, two_servers).listen()
    for number in range(10):
        before = time.monotonic()
        here.alice.say(room_id, f"{number}")
        assert time.monotonic() - before < 2
    assert bob.next("message:posted", 1)["seq"] == 1, "those at the same process hear it at once"
    wait_until(lambda: len(heard_seqs(carol)) == 10, "those at the other hear it soon", SOON)
    here.alice.patch(
        f"/messages/{carol.all('message:posted')[0]['message']['id']}", {"body": "edited"}
    )
    assert carol.next("message:edited", SOON)["message"]["body"] == "edited"
    assert heard_seqs(carol) == list(range(1, 12))


def test_without_redis_who_comes_and_goes_is_true_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    moves(here, two_servers, SOON)


def test_without_redis_a_revoked_session_hangs_up_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    bob = there(here.bob, two_servers)
    socket = bob.listen()
    here.bob.post("/auth/logout")
    wait_until(lambda: not socket.client.connected, "it hung up", SOON)
    wait_until(lambda: bob.get("/me").status_code == 401, "and its token is worth nothing", SOON)


def is_renamed(here: World, two_servers: Pair, name: str, seconds: float) -> None:
    """Name the chat through one process; the open pages of both learn it, and so do new ones."""
    sockets = [here.bob.listen(), there(here.bob, two_servers).listen()]
    there(here.alice, two_servers).get("/admin/settings")  # it is cached there
    changed = here.alice.patch("/admin/settings", {"name": name})
    assert changed.status_code == 200, changed.text
    for heard in sockets:
        assert heard.next("chat:updated", seconds)["chat"]["name"] == name
    for server in two_servers:
        assert f"{name}</title>" in requests.get(f"{server.url}/login", timeout=20).text


def test_the_chat_is_renamed_everywhere_at_once(here: World, two_servers: Pair) -> None:
    is_renamed(here, two_servers, "Harbour office", 2)
    is_renamed(here, two_servers, "Chat", 2)


def test_without_redis_the_chat_is_renamed_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    is_renamed(here, two_servers, "Harbour office", SOON)
    is_renamed(here, two_servers, "Chat", SOON)


def are_counted(here: World, two_servers: Pair, seconds: float) -> None:
    """Report a message at one process; administrators at both learn it."""
    said = here.bob.say(here.room(), "rude")
    sockets = [here.alice.listen(), there(here.alice, two_servers).listen()]
    before = [heard.all("hello")[0]["open_reports"] for heard in sockets]
    here.carol.post(f"/messages/{said['id']}/report", {"reason": "it is rude"})
    for heard, count in zip(sockets, before, strict=True):
        assert heard.next("reports:updated", seconds) == {"open": count + 1}


def test_open_reports_are_counted_everywhere_at_once(here: World, two_servers: Pair) -> None:
    are_counted(here, two_servers, 2)


def test_without_redis_open_reports_are_counted_everywhere_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    are_counted(here, two_servers, SOON)


def presence(heard: Heard, person: Person) -> str:
    return str(heard.call("presence:ask", {"user_ids": [person.id]})["presences"][person.id])


def test_who_is_there_is_known_everywhere(here: World, two_servers: Pair) -> None:
    here.room()
    alice, bob = here.alice.listen(), there(here.bob, two_servers).listen()
    wait_until(lambda: presence(alice, here.bob) == "online", "at once", 1)
    second = here.bob.listen()
    bob.client.disconnect()
    time.sleep(6)
    assert presence(alice, here.bob) == "online", "one of two devices is enough"
    second.client.disconnect()
    wait_until(lambda: presence(alice, here.bob) == "offline", "both are gone", 8)


def test_without_redis_who_is_there_is_known_within_seconds(
    here: World, two_servers: Pair, without_redis: None
) -> None:
    here.room()
    alice, _ = here.alice.listen(), there(here.bob, two_servers).listen()
    wait_until(lambda: presence(alice, here.bob) == "online", "by what each process keeps", SOON)


def told_of(heard: Heard, person: Person) -> list[str]:
    return [told["status"] for told in heard.all("presence") if told["user_id"] == person.id]


def test_what_a_process_keeps_of_its_people_ends_within_a_minute_and_not_while_it_lives() -> None:
    look_seconds = next(seconds for job, seconds in JOBS if job is presence_verbs.poll_peers)
    assert LIVES_FOR.total_seconds() + 2 * look_seconds < 60
    assert 2 * (presence_verbs.WRITE_AGAIN_SECONDS + look_seconds) < LIVES_FOR.total_seconds()


def test_whoever_was_at_a_killed_process_is_offline_to_all_when_its_time_is_over_and_nobody_else_is(
    here: World, two_servers: Pair, a_process: NewProcess
) -> None:
    here.room()
    doomed = a_process().start()
    wait_until(lambda: has_queue(doomed), "it is ready, the queue included")
    listeners = [here.alice.listen(), there(here.alice, two_servers).listen()]
    at_doomed = [copy.copy(person) for person in (here.bob, here.carol)]
    for person in at_doomed:
        person.server = doomed
        person.listen()
    there(here.carol, two_servers).listen()
    for heard in listeners:
        for person in (here.bob, here.carol):
            wait_until(
                lambda heard=heard, person=person: told_of(heard, person) == ["online"],
                "both are there",
            )

    def kept_by_doomed() -> Any:
        people = [id_from(here.bob.id), "online"]
        return database["presences"].find_one({"people": people})

    wait_until(kept_by_doomed, "it keeps who is there")
    assert doomed.process
    doomed.process.kill()
    doomed.process.wait()
    kept = kept_by_doomed()
    time.sleep(3)
    assert all(presence(heard, here.bob) == "online" for heard in listeners), "it could be alive"
    database["presences"].update_one(
        {"_id": kept["_id"]}, {"$set": {"at": kept["at"] - LIVES_FOR}}
    )  # its time passes at once
    for heard in listeners:
        wait_until(
            lambda heard=heard: told_of(heard, here.bob) == ["online", "offline"],
            "everybody is told",
            SOON,
        )
        assert presence(heard, here.bob) == "offline"
        assert (told_of(heard, here.carol), presence(heard, here.carol)) == (
            ["online"],
            "online",
        ), "one of her devices is elsewhere"
    here.bob.listen()
    for heard in listeners:
        wait_until(
            lambda heard=heard: told_of(heard, here.bob) == ["online", "offline", "online"],
            "he came back, through another",
            2,
        )


def test_a_frozen_redis_holds_nobody_up(here: World, two_servers: Pair, redis: RedisServer) -> None:
    room_id = here.room()
    carol = there(here.carol, two_servers).listen()
    here.alice.say(room_id, "before")
    carol.next("message:posted")
    redis.freeze()
    try:
        for number in range(20):
            before = time.monotonic()
            here.alice.say(room_id, f"{number}")
            assert time.monotonic() - before < 1
        wait_until(lambda: len(heard_seqs(carol)) == 21, "all was heard", SOON)
    finally:
        redis.thaw()
    wait_until(lambda: all(has_queue(server) for server in two_servers), "the queue is back", 3)
    assert heard_seqs(carol) == list(range(1, 22))
    here.alice.say(room_id, "after")
    wait_until(lambda: heard_seqs(carol)[-1] == 22, "and is used again", 2)


def test_nothing_that_is_said_passes_through_redis_in_the_clear_and_nobody_can_speak_there(
    here: World, two_servers: Pair, redis: RedisServer
) -> None:
    room_id = here.room("private")
    carol = there(here.carol, two_servers).listen()
    with Redis.from_url(redis.url) as spy, spy.pubsub() as tap:
        tap.psubscribe("*")
        here.alice.say(room_id, "heliotrope")
        carol.next("message:posted")
        heard = [
            message
            for _ in range(50)
            if (message := tap.get_message(timeout=0.02)) and message["type"] == "pmessage"
        ]
        assert heard, "the premise: something passes"
        assert not any(
            b"heliotrope" in message["data"] or room_id.encode() in message["data"]
            for message in heard
        )
        entry = {
            "event": "message:posted",
            "room_id": room_id,
            "seq": 2,
            "message": {"body": "forged"},
        }
        forged = (
            json.dumps({"method": "notice", "from": "mallory", "topic": "entry"}).encode()
            + b"\n"
            + json.dumps(entry).encode()
        )
        spy.publish(heard[0]["channel"], forged)
    carol.pause()
    assert len(carol.all("message:posted")) == 1


def test_an_entry_that_its_process_died_before_announcing_is_announced_by_the_others(
    here: World, two_servers: Pair
) -> None:
    """This process appends and dies: nobody but the log knows of the entry."""
    room_id = here.room()
    carol = there(here.carol, two_servers).listen()
    here.alice.say(room_id, "before")
    carol.next("message:posted")
    room, alice = id_from(room_id), User.find_by_username(here.alice.username)
    assert room
    assert alice
    Message.post(room, alice, secrets.token_hex(4), "never announced")
    assert carol.next("message:posted", SOON)["message"]["body"] == "never announced"


def test_who_lost_a_live_event_learns_of_it_from_heads(here: World) -> None:
    room_id = here.room()
    bob = here.bob.listen()
    here.alice.say(room_id, "one")
    here.alice.say(room_id, "two")
    assert bob.next("room:heads", SOON) == {room_id: 2}


def test_one_client_id_a_thousand_times_over_both_processes_is_one_message(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room()
    sockets = [
        person.listen() for _ in range(10) for person in (here.bob, there(here.bob, two_servers))
    ]
    payload = {"room_id": room_id, "client_id": "same", "body": "hello"}

    def send(number: int) -> Any:
        if number % 10 == 9:
            return (here.bob if number % 20 == 9 else there(here.bob, two_servers)).say(
                room_id, "hello", "same"
            )
        return sockets[number % 20].call("message:send", payload)["message"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(1000)))
    assert all(answer == answers[0] for answer in answers)
    assert [message["body"] for message in here.carol.reads(room_id)["messages"]] == ["hello"]
    assert (
        sockets[0].call("message:send", payload | {"body": "other"})["error"]["code"] == "conflict"
    )


# one chat of several workers behind one port


def worker_pids(server: Server) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(server.pid), "-f", "wsgi.py"], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in found.split()]


@pytest.fixture
def of_workers(
    app: Flask, settings: Settings, folder: Path, redis: RedisServer
) -> Iterator[Server]:
    with new_chat(folder, settings.mongo_uri, REDIS_URL=redis.url, WORKERS="2") as server:
        wait_until(lambda: len(worker_pids(server)) == 2, "two workers serve")
        yield server


def test_workers_share_a_port_and_a_dead_one_is_replaced(app: Flask, of_workers: Server) -> None:
    with app.app_context():
        world = World(of_workers)
        room_id = world.room()
        sockets = [world.bob.listen() for _ in range(12)]
        world.alice.say(room_id, "to all")
        for heard in sockets:
            assert heard.next("message:posted")["message"]["body"] == "to all"
        first = worker_pids(of_workers)
        os.kill(first[0], signal.SIGKILL)
        wait_until(
            lambda: len(set(worker_pids(of_workers)) - set(first)) == 1,
            "another one took its place",
            3,
        )
        wait_until(of_workers.answers, "it serves on", 3)
        world.alice.say(room_id, "after")
        left = [heard for heard in sockets if heard.client.connected]
        assert 0 < len(left) < 12, "those at the other worker noticed nothing"
        for heard in left:
            assert heard.next("message:posted")["message"]["body"] == "after"
        answer = requests.get(of_workers.url + "/socket.io/?EIO=4&transport=polling", timeout=5)
        assert (answer.status_code, "websocket" in answer.text.lower()) == (400, True)
        world.hang_up()


def test_workers_are_forked_off_one_program_and_yet_each_is_itself(
    app: Flask, of_workers: Server
) -> None:
    """Else each would take what the other keeps of who is there for its own."""
    with app.app_context():
        world = World(of_workers)
        bob = id_from(world.bob.id)

        def both_keep() -> bool:
            # Until the kernel gives each worker a socket; one that is being replaced gets none.
            world.bob.listen()
            time.sleep(0.2)
            return (
                sum(
                    any(user_id == bob for user_id, _ in record["people"])
                    for record in database["presences"].find({})
                )
                == 2
            )

        wait_until(both_keep, "both keep who is connected to them")
        world.hang_up()


def test_the_real_client_comes_back_by_itself_when_its_worker_is_stopped(
    app: Flask, of_workers: Server
) -> None:
    with app.app_context():
        world = World(of_workers)
        room_id = world.room()
        command = [
            node(),
            str(ROOT / "tests/interop/returning.mjs"),
            of_workers.url,
            world.alice.access_token,
            room_id,
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as client:
            assert client.stdout
            assert client.stdout.readline() == "ready\n"
            os.kill(worker_pids(of_workers)[0], signal.SIGTERM)
            told = json.loads(client.stdout.readline())
        assert told["departures"], "some were at this worker"
        assert all(why == "transport close" and away < 5_000 for why, away in told["departures"]), (
            told["departures"]
        )
        kept = {seq: client_id for client_id, seq in told["acknowledged"].items()}
        assert sorted(kept) == list(range(1, len(told["acknowledged"]) + 1)), (
            "none is lost, none is there twice"
        )
        entries = world.bob.get(f"/rooms/{room_id}/log", params={"after": 0, "limit": 500}).json()[
            "entries"
        ]
        assert {entry["seq"]: entry["message"]["client_id"] for entry in entries} == kept


def test_when_the_master_is_killed_its_workers_end_and_the_port_is_free(of_workers: Server) -> None:
    pids = worker_pids(of_workers)
    assert of_workers.process
    of_workers.process.kill()
    of_workers.process.wait()

    def gone() -> bool:
        return not any(map(is_alive, pids))

    wait_until(gone, "no orphan is left", 2)
    of_workers.start()
    assert of_workers.stop() == 0


def test_a_worker_whose_master_dies_before_there_is_a_database_ends() -> None:
    masters, workers_end = socket.socketpair()
    masters.send(b".")
    master.wait_for_go(workers_end)
    masters.close()
    with pytest.raises(SystemExit):
        master.wait_for_go(workers_end)
    workers_end.close()


def test_stopping_ends_every_process(of_workers: Server) -> None:
    pids = worker_pids(of_workers)
    assert of_workers.stop() == 0
    assert not any(map(is_alive, pids))


def test_several_workers_have_an_embedded_database_in_common(
    folder: Path, redis: RedisServer
) -> None:
    server = new_chat(folder, REDIS_URL=redis.url, WORKERS="2").start()
    state = json.loads((server.data / "database.json").read_text())
    wait_until(lambda: len(worker_pids(server)) == 2, "two workers serve")
    late = worker_pids(server)[0]
    os.kill(late, signal.SIGSTOP)  # it outlives its master
    assert server.process
    server.process.kill()
    server.process.wait()
    wait_until(
        lambda: not is_alive(state["pid"]),
        "the database ends with its master, however that ends",
        2,
    )
    try:
        following = new_chat(folder, DATA_DIR=str(server.data), REDIS_URL=redis.url, WORKERS="2")
        following.start()
        assert following.stop() == 0, "the database was the master's alone"
    finally:
        os.kill(late, signal.SIGKILL)


def test_a_chat_starts_while_a_frozen_process_holds_the_lock_of_the_halves(folder: Path) -> None:
    server = new_chat(folder).start()
    (halves,) = server.data.parent.rglob("halves-*")
    assert server.stop() == 0
    with halves.open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        server.start()
    assert server.stop() == 0


def test_what_is_said_through_one_process_is_found_through_the_other_and_indexed_once(
    here: World, two_servers: Pair
) -> None:
    room_id = here.room("private")
    said = [here.bob.say(room_id, f"heliotrope {number}") for number in range(6)]
    carol = there(here.carol, two_servers)

    def found() -> list[str]:
        return [
            result["message"]["body"]
            for result in carol.get("/search", params={"q": "heliotr"}).json()["results"]
        ]

    assert found() == [message["body"] for message in reversed(said)], "at once"
    wait_until(lambda: seq_indexed(room_id) == 6, "one of them indexed it")
    there(here.bob, two_servers).delete(f"/messages/{said[2]['id']}")
    wait_until(lambda: seq_indexed(room_id) == 7, "the deletion was followed")
    assert found() == [message["body"] for message in reversed(said) if message is not said[2]]


def test_refreshes_at_once_through_two_processes_get_one_pair(
    here: World, two_servers: Pair
) -> None:
    """Their clocks differ by less than the minute in which a refresh may be repeated."""

    def refresh(number: int) -> tuple[str, str]:
        headers = {"Authorization": f"Bearer {here.bob.refresh_token}"}
        answer = requests.post(
            f"{two_servers[number % 2].url}/api/v1/auth/refresh", headers=headers, timeout=20
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"], answer.json()["refresh_token"]

    with ThreadPoolExecutor(8) as pool:
        pairs = set(pool.map(refresh, range(8)))
    assert len(pairs) == 1
    assert refresh(0) == refresh(1) == pairs.pop(), "and a lost answer is repeated by either"


def test_a_spent_token_of_long_ago_ends_the_session_in_both(here: World, two_servers: Pair) -> None:
    bob, tokens = here.bob, [here.bob.refresh_token]
    for number in range(2):
        answer = requests.post(
            f"{two_servers[number].url}/api/v1/auth/refresh",
            headers={"Authorization": f"Bearer {tokens[-1]}"},
            timeout=20,
        )
        tokens.append(answer.json()["refresh_token"])
    again = there(bob, two_servers).post("/auth/refresh", token=bob.refresh_token)
    assert again.status_code == 401
    for server in two_servers:
        wait_until(
            lambda server=server: bob.get("/me").status_code == 401, "the session is over", SOON
        )
    assert there(bob, two_servers).get("/me").status_code == 401


def test_wrong_passwords_are_counted_by_both_together(here: World, a_process: NewProcess) -> None:
    servers = [a_process(RATE_LIMITS="on") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Server.start, servers))

    def log_in(number: int, address: str, password: str = "guess", device: str = "") -> Any:
        line = HTTPConnection(
            "127.0.0.1", servers[number % 2].port, 20, source_address=(address, 0)
        )
        body = json.dumps({"username": here.bob.username, "password": password})
        headers = {"Content-Type": "application/json"} | (
            {"X-Device-Token": device} if device else {}
        )
        line.request("POST", "/api/v1/auth/login", body, headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())

    try:
        assert [log_in(number, "127.0.0.9")[0] for number in range(12)] == [401] * 10 + [429] * 2
        status, signed_in = log_in(0, "127.0.0.10", PASSWORD)
        assert status == 200, "somebody in another network"
        assert log_in(1, "127.0.0.9", PASSWORD)[0] == 429
        assert log_in(1, "127.0.0.9", PASSWORD, signed_in["device_token"])[0] == 200, (
            "either process knows the device"
        )
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("name", RACES)
def test_a_room_has_an_owner_at_every_moment_whichever_process_decides(
    here: World, two_servers: Pair, name: str
) -> None:
    """alice and carol speak through one process, bob and mallory through the other."""
    here.mallory.join(here.room())  # nobody is a stranger
    bob, mallory = there(here.bob, two_servers), there(here.mallory, two_servers)
    run(RACES[name], People(here.alice, bob, here.carol, mallory))


def test_presence_and_blocks_and_hidden_rooms_are_the_same_through_both_processes(
    here: World, two_servers: Pair
) -> None:
    shared = here.room()
    bob, mallory = there(here.bob, two_servers), here.mallory
    at_the_other, listens, alices = bob.listen(), mallory.listen(), here.alice.listen()

    def status() -> str:
        return presence(listens, bob)

    wait_until(lambda: presence(alices, bob) == "online", "it is known in this process")
    assert status() == "offline", "they share no room"
    direct = mallory.post("/direct-rooms", {"user_ids": [bob.id]}).json()["id"]
    mallory.say(direct, "hello")
    assert at_the_other.next("room:added", 1)["room"]["id"] == direct
    assert bob.put(f"/rooms/{direct}/hidden").status_code == 204
    assert at_the_other.next("room:removed", 1) == {"room_id": direct}
    mallory.say(direct, "are you there?")
    assert at_the_other.next("room:added", 1)["room"]["id"] == direct
    assert bob.put(f"/users/{mallory.id}/block").status_code == 204
    body = {"client_id": "c", "body": "x"}
    wait_until(
        lambda: mallory.post(f"/rooms/{direct}/messages", body).status_code == 403,
        "it holds here too",
        1,
    )
    trap = here.mallory.make_room("Trap", kind="private")
    assert mallory.post(f"/rooms/{trap}/members", {"user_id": bob.id}).status_code == 403
    bob.delete(f"/users/{mallory.id}/block")
    wait_until(
        lambda: mallory.post(f"/rooms/{trap}/members", {"user_id": bob.id}).status_code == 202,
        "nor longer",
        1,
    )
    assert at_the_other.next("room:invited", 1)["invitation"]["room"]["id"] == trap
    bob.put(f"/rooms/{direct}/hidden")
    mallory.join(shared)
    wait_until(lambda: status() == "online", "they share a room")


def test_what_a_person_changed_about_themselves_holds_in_the_other_process_at_once(
    here: World, two_servers: Pair
) -> None:
    here.room()  # so that nobody is a stranger to another
    direct = here.alice.post("/direct-rooms", {"user_ids": [here.bob.id]}).json()["id"]
    here.alice.say(direct, "hello")
    bob = there(here.bob, two_servers)
    socket = bob.listen()
    bob.get(f"/rooms/{direct}")  # from now on that process remembers who alice is
    for name in ("Alice Adams", "Alice Albers"):
        here.alice.patch("/me", {"display_name": name})
        assert socket.next("user:updated", 1)["user"]["display_name"] == name
        assert socket.next("room:updated", 1)["room"]["name"] == name

    change = {"current_password": PASSWORD, "new_password": "another long password"}
    assert here.alice.put("/me/password", change).status_code == 204
    entered = {"username": here.alice.username, "password": PASSWORD}
    wait_until(lambda: bob.post("/auth/login", entered).status_code == 401, "it holds there", 1)


@pytest.mark.parametrize("has_redis", [True, False])
def test_what_is_too_old_for_a_room_is_gone_in_every_process(
    here: World, two_servers: Pair, has_redis: bool, request: pytest.FixtureRequest
) -> None:
    room_id = here.room()
    old, new = here.bob.say(room_id, "old"), here.bob.say(room_id, "new")
    database["log"].update_one(
        {"_id": id_from(old["id"])}, {"$set": {"created_at": now() - timedelta(days=40)}}
    )
    bob = there(here.bob, two_servers)
    assert [each["seq"] for each in bob.reads(room_id)["messages"]] == [old["seq"], new["seq"]]
    if not has_redis:
        request.getfixturevalue("without_redis")
    assert here.alice.put(f"/rooms/{room_id}/retention", {"days": 30}).status_code == 200
    wait_until(
        lambda: [each["seq"] for each in bob.reads(room_id)["messages"]] == [new["seq"]],
        "the other process knows",
        1 if has_redis else SOON + 3,
    )
    assert bob.standing(room_id)["room"]["kept_from"] == new["seq"]

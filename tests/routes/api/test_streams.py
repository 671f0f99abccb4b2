"""Streams: a program without Socket.IO hears every entry, in order, over one HTTP answer."""

from __future__ import annotations

import http.client
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from flask import Flask

from chat.realtime.http.connections import MOST_OF_NETWORK
from config import Settings
from tests.helpers.servers import new_chat, wait_until
from tests.helpers.world import Person, World

END = "end"  # of the answer


class Listening:
    """An answer that does not end, as a program reads it."""

    def __init__(self, person: Person, path: str, token: str = "", **headers: str):
        bearer = {"Authorization": f"Bearer {token or person.access_token}"}
        host = urlsplit(person.server.url).netloc
        line = http.client.HTTPConnection(host, timeout=60)
        line.request("GET", f"/api/v1{path}", headers=bearer | headers)
        self._socket = line.sock
        self.answer = line.getresponse()
        self.events: queue.Queue[tuple[str, Any, str]] = queue.Queue()
        if self.answer.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with suppress(OSError, http.client.HTTPException):  # closed by the test
            while line := self.answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    data = orjson.loads(fields["data"])
                    self.events.put((fields["event"], data, fields.get("id", "")))
                    fields = {}
        self.events.put((END, None, ""))

    def next(self) -> tuple[str, Any, str]:
        return self.events.get(timeout=15)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def listening(person: Person, path: str, **options: Any) -> Iterator[Listening]:
    with closing(Listening(person, path, **options)) as there:
        assert there.answer.status == 200
        yield there


def bodies(there: Listening, count: int) -> list[str]:
    return [there.next()[1]["message"]["body"] for _ in range(count)]


def test_a_room_is_followed_live_in_order_with_its_numbers(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "before")
    with listening(world.bob, f"/rooms/{room_id}/stream") as there:
        assert there.answer.headers["Content-Type"].startswith("text/event-stream")
        message_id = world.alice.say(room_id, "first")["id"]
        world.alice.put(f"/messages/{message_id}/reactions/:rocket:")
        name, entry, number = there.next()
        assert (name, entry["message"]["body"], number) == ("message:posted", "first", "2")
        name, entry, number = there.next()
        assert (name, entry["seq"], number) == ("message:reacted", 3, "3")


def test_a_program_goes_on_after_the_last_it_has(world: World) -> None:
    room_id = world.room()
    for number in range(250):
        world.alice.say(room_id, f"number {number}")
    with listening(world.bob, f"/rooms/{room_id}/stream", **{"Last-Event-ID": "40"}) as there:
        assert bodies(there, 210) == [f"number {number}" for number in range(40, 250)]
        world.alice.say(room_id, "and now")
        assert there.next()[2] == "251"
    with listening(world.bob, f"/rooms/{room_id}/stream?after=249") as there:
        assert bodies(there, 2) == ["number 249", "and now"]


def test_a_program_that_has_more_than_a_restored_chat_goes_on_at_the_head(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "before")
    with listening(world.bob, f"/rooms/{room_id}/stream", **{"Last-Event-ID": "999"}) as there:
        world.alice.say(room_id, "and now")
        assert there.next()[2] == "2"


def test_nothing_is_missing_while_others_write(world: World) -> None:
    room_id = world.room()
    writing = threading.Thread(
        target=lambda: [world.alice.say(room_id, f"number {number}") for number in range(60)]
    )
    writing.start()
    with listening(world.bob, f"/rooms/{room_id}/stream?after=0") as there:
        assert bodies(there, 60) == [f"number {number}" for number in range(60)]
    writing.join()


def test_who_leaves_the_room_hears_no_more(world: World) -> None:
    room_id = world.room("private")
    other_id = world.alice.make_room("Quay")
    with listening(world.bob, f"/rooms/{room_id}/stream") as there:
        world.bob.join(other_id)
        world.alice.say(other_id, "not for this stream")
        world.alice.say(room_id, "for this one")
        assert bodies(there, 1) == ["for this one"]
        assert world.alice.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
        assert there.next()[0] == END
    refused = Listening(world.bob, f"/rooms/{room_id}/stream")
    assert refused.answer.status == 404


def test_a_revoked_token_ends_the_stream(world: World) -> None:
    room_id = world.room()
    made = world.bob.post("/me/tokens", {"name": "listener", "scopes": ["read"]}).json()
    with listening(world.bob, f"/rooms/{room_id}/stream", token=made["token"]) as there:
        world.alice.say(room_id, "heard")
        assert bodies(there, 1) == ["heard"]
        assert world.bob.delete(f"/me/tokens/{made['id']}").status_code == 204
        assert there.next()[0] == END
    writes = world.bob.post("/me/tokens", {"name": "writer", "scopes": ["write"]}).json()
    refused = Listening(world.bob, f"/rooms/{room_id}/stream", token=writes["token"])
    assert refused.answer.status == 403


def test_all_rooms_are_followed_as_by_a_socket(world: World) -> None:
    room_id = world.room()
    with listening(world.bob, "/stream") as there:
        name, hello, _ = there.next()
        assert name == "hello"
        assert room_id in [item["room"]["id"] for item in hello["rooms"]]
        other_id = world.alice.make_room("Quay", "private")
        world.alice.post(f"/rooms/{other_id}/members", {"user_id": world.bob.id})
        world.alice.say(other_id, "welcome")
        heard = [there.next()[0]]
        while heard[-1] != "message:posted":
            heard.append(there.next()[0])
        assert "room:added" in heard


@pytest.mark.parametrize("text", ["x", "-1", "9" * 40, "1.5", "0" * 20 + "1" * 5_000])
def test_what_is_no_number_is_refused(world: World, text: str) -> None:
    room_id = world.room()
    answer = Listening(world.bob, f"/rooms/{room_id}/stream", **{"Last-Event-ID": text}).answer
    assert answer.status == 422


def test_a_person_has_a_few_streams_and_closed_ones_do_not_count(world: World) -> None:
    room_id = world.room()
    path = f"/rooms/{room_id}/stream"
    there = [Listening(world.bob, path) for _ in range(20)]
    assert {each.answer.status for each in there} == {200}
    refused = Listening(world.bob, path).answer
    assert (refused.status, refused.headers["Retry-After"]) == (429, "15")
    for each in there:
        each.close()

    def opens() -> bool:
        world.alice.say(room_id, "whoever is gone is noticed")
        again = Listening(world.bob, path)
        again.close()
        return again.answer.status == 200

    wait_until(opens, "the closed ones are noticed")


# who counts as what: a chat with its usual limits


@pytest.fixture
def office(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[World]:
    """Let the people of a chat with rate limits share one address."""
    limits = {"RATE_LIMITS": "on", "LIMIT_SEND": "100000 per minute"}
    with new_chat(tmp_path, settings.mongo_uri, **limits) as chat, app.app_context():
        yield World(chat)


def lines_of(office: World, count: int, header: str) -> list[socket.socket]:
    """Return connections that each asked for a stream, and were answered."""
    host = urlsplit(office.server.url)
    lines = []
    for _ in range(count):
        line = socket.create_connection((host.hostname, host.port), timeout=15)
        line.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: {host.netloc}\r\n{header}\r\n".encode())
        assert line.recv(8) == b"HTTP/1.1", "the chat took the connection"
        lines.append(line)
    return lines


def test_more_people_of_one_network_listen_than_it_may_have_other_connections(
    office: World,
) -> None:
    room_id = office.room()
    people = [Person(office, f"p{number}") for number in range(MOST_OF_NETWORK // 20 + 2)]
    with ExitStack() as stack:
        for person in people:
            header = f"Authorization: Bearer {person.access_token}\r\n"
            for line in lines_of(office, 20, header):
                stack.enter_context(closing(line))
        with listening(office.bob, f"/rooms/{room_id}/stream") as there:
            assert there.answer.headers["Connection"] == "close"
            office.alice.say(room_id, "there is room for everybody")
            assert bodies(there, 1) == ["there is room for everybody"]


def test_strangers_who_ask_for_streams_hold_no_more_connections_than_others(office: World) -> None:
    with ExitStack() as stack:
        lines = lines_of(office, MOST_OF_NETWORK + 20, "")
        for line in lines:
            stack.enter_context(closing(line))

        def closed() -> int:
            return sum(is_closed(line) for line in lines)

        wait_until(lambda: closed() >= 20, "the chat closes the oldest of them")


def is_closed(line: socket.socket) -> bool:
    """Return whether the chat closed it; read what it answered."""
    line.setblocking(False)
    try:
        while line.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True

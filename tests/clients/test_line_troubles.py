"""The Python client misses nothing, and takes nothing twice, whatever happens to its line."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chat.models.document import id_from
from chat.models.room import Room
from chat.models.user import User
from config import Settings
from tests.clients.following import Chat, FileMemory, Following, LineToChat, bot_of
from tests.faults.proxy import Line
from tests.helpers.chatter import fill
from tests.helpers.servers import Server, free_port, new_chat, wait_until
from tests.helpers.world import Person, World

# The chat with sockets that are silent for two seconds at most: it announces this to its clients.
LIVELY = (
    "import runpy, chat; chat.PING_EVERY = chat.PONG_WITHIN = 1;"
    " runpy.run_path('wsgi.py', run_name='__main__')"
)
TIMEOUT = 1.0  # seconds until a request of the bot counts as lost
# Less than LOOK_SECONDS: what comes within this time did not wait for the next look at all rooms.
SOON = 30


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def line(port: int) -> Iterator[LineToChat]:
    line = LineToChat(port)
    yield line
    line.close()


@pytest.fixture(scope="module")
def lively_server(
    app: Flask, settings: Settings, folder: Path, port: int, line: LineToChat
) -> Iterator[Server]:
    addresses = f"http://127.0.0.1:{port},{line.url}"
    command = ("-c", LIVELY)
    with new_chat(folder, settings.mongo_uri, command, port, PUBLIC_URL=addresses) as server:
        yield server


@pytest.fixture
def bob(world: World, lively_server: Server) -> Person:
    """Return bob on that chat."""
    bob = copy.copy(world.bob)
    bob.server = lively_server
    return bob


@pytest.fixture
def chat(bob: Person, line: LineToChat) -> Chat:
    """Return the chat as a bot of bob sees it, over the line."""
    return bot_of(bob, line.url, timeout=TIMEOUT)


def following_in(bob: Person, chat: Chat, room_id: str, folder: Path) -> Following:
    """Return the bot, which follows and has heard something over its socket."""
    chat.join(room_id)
    following = Following(chat, FileMemory(folder / "seen.json"))
    wait_until((folder / "seen.json").exists, "it knows its rooms")
    bob.say(room_id, "first")
    wait_until(lambda: following.bodies == ["first"], "it hears")
    return following


def is_socket(line: Line) -> bool:
    return b"/socket.io/" in line.first


def is_request(line: Line) -> bool:
    return not is_socket(line)


def asks_for_the_log(line: Line) -> bool:
    return b"/log?" in line.last


@pytest.mark.parametrize("which", [is_socket, is_request], ids=["its socket", "its requests"])
def test_a_half_open_line_is_noticed(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path, which: object
) -> None:
    room_id = bob.make_room()
    following = following_in(bob, chat, room_id, tmp_path)
    assert line.do(line.proxy.go_dead, which), "there was such a connection"
    for number in range(5):
        bob.say(room_id, f"missed {number}")
    wait_until(lambda: len(following.entries) == 6, "it comes back", SOON)
    bob.say(room_id, "last")
    wait_until(lambda: len(following.entries) == 7, "it hears again", SOON)
    assert following.of_room(room_id) == list(range(1, 8))


def test_a_line_on_which_new_connections_are_dead_too_is_left(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path
) -> None:
    room_id = bob.make_room()
    following = following_in(bob, chat, room_id, tmp_path)
    line.proxy.is_dead = True
    dead = line.do(line.proxy.go_dead)
    assert any(map(is_socket, dead))
    assert any(map(is_request, dead))
    bob.say(room_id, "missed")
    wait_until(lambda: len(line.proxy.swallowed) >= 4, "it tries again, and again", SOON)
    assert following.bodies == ["first"]
    line.proxy.is_dead = False
    wait_until(lambda: following.bodies == ["first", "missed"], "it comes back", SOON)
    bob.say(room_id, "last")
    wait_until(lambda: following.bodies[2:] == ["last"], "it hears again", SOON)


@pytest.mark.parametrize("after", [0, 150, 10_000])
def test_a_connection_that_breaks_within_a_page_costs_nothing(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path, after: int
) -> None:
    room_id = bob.make_room()
    following = following_in(bob, chat, room_id, tmp_path)
    line.do(line.proxy.go_dead)
    line.do(line.proxy.break_off, asks_for_the_log, after)
    write(bob, room_id, 700)
    wait_until(lambda: line.proxy.has_broken_off, "it breaks", SOON)
    wait_until(lambda: len(following.entries) >= 701, "it has all", SOON)
    bob.say(room_id, "last")
    wait_until(lambda: following.bodies[-1] == "last", "it hears again", SOON)
    assert following.of_room(room_id) == list(range(1, 703))


def test_two_thousand_entries_of_several_rooms_come_once_after_an_absence(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path
) -> None:
    rooms = [bob.make_room() for _ in range(4)]
    for room_id in rooms[1:]:
        chat.join(room_id)
    following = following_in(bob, chat, rooms[0], tmp_path)
    line.proxy.is_dead = True
    line.do(line.proxy.go_dead)
    for room_id, count in zip(rooms, (1_999, 1, 500, 501), strict=True):
        write(bob, room_id, count)
    message = bob.say(rooms[1], "as it was")
    assert bob.patch(f"/messages/{message['id']}", {"body": "as it is"}).status_code == 200
    assert bob.put(f"/messages/{message['id']}/reactions/:rocket:").status_code == 200
    line.proxy.is_dead = False
    expected = {rooms[0]: 2_000, rooms[1]: 4, rooms[2]: 500, rooms[3]: 501}
    wait_until(lambda: len(following.entries) >= sum(expected.values()), "it has all", 60)
    bob.say(rooms[3], "last")
    wait_until(lambda: following.bodies[-1] == "last", "it hears again", SOON)
    expected[rooms[3]] += 1
    for room_id, count in expected.items():
        assert following.of_room(room_id) == list(range(1, count + 1))


def test_what_is_written_in_a_room_that_the_bot_joined_during_an_absence_comes(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path
) -> None:
    room_id, other_id = bob.make_room(), bob.make_room()
    following = following_in(bob, chat, room_id, tmp_path)
    bob.say(other_id, "before it was there")
    line.proxy.is_dead = True
    line.do(line.proxy.go_dead)
    added = bob.post(f"/rooms/{other_id}/members", {"user_id": robby_of(bob)})
    assert added.status_code == 201, added.text
    bob.say(other_id, "welcome")
    line.proxy.is_dead = False
    wait_until(lambda: following.bodies == ["first", "welcome"], "it comes back", SOON)


def test_what_was_written_while_the_bot_was_not_in_a_room_comes_when_it_is_back(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path
) -> None:
    room_id = bob.make_room()
    following = following_in(bob, chat, room_id, tmp_path)
    robby = robby_of(bob)
    assert bob.delete(f"/rooms/{room_id}/members/{robby}").status_code == 204
    bob.say(room_id, "behind its back")
    added = bob.post(f"/rooms/{room_id}/members", {"user_id": robby})
    assert added.status_code == 201, added.text
    bob.say(room_id, "welcome back")
    expected = ["first", "behind its back", "welcome back"]
    wait_until(lambda: following.bodies == expected, "it hears again", SOON)


def test_a_bot_that_stops_following_leaves_no_connection(
    world: World, bob: Person, chat: Chat, line: LineToChat, tmp_path: Path
) -> None:
    room_id, others = bob.make_room(), listening()
    following = following_in(bob, chat, room_id, tmp_path)
    assert listening() - others, "the premise"
    following.stop()
    bob.say(room_id, "last")
    wait_until(lambda: not listening() - others, "its thread ends")


def listening() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "real_time_chat"}


def robby_of(person: Person) -> str:
    """Return the id of somebody's bot."""
    (bot,) = person.get("/bots").json()["bots"]
    return str(bot["id"])


def write(person: Person, room_id: str, count: int) -> None:
    """Let somebody write so many messages: the last one through their server, which reads all."""
    room = Room.find(id_from(room_id))
    author = User.find_by_username(person.username)
    assert room
    assert author
    fill(room, [author], [f"number {number}" for number in range(1, count)], seconds_apart=0.001)
    person.say(room_id, f"number {count}")

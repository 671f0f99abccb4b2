"""Every code block in the documents for programmers works, against the running chat."""

from __future__ import annotations

import copy
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from flask import Flask

from chat.models.user import User
from chat.utils.passwords import hash_password
from config import Settings
from tests.helpers.documents import blocks_of, program
from tests.helpers.node import node
from tests.helpers.servers import ROOT, Server, new_chat, wait_until
from tests.helpers.world import PASSWORD, Person, World

PATIENCE = 20  # seconds
FETCHES = ("pip install", "npm install")  # blocks that fetch what is there already
RUN = {
    "api.md": {"bash": 2, "python": 1},
    "events.md": {"js": 1, "python": 1},
    "bots.md": {"bash": 4, "sh": 1, "js": 1, "python": 1},
}


def address(server: Server) -> str:
    return f"http://localhost:{server.port}"


def account(name: str) -> None:
    """Create a person who is called exactly as in the documents."""
    if User.find_by_username(name) is None:
        User.register(name, name.capitalize(), hash_password(PASSWORD))


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Run a program that must succeed, and return its output."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def shell(document: str) -> str:
    """Return all shell blocks of a document, in order."""
    blocks = [block.code for block in blocks_of(document) if block.language == "bash"]
    return "\n".join(["set -eu", *(block for block in blocks if not block.startswith(FETCHES))])


def test_no_block_of_code_is_left_out_here() -> None:
    for document, expected in RUN.items():
        found: dict[str, int] = {}
        for block in blocks_of(document):
            found[block.language] = found.get(block.language, 0) + 1
        assert found == expected, document
        assert "\n    curl" not in (ROOT / "docs" / document).read_text(), "examples are in fences"


# docs/api.md


def objects_in(text: str) -> list[Any]:
    """Return the JSON objects of an output, in order."""
    found, decoder, rest = [], json.JSONDecoder(), text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def test_the_first_steps_of_the_api_work_as_they_stand_there(world: World, tmp_path: Path) -> None:
    account("alice")
    for name in ("me.png", "ship.png"):
        (tmp_path / name).write_bytes((ROOT / "tests/fuzz/picture.png").read_bytes())
    written = run(["bash", "-c", shell("api.md")], tmp_path, CHAT=address(world.server))
    page, found, edited, reacted, with_picture, deleted, me = objects_in(written)
    posted = page["messages"][0]
    assert posted["body"] == "Good morning"
    assert found["results"][0]["message"] == posted
    assert (edited["id"], edited["body"]) == (posted["id"], "Good evening")
    assert reacted["reactions"][0]["emoji"] == "🚀"
    assert with_picture["images"][0]["alt"] == "A ship at the quay"
    assert (deleted["id"], deleted["body"]) == (posted["id"], "")
    assert me["avatar_url"], "the picture was taken"


def test_the_export_of_the_api_writes_every_message_once(world: World, tmp_path: Path) -> None:
    room_id = world.room("private")
    for number in range(205):
        world.bob.say(room_id, f"number {number}")
    (tmp_path / "export.py").write_text(
        next(block.code for block in blocks_of("api.md") if block.language == "python")
    )
    lines = run(
        [sys.executable, "export.py", room_id],
        tmp_path,
        CHAT=address(world.server),
        TOKEN=world.bob.access_token,
    ).splitlines()
    assert [json.loads(line)["body"] for line in lines] == [f"number {n}" for n in range(205)]


def test_the_export_of_the_api_waits_as_long_as_it_is_told(
    world: World, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    room_id = world.room("private")
    bodies = [secrets.token_hex(3500) for _ in range(260)]  # a page has a megabyte, some 70 of them
    for body in bodies:
        world.bob.say(room_id, body)
    (tmp_path / "export.py").write_text(
        next(block.code for block in blocks_of("api.md") if block.language == "python")
    )
    little = {"RATE_LIMITS": "on", "LIMIT_BYTES_ANSWERED": "100000 per 5 seconds"}
    with new_chat(folder, settings.mongo_uri, **little) as server:
        bob = copy.copy(world.bob)
        bob.server = server
        asked = [bob.get(f"/rooms/{room_id}/messages?limit=200") for _ in range(4)]
        refused = next(answer for answer in asked if answer.status_code == 429)
        assert refused.headers["Retry-After"], "so many pages are refused sooner or later"
        lines = run(
            [sys.executable, "export.py", room_id],
            tmp_path,
            CHAT=address(server),
            TOKEN=world.bob.access_token,
        ).splitlines()
    assert [json.loads(line)["body"] for line in lines] == bodies


# programs that stay


@contextmanager
def started(command: list[str], folder: Path, **variables: str) -> Iterator[Path]:
    """Start a program; yield the file of its output."""
    output = folder / "output"
    with output.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | variables, stdout=written, stderr=written
        )
    try:
        yield output
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


class Language(NamedTuple):
    name: str
    ending: str
    command: Callable[[], str]


LANGUAGES = [Language("python", "py", lambda: sys.executable), Language("js", "mjs", node)]
in_both_languages = pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.name)


def program_in(language: Language, document: str, name: str, folder: Path) -> list[str]:
    """Write a program of a document into the folder, and return its command."""
    file = f"{name}.{language.ending}"
    (folder / file).write_text(program(document, file))
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(ROOT / "node_modules")
    return [language.command(), file]


@pytest.fixture(scope="module")
def own_server(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start another chat on the same database; a test that stops it starts it again."""
    with new_chat(folder, settings.mongo_uri) as server:
        yield server


@pytest.fixture
def there(world: World, own_server: Server) -> Person:
    """Return bob on that chat, too: without a queue the two processes send each other nothing."""
    bob = copy.copy(world.bob)
    bob.server = own_server
    return bob


@in_both_languages
def test_a_program_that_listens_goes_on_after_a_restart_of_the_chat(
    world: World, there: Person, tmp_path: Path, language: Language
) -> None:
    own_server = there.server
    account("alice")
    room_id = world.room()
    alice = requests.post(
        f"{address(own_server)}/api/v1/auth/login",
        json={"username": "alice", "password": PASSWORD},
        timeout=20,
    ).json()
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": alice["user"]["id"]})
    command = program_in(language, "events.md", "listen", tmp_path)
    variables = {"CHAT": address(own_server), "NAME": "alice", "PASSWORD": PASSWORD}
    with started(command, tmp_path, **variables) as output:
        wait_until(lambda: "alice is in" in output.read_text(), "it is greeted", PATIENCE)
        there.say(room_id, "before")
        wait_until(lambda: "before" in output.read_text(), "it hears", PATIENCE)
        own_server.stop()
        own_server.start()
        greeted = "alice is in"
        wait_until(lambda: output.read_text().count(greeted) == 2, "it comes back", PATIENCE)
        there.say(room_id, "after")
        wait_until(lambda: "after" in output.read_text(), "it hears again", PATIENCE)


# docs/bots.md


def bodies(person: Person, room_id: str) -> list[str]:
    return [message["body"] for message in person.reads(room_id, limit=200)["messages"]]


def robby_of(person: Person) -> tuple[str, str, str]:
    """Return a new bot of a person: its id, its username and its token."""
    username = f"robby-{secrets.token_hex(4)}"
    answer = person.post("/bots", {"username": username})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return made["bot"]["id"], username, made["token"]


def in_their_room(world: World, bot_id: str) -> str:
    """Return a room of bob and a bot."""
    room_id = world.alice.make_room(kind="private")
    for user_id in (world.bob.id, bot_id):
        added = world.alice.post(f"/rooms/{room_id}/members", {"user_id": user_id})
        assert added.status_code == 201, added.text
    return room_id


def test_a_bot_is_made_and_says_what_a_log_says_without_its_colours(
    world: World, tmp_path: Path
) -> None:
    room_id = world.room("private")  # as the one that api.md makes
    name = f"robby-{secrets.token_hex(4)}"
    script = shell("bots.md").replace('"robby"', f'"{name}"')
    variables = {"CHAT": address(world.server), "ROOM": room_id, "TOKEN": world.bob.access_token}
    (tmp_path / "log").write_text("x" * 9_000 + "\r\n")
    run(["bash", "-c", f'{script}\nsay "$ROOM" < log'], tmp_path, **variables)
    found = world.bob.reads(room_id, limit=200)["messages"]
    assert [message["body"] for message in found] == ["deploy done", "x" * 8_000]
    assert {message["author"]["username"] for message in found} == {name}


@in_both_languages
def test_the_bot_answers_once_whatever_is_killed(
    world: World, there: Person, tmp_path: Path, language: Language
) -> None:
    own_server = there.server
    bot_id, name, token = robby_of(world.bob)
    room_id = in_their_room(world, bot_id)
    command = program_in(language, "bots.md", "bot", tmp_path)
    state = tmp_path / "bot.json"
    variables = {"CHAT": address(own_server), "BOT_TOKEN": token}

    def pongs() -> int:
        return bodies(world.bob, room_id).count("pong")

    def has_seen_all() -> bool:
        seen: Mapping[str, int] = json.loads(state.read_text()) if state.exists() else {}
        return seen.get(room_id) == world.bob.reads(room_id)["head_seq"]

    world.bob.say(room_id, "!ping before it was there")
    with started(command, tmp_path, **variables):
        wait_until(
            lambda: state.exists() and room_id in json.loads(state.read_text()),
            "it knows the room",
            PATIENCE,
        )
        there.say(room_id, "!ping")
        wait_until(lambda: pongs() == 1, "it answers", PATIENCE)
        own_server.stop()
        world.bob.say(room_id, "!ping while the chat of the bot was away")
        own_server.start()
        wait_until(lambda: pongs() == 2, "it answers what it missed", PATIENCE)
    deleted = world.bob.say(room_id, "!ping")["id"]
    assert world.bob.delete(f"/messages/{deleted}").status_code == 200
    world.bob.say(room_id, "!ping while the bot was away")
    with started(command, tmp_path, **variables):
        wait_until(lambda: pongs() == 3, "it answers what it missed", PATIENCE)
        wait_until(has_seen_all, "it has noted all", PATIENCE)
    noted = json.loads(state.read_text())
    noted[room_id] -= 2  # as if it had been killed before it noted its place
    state.write_text(json.dumps(noted))
    with started(command, tmp_path, **variables):
        wait_until(has_seen_all, "it has noted all again", PATIENCE)
    assert pongs() == 3, "one answer each, and none to what was deleted or came before it"
    people = [message["author"]["username"] for message in world.bob.reads(room_id)["messages"]]
    assert people.count(name) == 3


@in_both_languages
def test_the_bot_takes_every_page_of_every_room_that_it_missed(
    world: World, there: Person, tmp_path: Path, language: Language
) -> None:
    own_server = there.server
    bot_id, _name, token = robby_of(world.bob)
    rooms = [in_their_room(world, bot_id) for _ in range(3)]
    command = program_in(language, "bots.md", "bot", tmp_path)
    state = tmp_path / "bot.json"
    variables = {"CHAT": address(own_server), "BOT_TOKEN": token}
    heads = dict.fromkeys(rooms, 0)

    def seen() -> Mapping[str, int]:
        found: Mapping[str, int] = json.loads(state.read_text()) if state.exists() else {}
        return found

    def has_seen_all() -> bool:
        heads.update({room_id: world.bob.reads(room_id)["head_seq"] for room_id in rooms})
        return seen() == heads

    def miss(rooms: list[str]) -> None:
        """Write more than a page of the log into the first room, and little into others."""
        for number in range(105):
            world.bob.say(rooms[0], "!ping" if number in (0, 50, 104) else f"number {number}")
        for room_id in rooms[1:]:
            world.bob.say(room_id, "!ping")

    def pongs() -> list[int]:
        return [count_of(world.bob, room_id, "pong") for room_id in rooms]

    with started(command, tmp_path, **variables):
        wait_until(lambda: seen().keys() == set(rooms), "it knows its rooms", PATIENCE)
        own_server.stop()
        miss(rooms)
        own_server.start()
        wait_until(has_seen_all, "it has all that it missed while the chat was away", 60)
        assert pongs() == [3, 1, 1]
    miss(rooms[::-1])
    with started(command, tmp_path, **variables):
        wait_until(has_seen_all, "it has all that it missed while it was away itself", 60)
    assert pongs() == [4, 2, 4]


def count_of(person: Person, room_id: str, body: str) -> int:
    """Return how many messages of a room are so, on all of its pages."""
    count, page = 0, person.reads(room_id, limit=200)
    while True:
        count += [message["body"] for message in page["messages"]].count(body)
        if not page["has_before"]:
            return count
        page = person.reads(room_id, limit=200, before=page["messages"][0]["seq"])

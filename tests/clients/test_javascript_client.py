"""The JavaScript client yields every entry once, in order, whatever is restarted meanwhile."""

from __future__ import annotations

import copy
import json
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from config import Settings
from tests.helpers.documents import blocks_of
from tests.helpers.node import node
from tests.helpers.servers import ROOT, Server, new_chat, wait_until
from tests.helpers.world import Person, World

CLIENT = ROOT / "clients/javascript"
FOLLOW = ROOT / "tests/clients/follow.mjs"


class Bot(NamedTuple):
    id: str
    token: str
    url: str


def bot_in(person: Person, room_id: str, owner: Person | None = None) -> Bot:
    """Return a new bot of somebody, in a room of theirs; `person.server`: where it asks."""
    owner = owner or person
    made = owner.post("/bots", {"username": f"robby-{owner.username}"[:32]}).json()
    added = owner.post(f"/rooms/{room_id}/members", {"user_id": made["bot"]["id"]})
    assert added.status_code == 201, added.text
    return Bot(made["bot"]["id"], made["token"], person.server.url)


class Following:
    """A program that follows a chat, and what it printed."""

    def __init__(self, bot: Bot, memory: Path, *, from_beginning: bool = False, most: int = 0):
        words = [str(memory), str(from_beginning).lower(), str(most or "none")]
        self.process = subprocess.Popen(
            [node(), str(FOLLOW), bot.url, bot.token, *words], stdout=subprocess.PIPE, text=True
        )
        self.entries: list[Any] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.entries.append(json.loads(line))

    @property
    def bodies(self) -> list[str]:
        return [entry["message"]["body"] for entry in list(self.entries)]

    def finish(self) -> list[str]:
        """Return what it printed until it ended by itself."""
        self.process.wait(30)
        self._reading.join()
        return self.bodies

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def own_server(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start another chat on the same database, which the test stops and starts."""
    with new_chat(folder, settings.mongo_uri) as server:
        yield server


def knows(memory: Path, room_id: str) -> bool:
    return memory.exists() and room_id in json.loads(memory.read_text())


def test_every_entry_comes_once_in_order_over_a_restart_of_the_chat(
    world: World, own_server: Server, tmp_path: Path
) -> None:
    there = copy.copy(world.bob)
    there.server = own_server
    room_id = world.room("private")
    memory = tmp_path / "seen.json"
    following = Following(bot_in(there, room_id, owner=world.bob), memory)
    try:
        wait_until(lambda: knows(memory, room_id), "it knows the room")
        there.say(room_id, "first")
        wait_until(lambda: following.bodies == ["first"], "it hears")
        own_server.stop()
        for number in range(40):
            world.bob.say(room_id, f"missed {number}")
        own_server.start()
        there.say(room_id, "last")
        wait_until(lambda: following.bodies[-1:] == ["last"], "it comes back", 30)
    finally:
        following.kill()
    assert following.bodies == ["first", *(f"missed {number}" for number in range(40)), "last"]
    assert [entry["seq"] for entry in following.entries] == list(range(1, 43))


def test_more_entries_than_one_answer_has_come_after_a_start(world: World, tmp_path: Path) -> None:
    room_id = world.room()
    bot = bot_in(world.alice, room_id)
    people = [world.alice.second_device() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: people[n % 10].say(room_id, f"number {n}"), range(1_010)))
    following = Following(bot, tmp_path / "seen.json", from_beginning=True, most=1_010)
    assert len(following.finish()) == 1_010
    assert [entry["seq"] for entry in following.entries] == list(range(1, 1_011))


def test_a_room_that_the_bot_joins_later_is_followed_too(world: World, tmp_path: Path) -> None:
    memory = tmp_path / "seen.json"
    room_id = world.room()
    bot = bot_in(world.alice, room_id)
    following = Following(bot, memory, most=1)
    wait_until(lambda: knows(memory, room_id), "it listens")
    later = world.alice.make_room("Quay", "private")
    world.alice.post(f"/rooms/{later}/members", {"user_id": bot.id})
    world.alice.say(later, "welcome")
    assert following.finish() == ["welcome"]


def test_a_bot_hears_all_of_a_room_that_it_joined_while_it_did_not_run(
    world: World, tmp_path: Path
) -> None:
    memory = tmp_path / "seen.json"
    room_id, later = world.room(), world.alice.make_room()
    bot = bot_in(world.alice, room_id)
    following = Following(bot, memory)
    wait_until(lambda: knows(memory, room_id), "it knows the room")
    following.kill()
    world.alice.say(later, "before it was there")
    world.alice.post(f"/rooms/{later}/members", {"user_id": bot.id})
    world.alice.say(later, "welcome")
    assert Following(bot, memory, most=1).finish() == ["welcome"]


def test_what_was_written_while_the_bot_was_not_in_a_room_comes_when_it_is_back(
    world: World, tmp_path: Path
) -> None:
    memory = tmp_path / "seen.json"
    room_id = world.room()
    bot = bot_in(world.alice, room_id)
    following = Following(bot, memory, most=2)
    wait_until(lambda: knows(memory, room_id), "it knows the room")
    assert world.alice.delete(f"/rooms/{room_id}/members/{bot.id}").status_code == 204
    world.alice.say(room_id, "behind its back")
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": bot.id})
    world.alice.say(room_id, "welcome back")
    assert following.finish() == ["behind its back", "welcome back"]


def test_an_entry_whose_handling_was_interrupted_comes_again(world: World, tmp_path: Path) -> None:
    room_id = world.room()
    bot, memory = bot_in(world.alice, room_id), tmp_path / "seen.json"
    world.alice.say(room_id, "one")
    world.alice.say(room_id, "two")
    assert Following(bot, memory, from_beginning=True, most=2).finish() == ["one", "two"]
    assert json.loads(memory.read_text()) == {room_id: 1}, "the second is not handled yet"
    assert Following(bot, memory, most=1).finish() == ["two"]


def test_a_revoked_token_ends_it_with_an_error(world: World, tmp_path: Path) -> None:
    room_id = world.room()
    bot, memory = bot_in(world.alice, room_id), tmp_path / "seen.json"
    following = Following(bot, memory)
    wait_until(lambda: knows(memory, room_id), "it knows the room")
    assert world.alice.delete(f"/bots/{bot.id}").status_code == 204
    wait_until(lambda: following.entries == [{"refused": "unauthenticated"}], "it is told")
    assert following.process.wait(30) == 0, "nothing of it goes on"


def test_the_bot_of_the_readme_answers_once(world: World, tmp_path: Path) -> None:
    room_id = world.room()
    bot = bot_in(world.alice, room_id)
    (code,) = [b.code for b in blocks_of("../clients/javascript/README.md") if b.language == "js"]
    (tmp_path / "bot.mjs").write_text(code)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/real-time-chat-client").symlink_to(CLIENT)
    variables = {"CHAT": bot.url, "BOT_TOKEN": bot.token}
    running = subprocess.Popen([node(), "bot.mjs"], cwd=tmp_path, env=variables)
    try:
        wait_until(lambda: knows(tmp_path / "bot.json", room_id), "it is there")
        world.alice.say(room_id, "!ping")
        gone = world.alice.say(room_id, "!ping, or not")
        world.alice.delete(f"/messages/{gone['id']}")
        world.alice.say(room_id, "!ping again")
        bodies: list[str] = []

        def answered() -> bool:
            bodies[:] = [each["body"] for each in world.alice.reads(room_id)["messages"]]
            return bodies.count("pong") >= 2

        wait_until(answered, "it answers")
        assert "pong" in bodies
    finally:
        running.kill()
        running.wait(10)

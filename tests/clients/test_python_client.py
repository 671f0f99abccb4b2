"""The Python client yields every entry once, in order, whatever is restarted meanwhile."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Settings
from tests.helpers.documents import blocks_of
from tests.helpers.servers import ROOT, Server, new_chat, wait_until
from tests.helpers.world import Person, World

SOURCE = ROOT / "clients/python/src"
sys.path.insert(0, str(SOURCE))

from real_time_chat import Chat, ChatError, FileMemory  # noqa: E402


@pytest.fixture(scope="module")
def own_server(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start another chat on the same database; a test that stops it starts it again."""
    with new_chat(folder, settings.mongo_uri) as server:
        yield server


@pytest.fixture
def there(world: World, own_server: Server) -> Person:
    """Return bob on that chat, too."""
    bob = copy.copy(world.bob)
    bob.server = own_server
    return bob


def bot_of(person: Person) -> Chat:
    """Return the chat as a new bot of somebody sees it."""
    username = f"robby-{person.username}"[:32]
    made = person.post("/bots", {"username": username}).json()
    return Chat(person.server.url, made["token"])


class Heard:
    """A bot that follows, in a thread of its own."""

    def __init__(self, chat: Chat, memory: FileMemory, **options: Any):
        self.entries: list[Any] = []
        self.error: Exception | None = None
        self._following = chat.follow(memory, **options)
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        try:
            for entry in self._following:
                self.entries.append(entry)
        except ChatError as error:
            self.error = error

    @property
    def bodies(self) -> list[str]:
        return [entry["message"]["body"] for entry in list(self.entries)]


def test_every_entry_comes_once_in_order_over_a_restart_of_the_chat(
    world: World, there: Person, tmp_path: Path
) -> None:
    room_id = world.alice.make_room()
    world.bob.join(room_id)
    chat = bot_of(there)
    chat.join(room_id)
    heard = Heard(chat, FileMemory(tmp_path / "seen.json"))
    wait_until((tmp_path / "seen.json").exists, "it knows the room")
    there.say(room_id, "first")
    wait_until(lambda: heard.bodies == ["first"], "it hears")
    there.server.stop()
    for number in range(40):
        world.bob.say(room_id, f"missed {number}")
    there.server.start()
    there.say(room_id, "last")
    wait_until(lambda: heard.bodies[-1:] == ["last"], "it comes back", 30)
    assert heard.bodies == ["first", *(f"missed {number}" for number in range(40)), "last"]
    assert [entry["seq"] for entry in heard.entries] == list(range(1, 43))


def test_more_entries_than_one_answer_has_come_after_a_start(world: World, tmp_path: Path) -> None:
    room_id = world.alice.make_room()
    chat = bot_of(world.alice)
    chat.join(room_id)
    people = [world.alice.second_device() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        sent = [
            pool.submit(people[number % 10].say, room_id, f"number {number}")
            for number in range(1_010)
        ]
    assert all(each.result() for each in sent)
    heard = Heard(chat, FileMemory(tmp_path / "seen.json"), from_beginning=True)
    wait_until(lambda: len(heard.entries) == 1_010, "it has all", 60)
    assert [entry["seq"] for entry in heard.entries] == list(range(1, 1_011))


def test_an_entry_whose_handling_was_interrupted_comes_again(world: World, tmp_path: Path) -> None:
    room_id = world.alice.make_room()
    chat = bot_of(world.alice)
    chat.join(room_id)
    world.alice.say(room_id, "one")
    world.alice.say(room_id, "two")
    memory = FileMemory(tmp_path / "seen.json")
    following = chat.follow(memory, from_beginning=True)
    assert next(following)["message"]["body"] == "one"
    assert next(following)["message"]["body"] == "two"
    assert memory.load() == {room_id: 1}, "the second is not handled yet"
    assert next(chat.follow(memory))["message"]["body"] == "two"


def test_an_answer_is_stored_once_however_often_it_is_sent(world: World) -> None:
    room_id = world.alice.make_room()
    chat = bot_of(world.alice)
    chat.join(room_id)
    asked = world.alice.say(room_id, "!ping")
    for _ in range(3):
        answer = chat.reply(asked, "pong")
        assert answer
        assert answer["reply_to"]["id"] == asked["id"]
    assert [each["body"] for each in world.alice.reads(room_id)["messages"]] == ["!ping", "pong"]
    world.alice.delete(f"/messages/{world.alice.say(room_id, 'gone')['id']}")
    gone = world.alice.reads(room_id)["messages"][-1]
    assert chat.reply(gone, "too late") is None


def test_a_revoked_token_ends_it_with_an_error(world: World, tmp_path: Path) -> None:
    room_id = world.alice.make_room()
    username = f"robby-{world.alice.username}"[:32]
    made = world.alice.post("/bots", {"username": username}).json()
    chat = Chat(world.server.url, made["token"])
    chat.join(room_id)
    heard = Heard(chat, FileMemory(tmp_path / "seen.json"))
    wait_until((tmp_path / "seen.json").exists, "it knows the room")
    assert world.alice.delete(f"/bots/{made['bot']['id']}").status_code == 204
    with pytest.raises(ChatError) as refused:
        chat.me()
    assert refused.value.code == "unauthenticated"
    wait_until(lambda: heard.error, "the bot is told")


def test_the_bot_of_the_readme_answers(world: World, tmp_path: Path) -> None:
    room_id = world.alice.make_room()
    chat = bot_of(world.alice)
    chat.join(room_id)
    blocks = blocks_of("../clients/python/README.md")
    (code,) = [block.code for block in blocks if block.language == "python"]
    (tmp_path / "bot.py").write_text(code)
    variables = {"CHAT": chat.url, "BOT_TOKEN": chat.token, "PYTHONPATH": str(SOURCE)}
    bot = subprocess.Popen([sys.executable, "bot.py"], cwd=tmp_path, env=variables)
    try:
        seen = tmp_path / "bot.json"
        wait_until(lambda: seen.exists() and room_id in json.loads(seen.read_text()), "it is there")
        world.alice.say(room_id, "!ping")
        wait_until(
            lambda: world.alice.reads(room_id)["messages"][-1]["body"] == "pong", "it answers"
        )
    finally:
        bot.kill()
        bot.wait(10)

"""The Python client yields every entry once, in order, whatever is restarted meanwhile."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.clients.following import (
    SOURCE,
    Chat,
    ChatError,
    FileMemory,
    Following,
    News,
    Newsboard,
    bot_of,
)
from tests.helpers.documents import blocks_of
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import Person, World


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


def test_every_entry_comes_once_in_order_over_a_restart_of_the_chat(
    world: World, there: Person, tmp_path: Path
) -> None:
    room_id = world.alice.make_room()
    world.bob.join(room_id)
    chat = bot_of(there)
    chat.join(room_id)
    heard = Following(chat, FileMemory(tmp_path / "seen.json"))
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
    heard = Following(chat, FileMemory(tmp_path / "seen.json"), from_beginning=True)
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


def test_a_bot_hears_all_of_a_room_that_it_joined_while_it_did_not_run(
    world: World, tmp_path: Path
) -> None:
    early_id, late_id = world.alice.make_room(), world.alice.make_room()
    world.alice.say(early_id, "before it first ran")
    chat = bot_of(world.alice)
    memory = FileMemory(tmp_path / "seen.json")
    following = Following(chat, memory)
    wait_until(lambda: memory.load() == {}, "it knows that it is in no room")
    chat.join(early_id)
    wait_until(lambda: memory.load() == {early_id: 1}, "it hears of the room")
    following.stop()
    world.alice.say(early_id, "the last before its end")
    wait_until(lambda: following.bodies == ["the last before its end"], "it hears")
    world.alice.say(late_id, "before it joined")
    chat.join(late_id)
    world.alice.say(late_id, "while it did not run")
    again = Following(chat, memory)
    wait_until(lambda: len(again.entries) == 2, "it hears")
    assert set(again.bodies) == {"the last before its end", "while it did not run"}


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
    heard = Following(chat, FileMemory(tmp_path / "seen.json"))
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


def test_a_bot_that_was_busy_looks_once_wherever_something_is_new() -> None:
    board = Newsboard()
    for _ in range(300):
        board.note_anywhere()
    for seq in (7, 9, 8):
        board.note("message:posted", {"room_id": "harbour", "seq": seq})
    board.note("room:heads", {"harbour": 6, "quay": 2})
    board.note("room:added", {"room": {"id": "pier"}, "head_seq": 4})
    board.note("presence", {"user_id": "bob", "status": "away"})
    expected = News(True, {"harbour": 9, "quay": 2, "pier": 4}, {"pier": 4})
    assert board.take(0) == expected
    assert board.take(0) == News(True, {}, {}), "without news it looks anywhere, in the end"


def test_what_is_no_chat_is_an_error(world: World) -> None:
    token = bot_of(world.alice).token
    with pytest.raises(ValueError, match="begins with https://"):
        Chat("chat.example.org", token)
    with pytest.raises(ChatError) as refused:
        Chat(f"{world.server.url}/elsewhere", token).me()
    assert refused.value.status == 404
    assert Chat(f"{world.server.url}/", f"{token}\n").me()["is_bot"]

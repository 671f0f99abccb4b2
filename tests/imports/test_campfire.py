"""Campfire's storage comes over: its database, its rich texts, its files."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.imports.campfire_html import markdown_of
from chat.utils.imports.past import mention_of
from tests.helpers.command_line import bin_chat
from tests.helpers.slack_export import picture
from tests.helpers.verified import problems_in

SCHEMA = """
CREATE TABLE accounts (id INTEGER, join_code TEXT, name TEXT);
CREATE TABLE users (id INTEGER, name TEXT, email_address TEXT, role INTEGER, status INTEGER);
CREATE TABLE rooms (id INTEGER, name TEXT, type TEXT, creator_id INTEGER, created_at TEXT);
CREATE TABLE memberships (id INTEGER, room_id INTEGER, user_id INTEGER);
CREATE TABLE messages (id INTEGER, room_id INTEGER, creator_id INTEGER, created_at TEXT, updated_at TEXT);
CREATE TABLE boosts (id INTEGER, message_id INTEGER, booster_id INTEGER, content TEXT);
CREATE TABLE action_text_rich_texts (record_type TEXT, record_id INTEGER, name TEXT, body TEXT);
CREATE TABLE active_storage_attachments (record_type TEXT, record_id INTEGER, name TEXT, blob_id INTEGER);
CREATE TABLE active_storage_blobs (id INTEGER, key TEXT, filename TEXT, content_type TEXT, byte_size INTEGER);
"""  # noqa: E501
ALICE, BOB, ROBBY = 1, 2, 3
KEY = "abcd1234efgh"


class Storage:
    """A storage folder that a test fills, after db/schema.rb of once-campfire."""

    def __init__(self, folder: Path):
        self.own = token_hex(4)
        self.folder = folder / "storage"
        (self.folder / "db").mkdir(parents=True)
        self._database = sqlite3.connect(self.folder / "db/production.sqlite3")
        self._database.executescript(SCHEMA)
        self.add("accounts", 1, self.own, "Harbour")
        self.add("users", ALICE, "Alice", f"alice-{self.own}@x.example", 1, 0)
        self.add("users", BOB, "Bob", f"bob-{self.own}@x.example", 0, 0)
        self.add("users", ROBBY, "Robby", None, 2, 0)
        self.add("rooms", 1, f"Quay {self.own}", "Rooms::Open", BOB, "2024-03-01 09:00:00")
        self.add("rooms", 2, None, "Rooms::Direct", ALICE, "2024-03-01 09:00:00")
        for number, (room, user) in enumerate(((1, ALICE), (1, BOB), (2, ALICE), (2, BOB))):
            self.add("memberships", number, room, user)

    def add(self, table: str, *values: object) -> None:
        places = ", ".join("?" * len(values))
        self._database.execute(f"INSERT INTO {table} VALUES ({places})", values)

    def say(self, key: int, room: int, user: int, minute: int, html: str) -> None:
        at = f"2024-03-01 10:{minute:02}:00.123456"
        self.add("messages", key, room, user, at, at)
        self.add("action_text_rich_texts", "Message", key, "body", html)

    def attach(self, message: int, name: str, content_type: str, content: bytes | None) -> None:
        self.add("active_storage_attachments", "Message", message, "attachment", message)
        key = f"{KEY}{message}"
        self.add("active_storage_blobs", message, key, name, content_type, 1)
        if content:
            path = self.folder / "files" / key[:2] / key[2:4] / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def close(self) -> Path:
        self._database.commit()
        self._database.close()
        return self.folder


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


@pytest.fixture
def chat(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def imported(app: Flask, folder: Path) -> Any:
    result = bin_chat(app, "import", "campfire", str(folder), "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def person(username: str) -> User:
    found = User.find_by_username(username)
    assert found
    return found


def signed(user: int) -> str:
    """Return the signed id of a person, as Rails writes it into a mention."""
    content = {"_rails": {"data": f"gid://campfire/User/{user}", "pur": "attachable"}}
    return base64.b64encode(json.dumps(content).encode()).decode() + "--signature"


def test_messages_boosts_and_files_come_over(chat: Flask, storage: Storage) -> None:
    mention = f'<action-text-attachment sgid="{signed(ALICE)}"></action-text-attachment>'
    storage.say(2, 1, BOB, 30, f"<div>{mention}: <strong>later</strong></div>")
    storage.say(1, 1, ALICE, 10, "<div>The tide turns<br>at six</div>")
    storage.say(3, 1, ROBBY, 40, "<div>beep</div>")
    storage.say(4, 1, ALICE, 50, "")
    storage.say(5, 1, ALICE, 51, "")
    storage.say(6, 2, BOB, 52, "<div>Between us</div>")
    storage.add("boosts", 1, 1, BOB, "🎉")
    storage.add("boosts", 2, 1, BOB, "so true")
    storage.attach(4, "ship.png", "image/png", picture())
    storage.attach(5, "chart.pdf", "application/pdf", b"chart")
    folder = storage.close()
    report = imported(chat, folder)
    (room,) = Room.named(f"Quay {storage.own}")
    first, second, third, fourth, fifth = Message.page(room.id).messages
    alice, bob = person(f"alice-{storage.own}"), person(f"bob-{storage.own}")
    assert (first.text.body, first.author.id) == ("The tide turns\nat six", alice.id)
    assert first.created_at == datetime(2024, 3, 1, 10, 10, 0, 123_000, UTC)
    assert first.reactions == [("🎉", [bob.id])]
    assert second.text.body == f"@{alice.username}: **later**"
    assert second.mentions == [alice.id]
    assert third.author.display_name == "Robby"
    assert len(fourth.images) == 1
    assert fifth.text.body == "📎 chart.pdf"
    mine = Membership.find(room.id, bob.id)
    assert mine
    assert (mine.role, room.kind) == ("owner", "public")
    direct = Room.find_direct({alice.id, bob.id})
    assert direct
    assert [each.text.body for each in Message.page(direct.id).messages] == ["Between us"]
    assert report["lost"]["boosts that are no single emoji"]["examples"] == ["so true"]
    assert imported(chat, folder)["made"] == {}
    assert problems_in(room.id, direct.id) == []


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<div>a<br>b</div><div>c</div>", "a\nb\nc"),
        ("<div><em>soft</em> and <del>gone</del></div>", "_soft_ and ~~gone~~"),
        ('<a href="https://x.example/">here</a>', "[here](https://x.example/)"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ("<blockquote>said</blockquote>mine", "> said\n\nmine"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<pre>if a:\n    *b*</pre>", "```\nif a:\n    *b*\n```"),
        ("<div>1 &lt; 2 &amp; *no stars*</div>", "1 < 2 & \\*no stars*"),
        (f'<action-text-attachment sgid="{signed(7)}">', mention_of("7")),
        ("<div><b>open", "**open**"),
        ("</div></b>only ends", "only ends"),
        ("<div>" * 5_000 + "deep", "deep"),
    ],
)
def test_rich_texts_become_markdown(html: str, shown: str) -> None:
    assert markdown_of(html, {"7"}) == shown


def test_what_is_no_storage_is_refused(chat: Flask, tmp_path: Path) -> None:
    result = bin_chat(chat, "import", "campfire", str(tmp_path))
    assert result.exit_code == 1
    assert "is no storage folder of Campfire" in result.output
    (tmp_path / "production.sqlite3").write_bytes(b"no database" * 1_000)
    result = bin_chat(chat, "import", "campfire", str(tmp_path))
    assert result.exit_code == 1
    assert "is no database of Campfire, or damaged" in result.output

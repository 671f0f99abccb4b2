"""Dumps of Rocket.Chat's and Let's Chat's databases come over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import bson
import pytest
from bson import ObjectId
from flask import Flask

from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.emojis import emoji_from
from tests.helpers.command_line import bin_chat
from tests.helpers.slack_export import picture
from tests.helpers.verified import problems_in

BEGAN = datetime(2020, 9, 13, 12, tzinfo=UTC)


@pytest.fixture
def chat(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def dumped(folder: Path, **collections: list[dict[str, Any]]) -> Path:
    """Write collections as mongodump does, in a folder of the database."""
    (folder / "dump/their-chat").mkdir(parents=True)
    for name, documents in collections.items():
        file = folder / "dump/their-chat" / f"{name.replace('__', '.')}.bson"
        file.write_bytes(b"".join(map(bson.encode, documents)))
    return folder / "dump"


def imported(app: Flask, source: str, file: Path, *options: str) -> Any:
    result = bin_chat(app, "import", source, str(file), "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def messages_of(name: str) -> list[Any]:
    (room,) = Room.named(name)
    return Message.page(room.id, limit=200).messages


def person(username: str) -> User:
    found = User.find_by_username(username)
    assert found
    return found


def at(seconds: int) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_rocket_chat_comes_over(chat: Flask, tmp_path: Path) -> None:
    own = token_hex(4)
    alice, bob = (f"{name}-{own}" for name in ("alice", "bob"))
    users = [
        {"_id": f"id-{alice}", "username": alice, "name": "Alice", "type": "user", "active": True},
        {"_id": f"id-{bob}", "username": bob, "name": "Bob", "type": "user", "active": False},
        {"_id": "rocket.cat", "username": "rocket.cat", "name": "Cat", "type": "bot"},
    ]
    name, ids = f"harbour-{own}", [f"id-{alice}", f"id-{bob}"]
    rooms = [
        {"_id": own, "t": "c", "name": name, "topic": "Tides", "u": users[0], "ts": BEGAN},
        {"_id": f"d{own}", "t": "d", "uids": ids, "ts": BEGAN},
        {"_id": f"l{own}", "t": "l", "fname": "a visitor"},
    ]
    subscriptions = [
        {"rid": own, "u": {"_id": ids[0]}, "roles": ["owner"]},
        {"rid": own, "u": {"_id": ids[1]}, "roles": ["moderator"]},
    ]

    def said(key: str, seconds: int, who: int, text: str, **more: Any) -> dict[str, Any]:
        about = {"_id": f"{key}{own}", "rid": own, "ts": at(seconds), "u": users[who]}
        return about | {"msg": text} | more

    picture_file = {"_id": f"f{own}", "name": "ship.png", "type": "image/png"}
    quote = f"[ ](https://chat.example/channel/x?msg=a{own}) Indeed"
    messages = [
        said("c", 30, 0, "In a thread", tmid=f"a{own}"),
        said("a", 10, 0, f"The *tide* turns, @{bob}!", reactions={":+1:": {"usernames": [bob]}}),
        said("b", 20, 1, quote, editedAt=at(60)),
        said("d", 40, 0, "", file=picture_file, pinned=True, pinnedAt=at(50)),
        said("e", 50, 2, "beep", alias="Buoy", bot={"i": "x"}),
        said("f", 60, 1, bob, t="uj"),
        said("g", 70, 1, "Between us") | {"rid": f"d{own}"},
    ]
    half = len(picture()) // 2
    chunks = [
        {"files_id": f"f{own}", "n": 1, "data": picture()[half:]},
        {"files_id": f"f{own}", "n": 0, "data": picture()[:half]},
    ]
    folder = dumped(
        tmp_path,
        users=users,
        rocketchat_room=rooms,
        rocketchat_subscription=subscriptions,
        rocketchat_message=messages,
        rocketchat_uploads=[picture_file | {"size": len(picture()), "rid": own}],
        rocketchat_uploads__chunks=chunks,
        rocketchat_settings=[{"_id": "uniqueID", "value": own}],
    )
    report = imported(chat, "rocketchat", folder)
    first, second, third, fourth, fifth = messages_of(name)
    assert first.text.body == f"The **tide** turns, @{bob}!"
    assert (first.created_at, first.author.username) == (at(10), alice)
    assert first.mentions == [person(bob).id]
    assert first.reactions == [(emoji_from(":+1:"), [person(bob).id])]
    assert (second.text.body, second.reply_to.id) == ("Indeed", first.id)
    assert second.edited_at == at(60)
    assert (third.text.body, third.reply_to.id) == ("In a thread", first.id)
    assert (len(fourth.images), fourth.pinned_at) == (1, at(50))
    assert fifth.author.display_name == "Buoy"
    assert not person(bob).is_active
    mine = Membership.find(first.room_id, person(bob).id)
    assert mine
    assert mine.role == "moderator"
    direct = Room.find_direct({person(alice).id, person(bob).id})
    assert direct
    assert [each.text.body for each in Message.page(direct.id).messages] == ["Between us"]
    assert "rooms of other kinds, like those of visitors" in report["lost"]
    assert imported(chat, "rocketchat", folder)["made"] == {}
    assert problems_in(first.room_id, direct.id) == []


def test_lets_chat_comes_over(chat: Flask, tmp_path: Path) -> None:
    own = token_hex(4)
    alice, bob, room, file = (ObjectId() for _ in range(4))
    users = [
        {"_id": alice, "username": f"alice-{own}", "displayName": "Alice", "email": "a@x.example"},
        {"_id": bob, "username": f"bob-{own}", "firstName": "Bob", "lastName": "Builder"},
    ]
    about = {"name": f"Quay {own}", "slug": own, "description": "Ropes", "created": BEGAN}
    messages = [
        {"room": room, "owner": bob, "posted": at(20), "text": f"upload://files/{file}/chart.pdf"},
        {"room": room, "owner": alice, "posted": at(10), "text": f"Look, @bob-{own} :ship:"},
        {"room": ObjectId(), "owner": bob, "posted": at(30), "text": "nowhere"},
    ]
    folder = dumped(
        tmp_path,
        users=users,
        rooms=[{"_id": room, "owner": alice, "private": True} | about],
        messages=[{"_id": ObjectId()} | message for message in messages],
        files=[{"_id": file, "room": room, "name": "chart.pdf"}],
    )
    report = imported(chat, "letschat", folder)
    first, second = messages_of(f"Quay {own}")
    assert first.text.body == f"Look, @bob-{own} 🚢"
    assert first.mentions == [person(f"bob-{own}").id]
    assert (second.text.body, second.author.display_name) == ("📎 chart.pdf", "Bob Builder")
    assert second.created_at == at(20)
    assert Room.named(f"Quay {own}")[0].kind == "private"
    assert report["lost"]["messages without a time, or of rooms that are gone"]["count"] == 1
    assert imported(chat, "letschat", folder)["made"] == {}


@pytest.mark.parametrize("content", [b"\0", b"\xff\xff\xff\x7f", b"\x05\0\0\0x", b"\x20\0\0\0abc"])
def test_a_damaged_dump_is_refused(chat: Flask, tmp_path: Path, content: bytes) -> None:
    folder = dumped(tmp_path, users=[], rooms=[])
    (folder / "their-chat/messages.bson").write_bytes(content)
    result = bin_chat(chat, "import", "letschat", str(folder))
    assert result.exit_code == 1
    assert "messages.bson is damaged" in result.output


def test_a_folder_without_a_dump_and_a_link_are_refused(chat: Flask, tmp_path: Path) -> None:
    result = bin_chat(chat, "import", "rocketchat", str(tmp_path))
    assert result.exit_code == 1
    assert "is no folder of mongodump" in result.output
    folder = dumped(tmp_path, users=[], rooms=[])
    (folder / "their-chat/messages.bson").symlink_to("/etc/passwd")
    result = bin_chat(chat, "import", "letschat", str(folder))
    assert result.exit_code == 1
    assert "is a link in place of a file" in result.output

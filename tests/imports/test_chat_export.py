"""What a chat exports comes over to another one."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from chat.controllers import accounts, images, messages, rooms
from chat.models.document import Id
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.command_line import bin_chat
from tests.helpers.slack_export import picture, zip_of


@pytest.fixture
def chat(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def own() -> str:
    return token_hex(4)


@pytest.fixture
def alice(chat: Flask, own: str) -> User:
    return accounts.create(f"alice-{own}", "Alice")


def ran(app: Flask, *arguments: str) -> Any:
    result = bin_chat(app, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def say(person: User, room: Room, body: str, **more: Any) -> Message:
    about = {"client_id": token_hex(8), "image_ids": []} | more
    return messages.post(person, str(room.id), body=body, **about).message


def seen(room_id: Id) -> list[dict[str, Any]]:
    """Return what people see of a room's messages, with answers by their texts."""
    return [
        {
            "body": message.text.body,
            "html": message.text.html,
            "author": message.author.id,
            "at": message.created_at,
            "edited_at": message.edited_at,
            "pinned": message.pinned_at is not None,
            "reactions": message.reactions,
            "mentions": message.mentions,
            "images": [image["alt"] for image in message.images],
            "reply_to": message.reply_to and message.reply_to.excerpt,
        }
        for message in Message.page(room_id, limit=200).messages
    ]


def test_a_room_comes_over_as_it_was(chat: Flask, alice: User, own: str, tmp_path: Path) -> None:
    room = rooms.create(alice, name=f"Ferry {own}", kind="public", topic="Tides").room
    first = say(alice, room, f"I, @{alice.username}, say **this**")
    messages.react(alice, str(first.id), "🎉", on=True)
    messages.pin(alice, str(first.id), on=True)
    second = say(alice, room, "an error", reply_to_id=str(first.id))
    messages.edit(alice, str(second.id), "an answer")
    with tempfile.TemporaryFile() as file:
        file.write(picture())
        shown = images.upload(alice, str(room.id), file, alt="A ship")
    say(alice, room, "", image_ids=[str(shown.id)])
    file_name = str(tmp_path / "ferry.zip")
    ran(chat, "export", "--room", str(room.id), file_name)
    report = ran(chat, "import", "chat", file_name, "--match-usernames")
    assert report["made"]["messages"] == 3
    (copy,) = Room.named(f"Ferry {own} 2")
    assert seen(copy.id) == seen(room.id)
    assert (copy.topic, copy.kind, copy.created_at) == ("Tides", "public", room.created_at)
    assert ran(chat, "import", "chat", file_name, "--match-usernames")["made"] == {}


def test_a_room_without_messages_comes_over(
    chat: Flask, alice: User, own: str, tmp_path: Path
) -> None:
    room = rooms.create(alice, name=f"Empty {own}", kind="private").room
    file = str(tmp_path / "empty.zip")
    ran(chat, "export", "--room", str(room.id), file)
    assert ran(chat, "import", "chat", file)["made"]["rooms"] == 1
    there = {found.id for found in Room.named(f"Empty {own}")}
    assert len(there) == 2


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (None, "export.json is missing"),
        ({"format": "else"}, "is no export of a chat"),
        ({"format": "real-time-chat export", "format_version": 2}, "of a newer version"),
        ([], "is no export of a chat"),
    ],
)
def test_what_is_no_export_is_refused(chat: Flask, tmp_path: Path, index: Any, reason: str) -> None:
    members = {} if index is None else {"export.json": json.dumps(index).encode()}
    file = zip_of(tmp_path / "no.zip", other=b"", **members)
    result = bin_chat(chat, "import", "chat", str(file))
    assert result.exit_code == 1
    assert reason in result.output


def test_a_room_whose_file_breaks_off_is_not_seen_until_a_whole_one_comes(
    chat: Flask, alice: User, own: str, tmp_path: Path
) -> None:
    room = rooms.create(alice, name=f"Broken {own}", kind="private").room
    say(alice, room, "whole")
    file, broken = tmp_path / "whole.zip", tmp_path / "broken.zip"
    ran(chat, "export", "--room", str(room.id), str(file))
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(broken, "w") as part:
        for name in whole.namelist():
            content = whole.read(name)
            if name == f"rooms/{room.id}.json":
                content = content.partition(b'],\n"lines"')[0]
            part.writestr(name, content)
    result = bin_chat(chat, "import", "chat", str(broken), "--match-usernames")
    assert result.exit_code == 1
    assert "breaks off" in result.output
    assert [found.id for found in Room.named(f"Broken {own}")] == [room.id]
    ran(chat, "import", "chat", str(file), "--match-usernames")
    (copy,) = [found for found in Room.named(f"Broken {own}") if found.id != room.id]
    assert seen(copy.id) == seen(room.id)

"""A bulk export of Mattermost comes over: posts, answers, reactions, pictures, in order of time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from chat.models.database import database
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.emojis import emoji_from
from tests.helpers.command_line import bin_chat
from tests.helpers.rooms import search
from tests.helpers.slack_export import picture
from tests.helpers.verified import problems_in

BEGAN = 1_600_000_000_000  # milliseconds since 1970


class Bulk:
    """A bulk export that a test fills, after docs.mattermost.com/onboard/bulk-loading-data.html."""

    def __init__(self) -> None:
        self.team = f"team-{token_hex(4)}"
        self.town = f"Town {self.team}"
        self.files: dict[str, bytes] = {}
        self.lines: list[dict[str, Any]] = [
            {"type": "version", "version": 1},
            {"type": "team", "team": {"name": self.team, "display_name": "Team", "type": "O"}},
        ]
        about = {"display_name": self.town, "type": "O", "header": "Tides and ships"}
        self.add("channel", team=self.team, name="town", **about)
        for name, more in (("alice", {}), ("bob", {}), ("carol", {"delete_at": BEGAN})):
            roles = "channel_user channel_admin" if name == "bob" else "channel_user"
            channel = {"name": "town", "roles": roles}
            teams = [{"name": self.team, "channels": [channel]}]
            person = {"username": f"{name}-{self.team}", "nickname": name.title(), "teams": teams}
            self.add("user", email=f"{name}@example.org", **person, **more)

    def add(self, kind: str, **content: Any) -> None:
        self.lines.append({"type": kind, kind: content})

    def name(self, person: str) -> str:
        return f"{person}-{self.team}"

    def said(self, person: str, at: int, text: str, **more: Any) -> dict[str, Any]:
        return {"user": self.name(person), "message": text, "create_at": BEGAN + at} | more

    def post(self, person: str, at: int, text: str, **more: Any) -> None:
        self.add("post", team=self.team, channel="town", **self.said(person, at, text, **more))

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("import.jsonl", "\n".join(map(json.dumps, self.lines)))
            for name, content in self.files.items():
                archive.writestr(name, content)
        return path


@pytest.fixture
def bulk() -> Bulk:
    return Bulk()


@pytest.fixture
def chat(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def imported(app: Flask, file: Path, *options: str) -> Any:
    result = bin_chat(app, "import", "mattermost", str(file), "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def messages_of(name: str) -> list[Any]:
    (room,) = Room.named(name)
    return Message.page(room.id, limit=200).messages


def person(username: str) -> User:
    found = User.find_by_username(username)
    assert found
    return found


def test_posts_and_answers_come_in_the_order_of_their_times(
    chat: Flask, bulk: Bulk, tmp_path: Path
) -> None:
    answer = bulk.said("bob", 5_000, f"Later, @{bulk.name('alice')}. :tada: `:tada:`")
    bulk.post("alice", 1_000, "The **tide** turns", replies=[answer])
    bulk.post("bob", 3_000, "Meanwhile", edit_at=BEGAN + 9_000)
    bulk.post("alice", 2_000, "joined", type="system_join_channel")
    report = imported(chat, bulk.write(tmp_path / "bulk.zip"))
    first, second, third = messages_of(bulk.town)
    assert [each.text.body for each in (first, second, third)] == [
        "The **tide** turns",
        "Meanwhile",
        f"Later, @{bulk.name('alice')}. 🎉 `:tada:`",
    ]
    assert first.created_at == datetime.fromtimestamp(BEGAN / 1000 + 1, UTC)
    assert second.edited_at == datetime.fromtimestamp(BEGAN / 1000 + 9, UTC)
    assert third.reply_to.id == first.id
    assert third.mentions == [person(bulk.name("alice")).id]
    assert "lines that tell what happened, like who joined" in report["lost"]
    (hit,) = search(Room.named(bulk.town), "meanwhile").hits
    assert hit.message.id == second.id
    assert problems_in(first.room_id) == []


def test_reactions_pins_pictures_and_roles_come_over(
    chat: Flask, bulk: Bulk, tmp_path: Path
) -> None:
    bulk.files["data/2020/ship.png"] = picture()
    bulk.post(
        "alice",
        1_000,
        "Look",
        is_pinned=True,
        attachments=[{"path": "2020/ship.png"}, {"path": "2020/chart.pdf"}],
        reactions=[{"user": bulk.name(name), "emoji_name": "+1"} for name in ("bob", "carol")],
    )
    imported(chat, bulk.write(tmp_path / "bulk.zip"))
    (message,) = messages_of(bulk.town)
    assert message.text.body == "Look\n📎 chart.pdf"
    assert len(message.images) == 1
    bob, carol = person(bulk.name("bob")), person(bulk.name("carol"))
    assert message.reactions == [(emoji_from(":+1:"), [bob.id, carol.id])]
    assert message.pinned_at
    assert not carol.is_active
    mine = Membership.find(message.room_id, bob.id)
    assert mine
    assert mine.role == "owner"


def test_conversations_stay_between_their_people_and_a_repeat_changes_nothing(
    chat: Flask, bulk: Bulk, tmp_path: Path
) -> None:
    pair = [bulk.name("alice"), bulk.name("bob")]
    bulk.add("direct_channel", members=pair)
    bulk.add("direct_post", channel_members=pair, **bulk.said("bob", 1, "Between us"))
    file = bulk.write(tmp_path / "bulk.zip")
    assert imported(chat, file)["made"]["rooms"] == 2
    room = Room.find_direct({person(name).id for name in pair})
    assert room
    assert [each.text.body for each in Message.page(room.id).messages] == ["Between us"]
    entries = database["log"].count_documents({})
    assert imported(chat, file)["made"] == {}
    assert database["log"].count_documents({}) == entries


@pytest.mark.parametrize(
    ("lines", "reason"),
    [("[", "line 1: this is no JSON"), ("", "no bulk export of Mattermost")],
)
def test_what_is_no_bulk_export_is_refused(
    chat: Flask, tmp_path: Path, lines: str, reason: str
) -> None:
    file = tmp_path / "bulk.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("import.jsonl" if lines else "other.txt", lines)
    result = bin_chat(chat, "import", "mattermost", str(file))
    assert result.exit_code == 1
    assert reason in result.output

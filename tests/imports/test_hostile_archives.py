"""An archive that is hostile or damaged is refused in one sentence, and nothing comes of it."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from chat.models.database import database
from tests.helpers.command_line import bin_chat
from tests.helpers.slack_export import zip_of

USERS = json.dumps([{"id": "U1", "team_id": "T1", "name": "mallory"}]).encode()
CHANNELS = json.dumps([{"id": "C1", "name": "pit", "members": ["U1"]}]).encode()
ABYSS = b"[" * 100_000 + b"]" * 100_000


def refusal(app: Flask, file: Path) -> str:
    before = database["users"].count_documents({})
    result = bin_chat(app, "import", "slack", str(file))
    assert result.exit_code == 1
    assert database["users"].count_documents({}) == before
    said = result.output.strip()
    assert said.startswith("Error: ")
    assert "\n" not in said
    assert "Traceback" not in said
    assert "Unexpected" not in said
    return said


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"channels.json": CHANNELS}, "users.json is missing"),
        ({"users.json": b"\xff\xfe[]"}, "is no JSON in UTF-8"),
        ({"users.json": ABYSS}, "is no JSON in UTF-8"),
        ({"users.json": b" " * 40_000_000 + b"[]"}, "too large to be what it seems"),
        ({"users.json": USERS, "../../etc/cron.d/evil": b"x"}, "outside of its folder"),
        ({"users.json": USERS, "/etc/passwd": b"x"}, "outside of its folder"),
        ({"users.json": USERS, "..\\evil": b"x"}, "outside of its folder"),
    ],
)
def test_mallory_s_archive_is_refused(
    app: Flask, tmp_path: Path, members: dict[str, bytes], reason: str
) -> None:
    with app.app_context():
        assert reason in refusal(app, zip_of(tmp_path / "slack.zip", **members))


def test_a_link_in_an_archive_is_refused(app: Flask, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("secrets.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "slack.zip", "w") as archive:
        archive.writestr("users.json", USERS)
        archive.writestr(link, "/etc/shadow")
    with app.app_context():
        assert "a link in place of a file" in refusal(app, tmp_path / "slack.zip")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_archive_is_refused(app: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "slack.zip"
    file.write_bytes(content)
    with app.app_context():
        assert "is no zip file, or is damaged" in refusal(app, file)


def test_anything_may_be_anywhere_in_the_messages(app: Flask, tmp_path: Path) -> None:
    values = [
        None,
        7,
        1.5,
        True,
        "text",
        [],
        ["U1"],
        {},
        {"a": 1},
        "1600000000.000001",
        "\ue000U1\ue001",
    ]
    names = (
        "ts", "user", "text", "subtype", "files", "reactions", "edited", "thread_ts", "pinned_to",
        "blocks", "attachments", "bot_profile", "icons", "username", "hidden",
    )  # fmt: skip
    messages: list[object] = [*values]
    for number, name in enumerate(names):
        for place, value in enumerate(values):
            about = {"ts": f"160000{number:02}{place:02}.000000", "user": "U1", "text": "said"}
            messages.append(about | {name: value})
            messages.append(about | {"files": [{name: value}], "reactions": [{name: value}]})
    people = [*json.loads(USERS), *values, {"id": "U2", "profile": 7}, {"id": "U3", "name": 7}]
    rooms = [
        *json.loads(CHANNELS),
        *values,
        *({"id": f"C{number}", "name": value, "members": value, "topic": value, "created": value}
          for number, value in enumerate(values, 10)),
    ]  # fmt: skip
    file = zip_of(
        tmp_path / "slack.zip",
        **{
            "users.json": json.dumps(people).encode(),
            "channels.json": json.dumps(rooms).encode(),
            "pit/2020-09-13.json": json.dumps(messages).encode(),
        },
    )
    result = bin_chat(app, "import", "slack", str(file), "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout.splitlines()[-1])["made"]
    assert made["people"] == 3
    assert made["messages"] > 100

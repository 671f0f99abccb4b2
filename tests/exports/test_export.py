"""`bin/chat export`: what people wrote, readable for everybody, and nothing that is gone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.backups.days import bin_chat, where
from tests.exports.mornings import ALT, HOSTILE, HOSTILE_NAME, Morning, check
from tests.helpers.servers import ROOT, Server, clean_environment


def exported(chat: Server, *arguments: str, fails: bool = False) -> dict[str, Any]:
    return bin_chat(where(chat.data), "export", *arguments, fails=fails)


def test_a_room_is_one_json_document(chat: Server, morning: Morning, file: Path) -> None:
    path = file.with_suffix(".json")
    answer = exported(chat, "--room", morning.room, str(path))
    assert (answer["rooms"], answer["messages"], answer["people"]) == (1, 5, 2)
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    found = json.loads(path.read_text())
    check(found, "document")
    [room] = found["rooms"]
    assert (room["name"], room["kind"]) == (HOSTILE_NAME, "public")
    assert {(each["username"], each["role"]) for each in room["members"]} == {
        ("alice", "owner"),
        ("bob", "member"),
    }
    first, answer, to_nothing, picture, of_app = room["messages"]
    assert first["body"] == f"{HOSTILE} @bob **two**"
    assert (first["author"], first["mentions"]) == ("alice", ["bob"])
    assert (first["reactions"], bool(first["edited_at"])) == ({"👍": ["bob"]}, True)
    assert (bool(first["pinned_at"]), answer["reply_to"]) == (True, morning.first)
    assert (to_nothing["reply_to"], picture["images"][0]["alt"]) == (None, ALT)
    assert (of_app["author"], of_app["app"]["name"]) == (None, "Tide")
    assert [each["seq"] for each in room["messages"]] == sorted(
        each["seq"] for each in room["messages"]
    )
    assert {each["kind"] for each in room["lines"]} == {"joined", "pinned"}
    assert [each["username"] for each in found["people"]] == ["alice", "bob"]


def test_each_message_is_one_line(chat: Server, morning: Morning, file: Path) -> None:
    path = file.with_suffix(".json")
    exported(chat, "--room", morning.room, str(path))
    lines = path.read_text().split('"messages": [\n')[1].split("}],\n")[0].splitlines()
    found = [json.loads(line.removesuffix(",").removesuffix("}") + "}") for line in lines]
    assert [message["seq"] for message in found] == sorted(message["seq"] for message in found)
    assert len(found) == 5


def test_what_is_deleted_and_what_is_of_others_is_in_no_file(
    chat: Server, morning: Morning, file: Path
) -> None:
    for ending in (".json", ".html", ".zip"):
        path = file.with_suffix(ending)
        exported(chat, "--room", morning.room, str(path))
        whole = path.read_bytes()
        if ending == ".zip":
            with zipfile.ZipFile(path) as archive:
                whole = b"".join(map(archive.read, archive.namelist()))
        for absent in ("withdrawn", "private words", "Harbour", "mallory"):
            assert absent.encode() not in whole


def test_a_zip_has_a_document_a_page_and_the_pictures(
    chat: Server, morning: Morning, file: Path
) -> None:
    path = file.with_suffix(".zip")
    answer = exported(chat, "--all", str(path))
    assert (answer["rooms"], answer["pictures"]) == (3, 1)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        index = json.loads(archive.read("export.json"))
        check(index, "index")
        for name, listed in index["files"].items():
            content = archive.read(name)
            assert (len(content), hashlib.sha256(content).hexdigest()) == (
                listed["bytes"],
                listed["sha256"],
            )
        for listed in index["rooms"]:
            room = json.loads(archive.read(listed["file"]))
            check(room, "room")
            assert (len(room["messages"]), room["id"]) == (listed["messages"], listed["id"])
            for message in room["messages"]:
                assert all(each["file"] in index["files"] for each in message["images"])
        assert archive.read(f"images/{morning.image}.png").startswith(b"\x89PNG")
        page = archive.read("index.html").decode()
    assert all(listed["file"].replace(".json", ".html") in page for listed in index["rooms"])


def test_no_text_of_people_becomes_markup_of_the_page(
    chat: Server, morning: Morning, file: Path
) -> None:
    path = file.with_suffix(".html")
    exported(chat, "--room", morning.room, str(path))
    page = path.read_text()
    for injected in ("<script", "<img src=x", "<b id=planted", "<i id=planted", "</style> of"):
        assert injected not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http" not in page.replace('http-equiv="Content', "")  # asks nothing of anybody


@pytest.mark.parametrize(
    "arguments",
    [
        ("--all", "export.txt"),
        ("--all", ".json"),
        ("export.json",),
        ("--all", "--room", "Harbour", "export.json"),
    ],
)
def test_a_wrong_command_says_so(chat: Server, arguments: tuple[str, ...], tmp_path: Path) -> None:
    run = subprocess.run(
        [str(ROOT / "bin/chat"), "export", *arguments],
        cwd=tmp_path,
        env=clean_environment(**where(chat.data)),
        capture_output=True,
        timeout=60,
    )
    assert (run.returncode, list(tmp_path.iterdir())) == (2, [])


def test_a_room_that_does_not_exist_leaves_no_file(chat: Server, file: Path) -> None:
    refused = exported(chat, "--room", "0" * 24, str(file.with_suffix(".json")), fails=True)
    assert refused["problems"] == ["No room has this id."]
    assert list(file.parent.iterdir()) == []


def test_members_see_that_the_operator_exported_their_room(
    chat: Server, morning: Morning, file: Path
) -> None:
    exported(chat, "--room", "Harbour", str(file.with_suffix(".json")))
    entries = morning.alice.get(f"/rooms/{morning.private}/audit", action="room.exported")
    newest = entries["entries"][0]
    assert (newest["actor"], newest["room_id"]) == (None, morning.private)

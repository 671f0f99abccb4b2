"""`bin/chat export --person`: what the chat keeps about somebody, and nothing that is others'."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.backups.days import bin_chat, where
from tests.exports.mornings import Morning, check
from tests.helpers.servers import Server


def test_a_person_gets_what_they_wrote_and_what_is_kept_about_them(
    chat: Server, morning: Morning, file: Path
) -> None:
    path = file.with_suffix(".json")
    bin_chat(where(chat.data), "export", "--person", "bob", str(path))
    found = json.loads(path.read_text())
    check(found, "document")
    account = found["account"]
    assert (account["username"], account["preferences"]["theme"]) == ("bob", "dark")
    assert (account["blocked"], account["has_password"]) == (["mallory"], True)
    assert [each["name"] for each in account["tokens"]] == ["Tide table"]
    assert [each["reason"] for each in account["reports"]] == ["unfriendly"]
    assert len(account["devices"]) == 1
    rooms = {room["id"]: room for room in found["rooms"]}
    assert {each["author"] for each in rooms[morning.room]["messages"]} == {"bob"}
    assert [each["body"] for each in rooms[morning.direct]["messages"]] == ["to bob", "to alice"]
    assert morning.private not in rooms


def test_no_secret_and_nothing_of_others_is_in_it(
    chat: Server, morning: Morning, file: Path
) -> None:
    path = file.with_suffix(".zip")
    bin_chat(where(chat.data), "export", "--person", "bob", str(path))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        whole = b"".join(map(archive.read, names))
        index = json.loads(archive.read("export.json"))
    check(index, "index")
    assert f"images/{morning.image}.png" in names
    for absent in ("two**", "private words", "withdrawn", "password_hash", morning.token, "argon2"):
        assert absent.encode() not in whole


def test_the_audit_tells_whose_data_was_exported(
    chat: Server, morning: Morning, file: Path
) -> None:
    bin_chat(where(chat.data), "export", "--person", "bob", str(file.with_suffix(".html")))
    assert bin_chat(where(chat.data), "verify")["problems"] == []
    bin_chat(where(chat.data), "users", "make-admin", "alice")
    entries = morning.alice.get("/admin/audit", action="account.exported")["entries"]
    assert {(each["actor"], each["user"]["username"]) for each in entries} == {(None, "bob")}


def test_nobody_of_that_name_leaves_no_file(chat: Server, file: Path) -> None:
    path = str(file.with_suffix(".json"))
    refused = bin_chat(where(chat.data), "export", "--person", "zoe", path, fails=True)
    assert refused["problems"] == ["Nobody has this username."]
    assert list(file.parent.iterdir()) == []

"""A backup of a running chat, restored elsewhere: everything is there, and nothing is readable."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from secrets import token_hex

import pyrage
import pytest
from pymongo import MongoClient

from chat.models.halves.store import HALF_BYTES
from chat.server.embedded_database import EmbeddedDatabase
from chat.utils.archive import ArchiveReader, ArchiveWriter, Opening, Sealing
from chat.utils.archive.sealing import NEEDS_IDENTITY, NEEDS_PASSPHRASE, WRONG_PASSPHRASE
from tests.backups.days import PLANTED, Day, bin_chat, holds, where
from tests.helpers.servers import Server, free_port, new_chat
from tests.helpers.somebody import Somebody


def test_a_backup_of_a_running_chat_is_restored_elsewhere(
    chat: Server, day: Day, tmp_path: Path
) -> None:
    file = tmp_path / "chat.backup"
    here = where(chat.data)
    taken = bin_chat(here, "backup", str(file))
    assert (taken["rooms"], taken["has_secrets"]) == (1, False)
    assert (taken["is_sealed"], oct(file.stat().st_mode & 0o777)) == (False, "0o600")
    checked = bin_chat({}, "backup", "--verify", str(file))
    assert (checked["problems"], checked["pictures"]) == ([], 1)

    there = where(tmp_path / "data")
    shutil.copytree(chat.data.parent / "data-secrets", tmp_path / "data-secrets")
    assert bin_chat(there, "restore", str(file))["skipped"] == []
    assert bin_chat(there, "verify")["problems"] == []
    with Server(free_port(), there, tmp_path / "log") as restored:
        holds(day, restored)
        assert bin_chat(there, "doctor")["problems"] == []


def test_nothing_readable_is_in_a_backup(chat: Server, taken: Path) -> None:
    secrets_dir = chat.data.parent / "data-secrets"
    halves = next(secrets_dir.glob("halves-*")).read_bytes()
    keys = json.loads((secrets_dir / "secrets.json").read_text())
    with ArchiveReader.reading(taken, Opening()) as archive:
        whole = b"".join(content for _name, content in archive.members())
    for hidden in (PLANTED, *keys.values()):
        assert hidden.encode() not in whole
    assert halves[-HALF_BYTES:] not in whole


def test_a_backup_with_the_keys_is_restored_where_nothing_is(
    chat: Server, day: Day, tmp_path: Path
) -> None:
    file, passphrase = tmp_path / "chat.backup", tmp_path / "passphrase"
    passphrase.write_text("three ferries at noon\n")
    knows = ("--passphrase-file", str(passphrase))
    nothing = tmp_path / "nothing"
    nothing.write_text("\n")
    unsealed = ("--passphrase-file", str(nothing))
    refused = bin_chat(where(chat.data), "backup", str(file), *unsealed, fails=True)
    assert "is empty" in refused["problems"][0]
    open_file = bin_chat(where(chat.data), "backup", str(file), "--with-secrets", fails=True)
    assert "seal the file" in open_file["problems"][0]
    assert bin_chat(where(chat.data), "backup", str(file), "--with-secrets", *knows)["has_secrets"]
    assert not list(tmp_path.glob("*.part"))
    asked = bin_chat({}, "backup", "--verify", str(file), fails=True)["problems"]
    assert asked == [NEEDS_PASSPHRASE]
    assert bin_chat({}, "backup", "--verify", str(file), *knows)["problems"] == []

    there = where(tmp_path / "data")
    assert bin_chat(there, "restore", str(file), *knows)["skipped"] == []
    assert bin_chat(there, "verify")["problems"] == []
    with Server(free_port(), there, tmp_path / "log") as restored:
        holds(day, restored)
    passphrase.write_text("four ferries at noon\n")
    assert bin_chat({}, "backup", "--verify", str(file), *knows, fails=True)["problems"] == [
        WRONG_PASSPHRASE
    ]


def test_a_backup_for_a_key_opens_with_its_identity_alone(chat: Server, tmp_path: Path) -> None:
    file, mine, others = (tmp_path / name for name in ("chat.backup", "mine", "others"))
    identity = pyrage.x25519.Identity.generate()
    mine.write_text(f"# a file of age-keygen\n{identity}\n")
    others.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    bin_chat(where(chat.data), "backup", str(file), "--recipient", str(identity.to_public()))
    assert bin_chat({}, "backup", "--verify", str(file), fails=True)["problems"] == [NEEDS_IDENTITY]
    assert bin_chat({}, "backup", "--verify", str(file), "--identity", str(mine))["problems"] == []
    wrong = bin_chat({}, "backup", "--verify", str(file), "--identity", str(others), fails=True)
    assert "the key is another one" in wrong["problems"][0]
    nobody = bin_chat(where(chat.data), "backup", str(file), "--recipient", "age1bob", fails=True)
    assert "age1bob is no public key of age" in nobody["problems"][0]


@pytest.mark.parametrize("cut", [1, 4, 5, 100])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_backup_without_its_last_bytes_is_called_cut_off(
    chat: Server, tmp_path: Path, cut: int, is_sealed: bool
) -> None:
    file, passphrase = tmp_path / "chat.backup", tmp_path / "passphrase"
    passphrase.write_text("three ferries at noon\n")
    knows = ("--passphrase-file", str(passphrase)) if is_sealed else ()
    bin_chat(where(chat.data), "backup", *knows, str(file))
    file.write_bytes(file.read_bytes()[:-cut])
    (problem,) = bin_chat({}, "backup", "--verify", *knows, str(file), fails=True)["problems"]
    # Of one that is sealed the last 64 kB open together, or not at all: here, all of it.
    assert ("is damaged" if is_sealed else "is cut off: its end is missing.") in problem


def test_a_backup_with_something_behind_it_is_damaged(taken: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(taken, tmp_path / "chat.backup"))
    file.write_bytes(file.read_bytes() + b"a letter to carol")
    (problem,) = bin_chat({}, "backup", "--verify", str(file), fails=True)["problems"]
    assert problem == f"{file} goes on after its end."


def test_a_backup_takes_the_place_of_an_earlier_one_of_the_chat_and_of_nothing_else(
    chat: Server, taken: Path, tmp_path: Path
) -> None:
    here, file, passphrase = where(chat.data), tmp_path / "chat.backup", tmp_path / "passphrase"
    passphrase.write_text("three ferries at noon\n")
    knows = ("--passphrase-file", str(passphrase))
    identity = pyrage.x25519.Identity.generate()
    to_carol = ("--recipient", str(identity.to_public()))

    def refused(*options: str) -> str:
        before = file.read_bytes()
        (sentence,) = bin_chat(here, "backup", *options, str(file), fails=True)["problems"]
        assert file.read_bytes() == before
        assert "add --replace" in sentence
        return str(sentence)

    file.touch()
    bin_chat(here, "backup", str(file))
    bin_chat(here, "backup", *knows, str(file))  # over the one that is not sealed
    bin_chat(here, "backup", *knows, str(file))
    assert "sealed, and does not open here" in refused()
    bin_chat(here, "backup", "--replace", *to_carol, str(file))
    assert "sealed, and does not open here" in refused(*to_carol)
    shutil.copy(taken, file)
    with new_chat(tmp_path) as another:
        theirs = where(another.data)
        (sentence,) = bin_chat(theirs, "backup", str(file), fails=True)["problems"]
    assert "is a backup of another chat" in sentence
    file.write_text("a letter to carol\n" * 1000)
    assert "is no backup of the chat" in refused()
    bin_chat(here, "backup", "--replace", str(file))
    assert bin_chat({}, "backup", "--verify", str(file))["problems"] == []
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("damage", ["cut short", "another byte", "another file", "a lost part"])
def test_a_damaged_backup_is_found_and_not_restored(
    chat: Server, taken: Path, tmp_path: Path, damage: str
) -> None:
    file = shutil.copy(taken, tmp_path / "chat.backup")
    spoil(file, damage)
    found = bin_chat({}, "backup", "--verify", str(file), fails=True)
    assert found["problems"]
    there = where(tmp_path / "data")
    shutil.copytree(chat.data.parent / "data-secrets", tmp_path / "data-secrets")
    assert str(file) in bin_chat(there, "restore", str(file), fails=True)["problems"][0]


def spoil(file: Path, damage: str) -> None:
    content = bytearray(file.read_bytes())
    if damage == "cut short":
        file.write_bytes(content[: len(content) * 2 // 3])
    elif damage == "another byte":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "another file":
        file.write_bytes(b"a letter to carol\n" * 1000)
    else:
        with ArchiveReader.reading(file, Opening()) as archive:
            members = list(archive.members())
        with ArchiveWriter.writing(file, Sealing()) as writer:
            for name, part in members:
                if not name.endswith("/log"):
                    writer.add(name, part)


def test_a_restore_refuses_what_does_not_fit(chat: Server, taken: Path, tmp_path: Path) -> None:
    there = where(tmp_path / "data")

    def refusal(**changed: str) -> str:
        (sentence,) = bin_chat(there | changed, "restore", str(taken), fails=True)["problems"]
        return str(sentence)

    assert (
        "is not empty"
        in bin_chat(where(chat.data), "restore", str(taken), fails=True)["problems"][0]
    )
    assert "secrets.json is missing" in refusal()
    other = {"JWT_SECRET": "j" * 40, "SECRET_KEY": "s" * 40}
    assert "is not the one of the backup" in refusal(**other)
    secrets_dir = tmp_path / "data-secrets"
    shutil.copy(chat.data.parent / "data-secrets/secrets.json", secrets_dir)
    assert "copy it there first" in refusal()
    assert "set HALVES=file" in refusal(HALVES="database")
    (halves,) = (chat.data.parent / "data-secrets").glob("halves-*")
    (secrets_dir / halves.name).write_bytes(halves.read_bytes()[:4096])
    assert "is older than the backup" in refusal()
    shutil.rmtree(secrets_dir)
    assert "from its SECRETS_DIR/secrets.json" in refusal(MONGO_URI="mongodb://127.0.0.1:1/chat")


def test_what_was_deleted_after_the_backup_stays_deleted(tmp_path: Path) -> None:
    with new_chat(tmp_path) as chat:
        alice = Somebody(chat.url, "alice").register()
        kept, gone = (
            alice.post("/rooms", json={"name": name, "kind": "public"})["id"]
            for name in ("Kept", "Gone")
        )
        said = [alice.say(room, PLANTED) for room in (kept, kept, gone)]
        file = tmp_path / "chat.backup"
        bin_chat(where(chat.data), "backup", str(file))
        alice.ask("DELETE", f"/messages/{said[0]['id']}")
        alice.ask("DELETE", f"/rooms/{gone}")

    there = where(tmp_path / "data")
    shutil.copytree(chat.data.parent / "data-secrets", tmp_path / "data-secrets")
    assert bin_chat(there, "restore", str(file))["rooms_deleted"] == 1
    with Server(free_port(), there, tmp_path / "log") as restored:
        alice = alice.at(restored.url)
        first, second = alice.get(f"/rooms/{kept}/messages", limit=50)["messages"]
        assert (first["deleted_at"] is None, second["body"]) == (False, PLANTED)
        assert gone not in json.dumps(alice.get("/rooms"))
    assert bin_chat(there, "verify")["problems"] == []


def test_a_team_moves_to_a_database_of_its_own_and_back(
    chat: Server, day: Day, taken: Path, daemon: EmbeddedDatabase, tmp_path: Path
) -> None:
    back = tmp_path / "back.backup"
    secrets_dir = tmp_path / "data-secrets"
    shutil.copytree(chat.data.parent / "data-secrets", secrets_dir)
    keys = json.loads((secrets_dir / "secrets.json").read_text())
    uri = daemon.uri.replace("/chat?", f"/moved_{token_hex(4)}?")
    there = where(tmp_path / "data") | keys | {"MONGO_URI": uri}
    try:
        assert bin_chat(there, "restore", str(taken))["skipped"] == []
        with Server(free_port(), there, tmp_path / "log") as moved:
            alice = day.alice.at(moved.url)
            assert alice.get(f"/rooms/{day.room}/log", after=0, limit=200)["entries"] == day.log
            alice.say(day.room, "said on the other database")
        bin_chat(there, "backup", str(back))
    finally:
        with MongoClient[dict[str, object]](uri) as client:
            client.drop_database(client.get_default_database())
    again = where(tmp_path / "again") | {"SECRETS_DIR": str(secrets_dir)}
    assert bin_chat(again, "restore", str(back))["skipped"] == []
    with Server(free_port(), again, tmp_path / "log2") as restored:
        page = day.alice.at(restored.url).get(f"/rooms/{day.room}/messages", limit=1)
        assert page["messages"][0]["body"] == "said on the other database"

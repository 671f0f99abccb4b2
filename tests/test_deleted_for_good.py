"""Deleted messages stay deleted for a thief with SECRET_KEY, all files and an old backup."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from bson import ObjectId

from chat.models.halves.store import DESTROYED, HALF_BYTES
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.thief import Thief, carved

HERE, GONE = "ultramarine", "heliotrope"


class Alice:
    """A person with an account on a chat of its own, over HTTP."""

    def __init__(self, server: Server):
        self._url = server.url + "/api/v1"
        account = {"username": "alice", "password": "correct horse battery staple"}
        signed_in = requests.post(self._url + "/auth/register", json=account, timeout=10)
        self._headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = requests.request(
            method, self._url + path, json=body, headers=self._headers, timeout=10, **options
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def make_room(self, name: str, topic: str) -> str:
        return str(
            self.ask("POST", "/rooms", {"name": name, "kind": "private", "topic": topic})["id"]
        )

    def say(self, room_id: str, body: str, image_ids: tuple[str, ...] = ()) -> str:
        sent = {"client_id": ObjectId().binary.hex(), "body": body, "image_ids": list(image_ids)}
        return str(self.ask("POST", f"/rooms/{room_id}/messages", sent)["id"])

    def show(self, room_id: str, alt: str) -> str:
        files = {"image": ("x.png", written(gradient(), "PNG"), "image/png")}
        return str(
            self.ask("POST", f"/rooms/{room_id}/images", files=files, data={"alt": alt})["id"]
        )

    def choose_avatar(self) -> str:
        files = {"image": ("x.png", written(gradient(), "PNG"), "image/png")}
        self.ask("PUT", "/me/avatar", files=files)
        return str(self.ask("GET", "/me")["avatar_url"].rpartition("=")[2])


@dataclass
class Spoils:
    """The files that the thief has, and their former content.

    `room`: stays; `image`, `avatar`: (stays, goes).
    """

    room: str
    image: tuple[str, str]
    avatar: tuple[str, str]
    places: list[Path]
    halves_before: Path
    halves_now: Path


def halves_file(secrets: Path) -> Path:
    (found,) = secrets.glob("halves-*")
    return found


@pytest.fixture(scope="module")
def spoils(folder: Path) -> Iterator[Spoils]:
    server = new_chat(folder).start()
    data = server.data
    secrets = data.with_name("data-secrets")
    alice = Alice(server)
    stays, goes = (alice.make_room(word, f"about {word}") for word in (HERE, GONE))
    for word, room in ((GONE, goes), (HERE, stays)):
        alice.say(room, f"{word} in its room")
    shown, hidden = alice.show(stays, f"{HERE} shown"), alice.show(stays, f"{GONE} shown")
    kept = alice.say(stays, f"{HERE} said", (shown,))
    deleted = alice.say(stays, f"{GONE} said", (hidden,))
    for word, message, emoji in ((HERE, kept, "🦉"), (GONE, deleted, "🦑")):
        alice.ask("PATCH", f"/messages/{message}", {"body": f"{word} edited"})
        alice.ask("PUT", f"/messages/{message}/reactions/{emoji}")
    old_avatar = alice.choose_avatar()
    # Every write flushes the journal, so the files are those that a backup of the running chat has.
    backup, halves_before = folder / "backup", folder / "halves-before"
    shutil.copytree(data, backup, ignore=shutil.ignore_patterns("*.lock"))
    shutil.copy(halves_file(secrets), halves_before)

    alice.ask("DELETE", f"/messages/{deleted}")
    alice.ask("DELETE", f"/rooms/{goes}")
    avatar = alice.choose_avatar()
    wait_until(
        lambda: halves_file(secrets).read_bytes().count(DESTROYED) >= 4,
        "message, image, room and avatar are destroyed",
    )
    places = [backup, folder / "while-it-runs", data]
    shutil.copytree(data, places[1], ignore=shutil.ignore_patterns("*.lock"))
    server.stop()
    yield Spoils(
        stays, (shown, hidden), (avatar, old_avatar), places, halves_before, halves_file(secrets)
    )


def thief(spoils: Spoils, halves: Path) -> Thief:
    key = json.loads((spoils.halves_now.parent / "secrets.json").read_text())["SECRET_KEY"]
    return Thief(key, halves, carved(spoils.places))


def said(thief: Thief, word: str) -> list[str]:
    everything = [*thief.texts(), *thief.descriptions(), *thief.topics()]
    return sorted({text for text in everything if word in text})


def everything_about(word: str) -> list[str]:
    return [
        f"about {word}",
        f"{word} edited",
        f"{word} in its room",
        f"{word} said",
        f"{word} shown",
    ]


def test_a_thief_with_the_key_and_an_old_backup_opens_nothing_of_what_was_deleted(
    spoils: Spoils,
) -> None:
    mallory = thief(spoils, spoils.halves_now)
    assert said(mallory, HERE) == everything_about(HERE), (
        "what is still there opens: the thief knows how"
    )
    assert said(mallory, GONE) == []
    assert set(mallory.emoji()) == {"🦉"}
    images = {picture for picture in mallory.files() if picture.partition("/")[0] in spoils.image}
    assert images == {f"{spoils.image[0]}/original", f"{spoils.image[0]}/thumbnail"}
    assert {picture.partition("/")[0] for picture in mallory.files()} == {
        spoils.image[0],
        spoils.avatar[0],
    }


def test_nor_can_it_be_guessed(spoils: Spoils) -> None:
    mallory, room_id = thief(spoils, spoils.halves_now), ObjectId(spoils.room)
    assert mallory.guesses(room_id, f"{HERE} in its room"), (
        "of what is still there it can be known that it was said"
    )
    assert not mallory.guesses(room_id, f"{GONE} in its room")


def test_an_old_copy_of_the_halves_opens_it_all_which_is_why_it_must_not_be_kept(
    spoils: Spoils,
) -> None:
    mallory = thief(spoils, spoils.halves_before)
    assert said(mallory, GONE) == everything_about(GONE)
    assert set(mallory.emoji()) == {"🦉", "🦑"}
    assert {spoils.image[1], spoils.avatar[1]} <= {
        picture.partition("/")[0] for picture in mallory.files()
    }


def test_without_the_halves_nothing_opens(spoils: Spoils, tmp_path: Path) -> None:
    none = tmp_path / "none"
    none.write_bytes(bytes(HALF_BYTES))
    mallory = thief(spoils, none)
    assert list(mallory.texts()) == list(mallory.emoji()) == list(mallory.descriptions()) == []
    assert mallory.files() == set()

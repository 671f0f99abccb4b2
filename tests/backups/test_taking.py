"""A backup is consistent, whatever people do while it is taken: every step is played."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from pymongo import MongoClient

from chat import VERSION, connect
from chat.controllers import (
    accounts,
    avatars,
    images,
    memberships,
    messages,
    profile_changes,
    readings,
    rooms,
    verification,
)
from chat.models import image_quota
from chat.models.backup import checking, loading, taking
from chat.models.database import Record, database
from chat.models.document import Id, id_from
from chat.models.log import POSTED, log_of
from chat.models.room import Room
from chat.models.user import User
from chat.utils.archive import Opening, Sealing
from config import Settings
from tests.helpers.chatter import fill
from tests.helpers.pictures import gradient, written
from tests.helpers.world import PASSWORD

MANY = 250  # messages: more than a backup copies in one step
TURNS = 3


@dataclass
class Chat:
    """A chat with a room of many messages, and its owner."""

    settings: Settings
    alice: User
    room_id: str
    doomed: list[str]  # rooms that are deleted while the backup is taken
    numbers: Iterator[int]

    @property
    def head(self) -> int:
        return log_of(_id(self.room_id)).head().seq

    def say(self, body: str = "words", *image_ids: str) -> str:
        return _post(self.alice, self.room_id, body, f"c{next(self.numbers)}", *image_ids)

    def message(self, seq: int) -> str:
        (entry,) = log_of(_id(self.room_id)).entries(seq - 1, seq)
        return str(entry["_id"])

    def somebody(self) -> User:
        return accounts.register(f"bob{next(self.numbers)}", PASSWORD)


@pytest.fixture
def chat(app: Flask, own_uri: str, settings: Settings, tmp_path: Path) -> Iterator[Chat]:
    own = replace(settings, secrets_dir=tmp_path / "secrets", mongo_uri=own_uri)
    connect(own, own_uri, embedded=True)
    with app.app_context():
        alice = accounts.create_admin("alice", PASSWORD)
        room = rooms.create(alice, name="Harbour", kind="public").room
        fill(room, [alice], [f"number {number}" for number in range(1, MANY + 1)])
        doomed = [
            str(rooms.create(alice, name=f"Doomed {number}", kind="private").room.id)
            for number in range(4)
        ]
        made = Chat(own, alice, str(room.id), doomed, itertools.count())
        for room_id in doomed:
            _post(alice, room_id, "secret", "first")
        yield made


def _id(room_id: str) -> Id:
    found = id_from(room_id)
    assert found
    return found


def _post(author: User, room_id: str, body: str, client_id: str, *image_ids: str) -> str:
    sent = {"body": body, "client_id": client_id, "image_ids": list(image_ids)}
    return str(messages.post(author, room_id, **sent)[0].id)  # type: ignore[arg-type]


@contextmanager
def _picture() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(written(gradient(), "PNG"))
        yield file


def _show_picture(chat: Chat) -> None:
    with _picture() as picture:
        image = images.upload(chat.alice, chat.room_id, picture, "a pier")
    chat.say("", str(image.id))


def _choose_avatar(chat: Chat) -> None:
    with _picture() as picture:
        avatars.change(chat.alice, picture)


def _come_and_go(chat: Chat) -> None:
    bob = chat.somebody()
    memberships.join(bob, chat.room_id)
    readings.mark_read(bob, chat.room_id, chat.head)
    carol = chat.somebody()
    memberships.join(carol, chat.room_id)
    memberships.leave(carol, chat.room_id)


def _make_room(chat: Chat) -> None:
    made = rooms.create(chat.alice, name=f"New {next(chat.numbers)}", kind="public").room
    _post(chat.alice, str(made.id), "first", "first")


def _delete_room(chat: Chat) -> None:
    if chat.doomed:
        rooms.delete(chat.alice, chat.doomed.pop(next(chat.numbers) % 2 - 1))
        rooms.finish_deletions()


DEEDS: list[Callable[[Chat], object]] = [
    lambda chat: messages.edit(chat.alice, chat.message(7), f"edited {next(chat.numbers)}"),
    lambda chat: messages.pin(chat.alice, chat.message(MANY), on=True),
    lambda chat: messages.edit(chat.alice, chat.say(), "edited @alice"),
    lambda chat: messages.delete(chat.alice, chat.message(20 + next(chat.numbers))),
    lambda chat: messages.delete(chat.alice, chat.say()),
    lambda chat: messages.react(
        chat.alice, chat.message(120), f"{next(chat.numbers) % 9}️⃣", on=True
    ),
    lambda chat: chat.say("@alice @room words"),
    _show_picture,
    _come_and_go,
    _make_room,
    _delete_room,
    _choose_avatar,
    lambda chat: rooms.change(chat.alice, chat.room_id, topic=f"topic {next(chat.numbers)}"),
    lambda chat: profile_changes.change_profile(chat.alice, display_name=f"A {next(chat.numbers)}"),
]


@pytest.mark.parametrize("turn", range(TURNS))
def test_whatever_happens_between_two_steps_the_backup_is_whole(
    chat: Chat, tmp_path: Path, turn: int
) -> None:
    file = tmp_path / "chat.backup"
    before = log_of(_id(chat.room_id)).entries(0, MANY)
    deeds = itertools.islice(itertools.cycle(DEEDS), turn * 5, None)
    steps = 0
    for _progress in taking.take(file, Sealing(), VERSION, "", None):
        for deed in itertools.islice(deeds, 2):
            deed(chat)
        steps += 1
    assert 2 * steps > len(DEEDS), "every deed has its turn"
    for checked in checking.check(file, Opening()):
        assert checked.problems == []

    with restored(chat, file) as left_out:
        assert (left_out, problems()) == ([], [])
        there = log_of(_id(chat.room_id)).entries(0, MANY)
        assert [entry["_id"] for entry in there] == [entry["_id"] for entry in before]


def test_a_backup_that_fails_leaves_no_file(chat: Chat, tmp_path: Path) -> None:
    steps = taking.take(
        tmp_path / "chat.backup", Sealing(passphrase="three ferries"), VERSION, "", None
    )
    next(steps)
    assert [each.name for each in tmp_path.glob("chat.*")] == ["chat.backup.part"]
    with pytest.raises(OSError, match="no space"):
        steps.throw(OSError("no space"))
    assert not list(tmp_path.glob("chat.*"))


@contextmanager
def restored(chat: Chat, file: Path) -> Iterator[list[str]]:
    """Restore a backup into another database. Yield the records that were left out."""
    assert chat.settings.mongo_uri
    uri = chat.settings.mongo_uri.replace("?", "_restored?")
    try:
        database.connect_for_restore(uri, embedded=True)
        *_, loaded = loading.load(file, Opening(), None)
        connect(chat.settings, uri, embedded=True, finishes_restore=True)
        rooms.delete_restored()
        rooms.finish_deletions()
        image_quota.recount_all()
        yield loaded.skipped
    finally:
        with MongoClient[Record](uri) as client:
            client.drop_database(client.get_default_database())


def problems() -> list[str]:
    """Return what is wrong with the restored chat; `verify` finds most of it."""
    *_, found = verification.verify()
    room_ids = Room.all_ids()
    avatar_ids = {record["_id"] for record in database["avatars"].find()}
    return [
        *found.problems,
        *(problem for room_id in room_ids for problem in _problems_of(room_id)),
        *(
            f"the name of a room that is not there: {record}"
            for record in database["public_names"].find()
            if record["room_id"] not in room_ids
        ),
        *(
            f"a person without the avatar: {person}"
            for person in database["users"].find({}, {"avatar_id": 1})
            if person.get("avatar_id") not in {None, *avatar_ids}
        ),
    ]


def _problems_of(room_id: Id) -> Iterator[str]:
    head = log_of(room_id).head().seq
    entries = log_of(room_id).entries(0, head)
    changed = {each["message_id"]: each["seq"] for each in entries if "message_id" in each}
    for entry in entries:
        last = changed.get(entry["_id"], 0)
        if entry["event"] == POSTED and not last <= entry["applied_seq"] <= head:
            yield f"{room_id}: {entry['seq']} has {entry['applied_seq']} of {last}, head {head}"
    for membership in database["memberships"].find({"room_id": room_id}):
        if membership["read_seq"] > head:
            yield f"{room_id}: somebody read {membership['read_seq']} of {head}"
    for image in database["images"].find({"room_id": room_id}):
        if image["message_id"] and image["message_id"] not in {each["_id"] for each in entries}:
            yield f"{room_id}: an image belongs to a message that is not there"

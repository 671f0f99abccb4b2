"""The key ring: the start refuses a wrong SECRET_KEY; a shredded room stays closed."""

from __future__ import annotations

import pytest
from bson import Binary
from flask import Flask

from chat.models.database import database
from chat.models.halves import halves
from chat.models.key_ring import KeyRing
from chat.models.key_ring.proofs import WrongSecretKey
from chat.models.key_ring.roots import Roots
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.encryption import CannotOpen
from config import Settings
from tests.helpers.databases import IS_EMBEDDED


@pytest.fixture
def empty_database(own_uri: str, settings: Settings) -> None:
    """Provide a database without a key."""
    database.connect(own_uri, embedded=IS_EMBEDDED)
    halves.open(settings.secrets_dir)


def test_a_wrong_secret_key_is_refused_and_leaves_nothing_behind(empty_database: None) -> None:
    KeyRing().unlock("first" * 10)
    with pytest.raises(WrongSecretKey, match=r"^SECRET_KEY: .*SECRET_KEYS_RETIRED\.$"):
        KeyRing().unlock("second" * 10)
    KeyRing().unlock("first" * 10)
    assert database["roots"].count_documents({}) == 1


def test_a_retired_key_opens_what_it_wrapped_and_wraps_no_more(empty_database: None) -> None:
    old, new = KeyRing(), KeyRing()
    old.unlock("first" * 10)
    room = Room.prepare(
        "private", "x", ""
    )  # any id will do; the ring of this process made keys for it
    database["keys"].delete_many({})
    old.make(room.id)
    sealed = old.of(room.id).data.seal(b"ferry", "place")
    new.unlock("second" * 10, ("first" * 10,))
    assert new.of(room.id).data.open(sealed, "place") == b"ferry"
    another = Room.prepare("private", "y", "")
    database["keys"].delete_one({"room_id": another.id})
    new.make(another.id)
    alone = KeyRing()
    current = new._roots.current
    alone._roots = Roots({current: new._roots.key(current, "root")})
    assert alone.of(another.id)
    with pytest.raises(CannotOpen, match="SECRET_KEYS_RETIRED"):
        alone.of(room.id)


def test_every_room_has_keys_of_its_own(app: Flask) -> None:
    rooms = [Room.prepare("private", "x", "") for _ in range(2)]
    records = [database["keys"].find_one({"room_id": room.id}) for room in rooms]
    assert records[0]
    assert records[1]
    assert records[0]["data"] != records[1]["data"]
    database["keys"].delete_one({"room_id": rooms[0].id})
    ring = KeyRing()
    with pytest.raises(CannotOpen, match="gone"):
        ring.of(rooms[0].id)


@pytest.fixture
def two_messages(app: Flask) -> tuple[Message, Message]:
    room = Room.prepare("private", "x", "")
    room.open()
    author = User.register(f"sealer-{room.id}", "Sealer", "")
    return Message.post(room.id, author, "c1", "the first")[0], Message.post(
        room.id, author, "c2", "the second"
    )[0]


def test_a_text_moved_to_another_message_is_an_error_that_names_the_record(
    two_messages: tuple[Message, Message],
) -> None:
    one, other = two_messages
    kept = database["log"].find_one({"_id": one.id})
    assert kept
    database["log"].update_one({"_id": other.id}, {"$set": {"text": kept["text"]}})
    with pytest.raises(CannotOpen, match=str(other.id)):
        Message.page(other.room_id)


@pytest.mark.parametrize("put_there", [b"plain text", b"", b"\x01" * 60])
def test_a_text_that_is_not_sealed_is_never_shown(
    two_messages: tuple[Message, Message], put_there: bytes
) -> None:
    message, _ = two_messages
    database["log"].update_one({"_id": message.id}, {"$set": {"text": Binary(put_there)}})
    with pytest.raises(CannotOpen, match=str(message.id)):
        Message.page(message.room_id)


def test_a_secret_key_that_was_tried_and_taken_back_locks_nobody_out(empty_database: None) -> None:
    KeyRing().unlock("first" * 10)
    KeyRing().unlock("second" * 10, ("first" * 10,))
    KeyRing().unlock("first" * 10)
    assert database["roots"].count_documents({}) == 1
    second = KeyRing()
    second.unlock("second" * 10, ("first" * 10,))
    old, new = Room.prepare("private", "x", ""), Room.prepare("private", "y", "")
    database["keys"].delete_many({})
    first = KeyRing()
    first.unlock("first" * 10)
    first.make(old.id)
    second.make(new.id)
    with pytest.raises(
        WrongSecretKey,
        match=r"^SECRET_KEY: 1 of 2 rooms and people have keys under another one; "
        r".*SECRET_KEYS_RETIRED\.$",
    ):
        KeyRing().unlock("first" * 10)
    KeyRing().unlock("first" * 10, ("second" * 10,))


def test_after_a_rotation_the_old_key_is_needed_no_more(empty_database: None) -> None:
    old, new = KeyRing(), KeyRing()
    old.unlock("first" * 10)
    rooms = [Room.prepare("private", name, "") for name in ("x", "y", "z")]
    database["keys"].delete_many({})
    for room in rooms:
        old.make(room.id)
    sealed = [old.of(room.id).data.seal(b"ferry", "place") for room in rooms]
    new.unlock("second" * 10, ("first" * 10,))
    assert new.needs_retired()
    rotation = new.rotate()
    next(rotation)
    rotation.close()  # interrupted after one
    assert new.needs_retired()
    old.destroy(rooms[2].id)  # a room is deleted meanwhile
    assert [(done.seen, done.rotated, done.problems) for done in new.rotate()][-1] == (2, 1, [])
    assert not new.needs_retired()
    alone = KeyRing()
    alone.unlock("second" * 10)
    for room, text in zip(rooms[:2], sealed, strict=False):
        assert alone.of(room.id).data.open(text, "place") == b"ferry"
    with pytest.raises(WrongSecretKey):
        KeyRing().unlock("first" * 10)

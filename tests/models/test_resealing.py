"""The start opens what an earlier version stored, and seals it as this version does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from bson import Binary, ObjectId

from chat import connect
from chat.models.database import database
from chat.models.database.errors import DataFromNewerProgram
from chat.models.halves import halves
from chat.models.image import Image
from chat.models.key_ring import key_ring
from chat.models.message import Message
from chat.models.migrations import SCHEMA_VERSION
from chat.models.resealing import SEALING_VERSION, reseal
from chat.models.room import Room
from chat.models.search import indexer
from chat.models.search.message_search import search_messages
from chat.models.search.query import parse
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.encryption import (
    FORMAT,
    FORMAT_WITH_HALF,
    CannotOpen,
    SealingKey,
    derive,
    fingerprint,
    new_key,
    wrap,
)
from config import Settings
from tests.helpers.databases import IS_EMBEDDED

PREVIEW = "data:image/webp;base64,AAAA"


class VersionOne:
    """A database as version 1 left it.

    It has a room with a topic, a message with an edit and a reaction, a picture, and an index.
    """

    def __init__(self, secret_key: str):
        self.room_id, self.message_id, self.image_id = ObjectId(), ObjectId(), ObjectId()
        self.author = User.register("alice", "Alice", "")
        root_id, root = derive(secret_key, "root id", 12), derive(secret_key, "key-encryption key")
        data, index, key_id = new_key(), new_key(), ObjectId()
        self.key = SealingKey(key_id.binary, data)
        database["keys"].insert_one(
            {
                "_id": key_id,
                "room_id": self.room_id,
                "data": wrap(data, root_id, root, f"{self.room_id}/data key"),
                "index": wrap(index, root_id, root, f"{self.room_id}/index key"),
            }
        )
        database["rooms"].insert_one(
            {
                "_id": self.room_id,
                "kind": "private",
                "name": "Old",
                "name_key": "old",
                "topic": "about old",
                "people_key": str(self.room_id),
                "shelf": "private",
                "archived_at": None,
                "created_at": now(),
            }
        )
        database["images"].insert_one(
            {
                "_id": self.image_id,
                "room_id": self.room_id,
                "uploader_id": self.author.id,
                "ready": True,
                "stored": 1,
                "claim": None,
                "message_id": self.message_id,
                "seq": 1,
                "posted_at": now(),
                "created_at": now(),
                "content_type": "image/png",
                "width": 1,
                "height": 1,
                "bytes": 1,
                "thumbnail": {"width": 1, "height": 1, "bytes": 1},
                "placeholder": PREVIEW,
                "alt": self.sealed(self.image_id, "alt", b"an owl"),
            }
        )
        owl = fingerprint(index, "reaction", str(self.message_id), "🦉")[:12]
        common = {
            "room_id": self.room_id,
            "author_id": self.author.id,
            "created_at": now(),
            "ordinal": 1,
        }
        database["log"].insert_many(
            [
                common
                | {
                    "_id": self.message_id,
                    "event": "message:posted",
                    "client_id": "c",
                    "applied_seq": 2,
                    "seq": 1,
                    "fingerprint": fingerprint(index, "message", "said before", ""),
                    "text": self.text("edited before"),
                    "original": self.text("said before"),
                    "mentions": [],
                    "mentions_room": False,
                    "edited_at": now(),
                    "reactions": [
                        {
                            "key": owl,
                            "emoji": self.sealed(self.message_id, "reaction", "🦉".encode()),
                            "user_ids": [self.author.id],
                        }
                    ],
                },
                common
                | {
                    "_id": ObjectId(),
                    "event": "message:edited",
                    "client_id": "e",
                    "seq": 2,
                    "message_id": self.message_id,
                    "message_seq": 1,
                    "text": self.text("edited before"),
                    "mentions": [],
                },
            ]
        )
        database["postings"].insert_one(
            {
                "_id": f"{self.room_id}/100/1/0",
                "room_id": self.room_id,
                "claim": 1,
                "sealed": Binary(b"x"),
            }
        )
        database["indexed_rooms"].insert_one(
            {
                "_id": self.room_id,
                "claim": 1,
                "claimed_until": now(),
                "seq": 2,
                "ordinal": 1,
                "blocks": Binary(b""),
                "spent": [],
            }
        )
        proof = {"_id": root_id, "proof": wrap(b"real-time-chat", root_id, root, "root")}
        database["roots"].replace_one({"_id": root_id}, proof, upsert=True)
        database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})

    def text(self, body: str) -> Binary:
        return self.sealed(
            self.message_id,
            "text",
            orjson.dumps({"body": body, "html": body, "names": {}, "renderer": 0}),
        )

    def sealed(self, of: ObjectId, field: str, plain: bytes) -> Binary:
        return Binary(self.key.seal(plain, f"{self.room_id}/{of}/{field}"))


@pytest.fixture
def old(own_uri: str, settings: Settings, tmp_path: Path) -> VersionOne:
    own = Settings(**{**vars(settings), "secrets_dir": tmp_path})
    database.connect(own_uri, embedded=IS_EMBEDDED)
    old = VersionOne(own.secret_key)
    connect(own, own_uri, embedded=IS_EMBEDDED)
    return old


def record(collection: str, record_id: ObjectId) -> Any:
    return database[collection].find_one({"_id": record_id})


def sealing() -> Any:
    return database["meta"].find_one({"_id": "sealing"})


def test_what_version_one_stored_opens(old: VersionOne) -> None:
    assert database["meta"].find_one({"_id": "schema"}) == {
        "_id": "schema",
        "version": SCHEMA_VERSION,
    }
    assert sealing() == {"_id": "sealing", "version": SEALING_VERSION}
    room, message, image = (
        Room.find(old.room_id),
        Message.find(old.message_id),
        Image.find(old.image_id),
    )
    assert room
    assert message
    assert image
    assert (room.topic, image.alt, image.placeholder) == ("about old", "an owl", PREVIEW)
    assert (message.text.body, message.reactions) == ("edited before", [("🦉", [old.author.id])])
    assert [version.body for version in message.versions()[0]] == ["said before", "edited before"]
    assert Message.post(old.room_id, old.author, "c", "said before")[1] is False, "a retry is known"


def test_and_can_be_changed_as_anything_else(old: VersionOne) -> None:
    message = Message.find(old.message_id)
    assert message
    message.react(old.author, "🦉", on=True)
    assert message.react(old.author, "🦑", on=True).message.reactions == [
        ("🦉", [old.author.id]),
        ("🦑", [old.author.id]),
    ]
    assert message.edit(old.author, "edited since").message.text.body == "edited since"
    assert [version.body for version in message.versions()[0]] == [
        "said before",
        "edited before",
        "edited since",
    ]
    assert message.delete(old.author, "owner").message.deleted_at


def test_nothing_of_it_lies_in_clear_or_without_a_half(old: VersionOne) -> None:
    key = database["keys"].find_one({"room_id": old.room_id})
    assert key
    assert halves.of(key["half"], "it")
    assert record("rooms", old.room_id)["topic"].startswith(FORMAT)
    assert record("images", old.image_id)["placeholder"].startswith(FORMAT)
    key_ring.destroy(old.room_id)
    database["keys"].insert_one(key)
    assert Room.find(old.room_id)
    with pytest.raises(CannotOpen, match="gone"):
        Message.page(old.room_id)


def test_it_is_found_by_its_words_before_and_after_it_is_indexed_anew(old: VersionOne) -> None:
    assert database["postings"].count_documents({}) == 0

    def found() -> list[str]:
        return [
            hit.message.text.body
            for hit in search_messages(
                parse("before"), [old.room_id], None, before=None, limit=5
            ).hits
        ]

    assert found() == ["edited before"]
    list(indexer.index(old.room_id))
    assert found() == ["edited before"]
    assert all(each["sealed"].startswith(FORMAT_WITH_HALF) for each in database["postings"].find())


def test_to_do_it_again_changes_nothing(old: VersionOne) -> None:
    before = database["keys"].find_one({"room_id": old.room_id})
    database["meta"].delete_one({"_id": "sealing"})
    reseal()
    assert database["keys"].find_one({"room_id": old.room_id}) == before
    assert sealing() == {"_id": "sealing", "version": SEALING_VERSION}
    room = Room.find_now(old.room_id)
    assert room
    assert room.topic == "about old"


def test_what_a_newer_program_sealed_is_refused(old: VersionOne) -> None:
    database["meta"].update_one({"_id": "sealing"}, {"$set": {"version": SEALING_VERSION + 1}})
    with pytest.raises(DataFromNewerProgram, match="start the newer program"):
        reseal()


def test_a_new_database_begins_with_this_programs_version(
    old: VersionOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    for collection in ("keys", "rooms", "images", "log"):
        database[collection].delete_many({})
    database["meta"].delete_one({"_id": "sealing"})
    monkeypatch.setattr("chat.models.resealing.STEPS", (pytest.fail,) * SEALING_VERSION)
    reseal()
    assert sealing() == {"_id": "sealing", "version": SEALING_VERSION}

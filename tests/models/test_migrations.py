"""Data that an older program wrote opens, and all that was there is found."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from pymongo import ASCENDING

from chat.controllers import mentions
from chat.models.database import SCHEMA_VERSION, database
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room_order import page_of
from chat.models.user import User
from config import Settings
from tests.models.test_reading import make_room

OLD_INDEX = "audience_1_message_id_1"


@pytest.fixture
def own_uri(app: Flask, settings: Settings) -> Iterator[str]:
    """A database of this test's own; afterwards the connection is the usual one again."""
    assert settings.mongo_uri
    uri = settings.mongo_uri.replace("/chat?", "/chat_older?")
    database.connect(uri, embedded=True)
    yield uri
    database["meta"].database.client.drop_database("chat_older")
    database.connect(settings.mongo_uri, embedded=True)


def as_version_1_wrote_it() -> None:
    """Takes away what later versions keep: places in lists of rooms, and who was in a room that `@room` named."""
    database["memberships"].update_many({}, {"$unset": {"place": ""}})
    database["users"].update_many({}, {"$unset": {"places": ""}})
    database["mentions"].drop_index(OLD_INDEX)
    for record in list(database["mentions"].find({})):
        message = database["log"].find_one({"_id": record["message_id"]})
        audiences = [message["room_id"]] if message["mentions_room"] else record["audience"]
        database["mentions"].delete_one({"_id": record["_id"]})
        for audience in audiences:
            database["mentions"].insert_one({"audience": audience, "message_id": record["message_id"]})
    database["mentions"].create_index([("audience", ASCENDING), ("message_id", ASCENDING)], unique=True)
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})


def rooms_of(user: User) -> list[str]:
    found = User.find(user.id)
    assert found
    return [mine.room.name for mine in page_of(found, None, 100)[0]]


def test_rooms_are_listed_and_mentions_are_found_that_an_older_program_kept(own_uri: str) -> None:
    first, people = make_room("alice", "bob")
    alice, bob = people["alice"], people["bob"]
    Message.post(first.id, alice, "c1", f"@{bob.username}")
    Message.post(first.id, alice, "c2", "@room")
    late = User.register(f"late-{first.id}", "late", "")
    time.sleep(1.1)  # old records tell by the second who was there
    Membership.begin(first, late.id, "member", 0)
    second, _ = make_room("carol")
    second.change(name="second")
    Membership.begin(second, bob.id, "member", 0)
    as_version_1_wrote_it()
    for _ in range(2):  # again is harmless: another process may start at the same moment
        database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
        database.connect(own_uri, embedded=True)
        bob.switch_read_receipts(True)  # and with it what is remembered of them is forgotten
        assert rooms_of(bob) == ["second", "x"]
        assert [message.text.body for message in mentions.list_of(bob)[0]] == ["@room", f"@{bob.username}"]
        assert mentions.list_of(late)[0] == []
    assert database["meta"].find_one({"_id": "schema"})["version"] == SCHEMA_VERSION
    assert not any(index.get("unique") for index in database["mentions"].list_indexes() if index["name"] == OLD_INDEX)
    third, _ = make_room("dave")
    third.change(name="third")
    Membership.begin(third, bob.id, "member", 0)
    assert rooms_of(bob) == ["third", "second", "x"], "new ones go on where the old ones ended"

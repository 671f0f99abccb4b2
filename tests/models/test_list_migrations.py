"""Data of an older program opens, and everything in it is found."""

from __future__ import annotations

import time

import pytest
from pymongo import ASCENDING

from chat.controllers import mentions
from chat.models.database import database
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.migrations import SCHEMA_VERSION, lists, migrate
from chat.models.room import Room
from chat.models.room_order import page_of
from chat.models.session import Session
from chat.models.user import User
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.rooms import make_room

# What each kind of record has only since version 1.
SINCE = {
    "users": ("places", "skeletons", "name_skeletons", "looks", "shows_username"),
    "rooms": ("members", "owners", "changes", "pending"),
    "memberships": ("place", "state", "ended", "change", "connects"),
    "sessions": ("refreshed_by",),
}


@pytest.fixture
def earlier(own_uri: str) -> str:
    """Return the address of a connected database that version 1 made."""
    database.connect(own_uri, embedded=IS_EMBEDDED)
    return own_uri


def direct_room(*people: User) -> Room:
    room, _ = Room.direct({user.id for user in people})
    for user in people:
        Membership.begin_direct(room, user.id)
    return room


def as_version_1_wrote_it() -> None:
    """Remove what later versions store, and write mentions in the old format."""
    database["users"].drop_index("skeletons_1")
    for name, fields in SINCE.items():
        database[name].update_many({}, {"$unset": dict.fromkeys(fields, "")})
    database["mentions"].drop_index(lists.OLD_INDEX)
    for record in list(database["mentions"].find({})):
        message = database["log"].find_one({"_id": record["message_id"]})
        audiences = [message["room_id"]] if message["mentions_room"] else record["audience"]
        database["mentions"].delete_one({"_id": record["_id"]})
        for audience in audiences:
            noted = {"audience": audience, "message_id": record["message_id"]}
            database["mentions"].insert_one(noted)
    fields = [("audience", ASCENDING), ("message_id", ASCENDING)]
    database["mentions"].create_index(fields, unique=True)
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})


def as_the_database_has(user: User) -> User:
    user.switch_read_receipts(True)  # and with it what is remembered of them is forgotten
    found = User.find(user.id)
    assert found
    return found


def rooms_of(user: User) -> list[Id]:
    return [mine.room.id for mine in page_of(as_the_database_has(user), None, 100)[0]]


def places() -> dict[Id, int | None]:
    return {record["_id"]: record["place"] for record in database["memberships"].find({})}


def test_rooms_are_listed_and_mentions_are_found_that_the_oldest_program_kept(earlier: str) -> None:
    first, people = make_room("alice", "bob")
    alice, bob = people["alice"], people["bob"]
    Message.post(first.id, alice, "c1", f"@{bob.username}")
    Message.post(first.id, alice, "c2", "@room")
    late = User.register(f"late-{first.id}", "late", "")
    time.sleep(1.1)  # old records tell by the second who was there
    Membership.begin(first, late.id, "member", 0)
    silent, spoken = direct_room(bob, alice), direct_room(bob, late)
    Message.post(spoken.id, late, "c3", "hello")
    second, _ = make_room("carol")
    Membership.begin(second, bob.id, "member", 0)
    session = Session.begin(bob.id, "tests")
    as_version_1_wrote_it()
    seen = None
    for _ in range(2):  # again is harmless: another process may start at the same moment
        database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
        database.connect(earlier, embedded=IS_EMBEDDED)
        assert rooms_of(bob) == [second.id, spoken.id, first.id], "not where nothing was said"
        assert places() == (seen or places())
        seen = places()
        named = [message.text.body for message in mentions.list_of(bob)[0]]
        assert named == ["@room", f"@{bob.username}"]
        assert mentions.list_of(late)[0] == []
        assert Session.find_now(session.id) is None
    kept = database["meta"].find_one({"_id": "schema"})
    assert kept
    assert kept["version"] == SCHEMA_VERSION
    index = database["mentions"].index_information()[lists.OLD_INDEX]
    assert not index.get("unique")
    third, _ = make_room("dave")
    Membership.begin(third, bob.id, "member", 0)
    mine = Membership.find(silent.id, bob.id)
    assert mine
    assert mine.place is None
    mine.list_again()
    expected = [silent.id, third.id, second.id, spoken.id, first.id]
    assert rooms_of(bob) == expected, "new ones go on where the old ones ended"


def test_of_the_version_before_only_rooms_that_are_listed_get_a_place(earlier: str) -> None:
    shown, people = make_room("alice", "bob")
    alice, bob = people["alice"], people["bob"]
    hidden, left = direct_room(alice, bob), make_room("bob", "alice")[0]
    mine = Membership.find(hidden.id, bob.id)
    assert mine
    mine.list_again()[0].hide()
    Membership.begin(left, bob.id, "member", 0)
    membership = Membership.find(left.id, bob.id)
    assert membership
    membership.end()
    database["memberships"].update_many({}, {"$unset": {"place": ""}})
    database["users"].update_many({}, {"$unset": {"places": ""}})
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 4}})
    database.connect(earlier, embedded=IS_EMBEDDED)
    assert rooms_of(bob) == [shown.id]
    records = database["memberships"].find({"user_id": bob.id})
    assert {record["state"]: record["place"] for record in records} == {
        "listed": 1,
        "hidden": None,
        "ended": None,
    }


def test_a_process_that_takes_the_steps_late_undoes_nothing_of_what_another_did_since(
    earlier: str,
) -> None:
    room, people = make_room("alice", "bob")
    bob = people["bob"]
    Message.post(room.id, people["alice"], "c1", "@room")
    other, _ = make_room("carol")
    Membership.begin(other, bob.id, "member", 0)
    mine = Membership.find(room.id, bob.id)
    assert mine
    mine.move_to_front()
    before = rooms_of(bob), places(), list(database["mentions"].find({}))
    migrate(database["meta"].database, 4)
    assert (rooms_of(bob), places(), list(database["mentions"].find({}))) == before
    assert rooms_of(bob) == [room.id, other.id]

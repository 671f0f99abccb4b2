"""Data of an older program opens, and its people find everything as it was."""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.migrations import SCHEMA_VERSION
from chat.models.user import User
from chat.utils.clock import now
from tests.helpers.databases import IS_EMBEDDED


@pytest.fixture
def older_data(own_uri: str) -> dict[str, Id]:
    """Return the people of version 1, by username, in a database of this test's own."""
    database.connect(own_uri, embedded=IS_EMBEDDED)
    users = database["users"]
    users.drop_indexes()  # version 1 knew no skeletons
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
    ids: dict[str, Id] = {}
    for username, display_name in (
        ("owner1", "Ada"),
        ("оwner1", "Bob"),
        ("owner1.", "Carol"),
        ("dora", "Dora"),
        ("erin", "dora"),
        ("frank", "Administrator"),
        ("grace", "Gr\u200bace"),
        ("heidi", "\u202eidieh"),
        ("аdmin", "Ivan"),
    ):
        ids[username] = new_id()
        users.insert_one(
            {
                "_id": ids[username],
                "username": username,
                "username_key": username.casefold(),
                "display_name": display_name,
                "name_keys": [username.casefold()],
                "password_hash": "",
                "is_admin": False,
                "created_at": now(),
            }
        )
    return ids


def test_people_whose_usernames_look_alike_keep_them_and_nobody_can_come_to_look_so(
    older_data: dict[str, Id], own_uri: str
) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    kept = database["meta"].find_one({"_id": "schema"})
    assert kept
    assert kept["version"] == SCHEMA_VERSION
    for username, user_id in older_data.items():
        found = User.find_by_username(username)
        assert found, username
        assert (found.id, found.username) == (user_id, username)
    skeletons = {
        username: (database["users"].find_one({"_id": user_id}) or {})["skeletons"]
        for username, user_id in older_data.items()
    }
    assert skeletons["owner1"] == ["ownerl"], "the oldest has the look for themselves"
    assert skeletons["owner1."] == [f"ownerl\0{older_data['owner1.']}"]
    with pytest.raises(DuplicateKeyError):
        database["users"].insert_one(
            {"_id": new_id(), "username_key": "x", "skeletons": ["ownerl"]}
        )


def test_display_names_that_could_be_taken_for_anothers_show_the_username_from_then_on(
    older_data: dict[str, Id], own_uri: str
) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    users = {username: User.find(user_id) for username, user_id in older_data.items()}
    shown = {username for username, user in users.items() if user and user.shows_username}
    assert shown == {"dora", "erin", "frank", "grace", "heidi"}
    assert not users["erin"].rename("Erin").shows_username  # type: ignore[union-attr]
    assert not User.find(older_data["dora"]).shows_username  # type: ignore[union-attr]


def test_a_migration_that_was_broken_off_goes_on(older_data: dict[str, Id], own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    first = list(database["users"].find().sort("_id"))
    database["users"].update_one(
        {"_id": older_data["dora"]},
        {"$unset": {"skeletons": "", "looks": "", "shows_username": ""}},
    )
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
    database.connect(own_uri, embedded=IS_EMBEDDED)
    assert list(database["users"].find().sort("_id")) == first

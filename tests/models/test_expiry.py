"""What expires is deleted when its time is over, and no index of the database does it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat.models.database import database
from chat.models.database.indexes import INDEXES
from chat.models.document import new_id
from chat.models.expiry import EXPIRY, delete_expired
from chat.models.migrations import SCHEMA_VERSION
from chat.utils.clock import now
from tests.helpers.databases import IS_EMBEDDED


def record(name: str, **fields: object) -> dict[str, object]:
    """Return a record of a collection, which no unique index refuses."""
    unique = [keys for keys, options in INDEXES[name] if options.get("unique")]
    return {field: new_id() for keys in unique for field in keys} | {"_id": new_id()} | fields


def test_what_is_over_is_deleted_and_nothing_else(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    kept = {}
    for name, (field, after) in EXPIRY.items():
        over = record(name, **{field: now() - after - timedelta(seconds=1)})
        young = record(name, **{field: now() - after + timedelta(minutes=5)})
        timeless = record(name)  # a ban without an end
        database[name].insert_many([over, young, timeless])
        kept[name] = {young["_id"], timeless["_id"]}
    delete_expired()
    assert kept == {name: {each["_id"] for each in database[name].find({})} for name in EXPIRY}


@pytest.mark.parametrize("name", EXPIRY)
def test_an_index_finds_what_is_over(name: str) -> None:
    """Otherwise the embedded database reads the whole collection once a minute."""
    assert EXPIRY[name][0] in [fields[0] for fields, _ in INDEXES[name]]


def test_no_index_lets_records_expire_in_new_data_nor_in_older(own_uri: str) -> None:
    """SecantusDB's sweeper reads such collections whole, and holds the page that follows."""
    database.connect(own_uri, embedded=IS_EMBEDDED)
    database["sessions"].drop_index("expires_at_1")
    database["sessions"].create_index("expires_at", expireAfterSeconds=0)
    tomorrow = now() + timedelta(days=1)
    database["sessions"].insert_one({"_id": "of before", "expires_at": tomorrow})
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 8}})
    database.connect(own_uri, embedded=IS_EMBEDDED)
    stored = database["meta"].find_one({"_id": "schema"})
    assert stored
    assert stored["version"] == SCHEMA_VERSION
    for name in INDEXES:
        indexes = list(database[name].list_indexes())
        assert not [index for index in indexes if "expireAfterSeconds" in index], name
    assert "expires_at_1" in [index["name"] for index in database["sessions"].list_indexes()]
    assert database["sessions"].count_documents({}) == 1

"""The version of the stored data: check it, migrate it, and prepare an empty database."""

from __future__ import annotations

import secrets

import pymongo
from pymongo.database import Database as MongoDatabase

from chat.models.database import restore_mark
from chat.models.database.errors import (
    ChatThere,
    DataFromNewerProgram,
    DataFromOlderProgram,
)
from chat.models.database.indexes import create_indexes
from chat.models.database.record import Record
from chat.models.migrations import SCHEMA_VERSION, migrate

START_SECONDS = 120  # building indexes over existing data may take long


def bring_up_to_date(
    mongo: MongoDatabase[Record], *, may_migrate: bool, finishes_restore: bool = False
) -> None:
    """Migrate the data of an earlier program, create the indexes and the chat's own records.

    Raises DataFromNewerProgram, RestoreUnfinished, and DataFromOlderProgram unless `may_migrate`.
    """
    with pymongo.timeout(START_SECONDS):
        restore_mark.refuse_unfinished(mongo, finishes_restore=finishes_restore)
        version = _version_of(mongo)
    if version < SCHEMA_VERSION and not may_migrate:
        raise DataFromOlderProgram
    migrate(mongo, version)
    with pymongo.timeout(START_SECONDS):
        create_indexes(mongo)
        _insert_missing(mongo)


def must_have_no_chat(mongo: MongoDatabase[Record], place: str) -> None:
    """Raise ChatThere unless a database is empty, or its restore was interrupted.

    `place`: how the sentence names the database.
    """
    with pymongo.timeout(START_SECONDS):
        if mongo.list_collection_names() and not restore_mark.is_there(mongo):
            raise ChatThere(
                f"{place} is not empty. Stop the chat, if it runs, and restore the backup into an "
                "empty database."
            )


def is_empty(mongo: MongoDatabase[Record]) -> bool:
    """Return whether the database contains no chat."""
    with pymongo.timeout(START_SECONDS):
        return "meta" not in mongo.list_collection_names()


def instance_of(mongo: MongoDatabase[Record]) -> str:
    """Return the name that distinguishes one chat's database from another's."""
    with pymongo.timeout(START_SECONDS):
        return str((mongo["meta"].find_one({"_id": "instance"}) or {})["name"])


def _version_of(mongo: MongoDatabase[Record]) -> int:
    """Return the version of the data. Raises DataFromNewerProgram."""
    record = mongo["meta"].find_one({"_id": "schema"})
    if record is None:
        return SCHEMA_VERSION
    version = int(record["version"])
    if version > SCHEMA_VERSION:
        raise DataFromNewerProgram(
            f"The data is of version {version}, this program knows {SCHEMA_VERSION}; "
            "start the newer program that wrote it."
        )
    return version


def _insert_missing(mongo: MongoDatabase[Record]) -> None:
    """Insert the version, the instance and the counter of flushes where they are missing."""
    meta = mongo["meta"]
    meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True)
    meta.update_one(
        {"_id": "instance"}, {"$setOnInsert": {"name": secrets.token_hex(8)}}, upsert=True
    )
    meta.update_one({"_id": "flush"}, {"$inc": {"count": 1}}, upsert=True)

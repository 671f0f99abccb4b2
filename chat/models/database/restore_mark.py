"""The mark of a restore: the record `restore` in `meta`, from its beginning to its end.

The chat does not start on a database that a restore has not filled yet.
"""

from __future__ import annotations

from pymongo.database import Database as MongoDatabase

from chat.models.database.errors import RestoreUnfinished
from chat.models.database.record import Record

_THIS = {"_id": "restore"}


def begin(mongo: MongoDatabase[Record], backup_id: str) -> int:
    """Mark a database without a chat. Return how many parts an earlier try of the same stored.

    Raises RestoreUnfinished when another backup is being restored.
    """
    mark = mongo["meta"].find_one(_THIS)
    if mark is None:
        mongo["meta"].insert_one({**_THIS, "backup": backup_id, "parts": 0, "is_loaded": False})
        return 0
    if mark["backup"] != backup_id:
        raise RestoreUnfinished(
            "The restore of another backup was interrupted here: repeat it with that one, or "
            "begin with an empty database."
        )
    return int(mark["parts"])


def move_on(mongo: MongoDatabase[Record], parts: int) -> None:
    """Note that the first `parts` parts are stored."""
    mongo["meta"].update_one(_THIS, {"$set": {"parts": parts}})


def note_loaded(mongo: MongoDatabase[Record]) -> None:
    """Note that all parts are stored, so that the restore can end."""
    mongo["meta"].update_one(_THIS, {"$set": {"is_loaded": True}})


def end(mongo: MongoDatabase[Record]) -> None:
    """Remove the mark."""
    mongo["meta"].delete_one(_THIS)


def is_there(mongo: MongoDatabase[Record]) -> bool:
    """Return whether a restore of this database has begun, and not ended."""
    return mongo["meta"].find_one(_THIS) is not None


def refuse_unfinished(mongo: MongoDatabase[Record], *, finishes_restore: bool) -> None:
    """Raise RestoreUnfinished if a restore has not ended.

    `finishes_restore`: whether this process is to end it, once all parts are stored.
    """
    mark = mongo["meta"].find_one(_THIS)
    if mark and not (mark["is_loaded"] and finishes_restore):
        raise RestoreUnfinished(
            "A backup is only partly restored here: run bin/chat restore again with the same file, "
            "which continues."
        )

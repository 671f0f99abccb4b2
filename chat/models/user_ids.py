"""Ids of new people."""

from __future__ import annotations

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.colours import COLOURS, colour_of


def new_user_id() -> Id:
    """Return an id whose colour none of the people has who registered last.

    So a small team has as many colours as people.
    """
    latest = database["users"].find({}, {"_id": 1}).sort("_id", -1).limit(COLOURS - 1)
    taken = {colour_of(str(record["_id"])) for record in latest}
    while colour_of(str(user_id := new_id())) in taken:
        pass
    return user_id

"""Ids of new people."""

from __future__ import annotations

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.colours import COLOURS, colour_of

_ID = {"_id": "people"}


def new_user_id() -> Id:
    """Return an id whose colour follows that of the person who registered before.

    So a small team has as many colours as people. The colours are counted: to look at who
    registered last would read all people where the embedded database serves.
    """
    database["meta"].update_one(_ID, {"$inc": {"count": 1}}, upsert=True)
    counted = database["meta"].find_one(_ID) or {"count": 0}
    colour = counted["count"] % COLOURS
    while colour_of(str(user_id := new_id())) != colour:
        pass
    return user_id

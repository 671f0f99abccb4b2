"""Who administers the chat, and whose account is active. The chat keeps an active administrator.

One record in `meta` decides, one decision at a time. A conditional write there, under the next
number, decides a change and records it as `pending`; then the person's record follows, and
`pending` is cleared. So no two processes take the last two administrators away. The next decision
first completes what a dead process left. A person's `standing` is the number of the decision that
the record follows, so that a slow process cannot undo later ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.user import User
from chat.utils.errors import AdministratorsOnly, Conflict, NotFound
from chat.utils.translation import _

Changes: TypeAlias = Mapping[str, bool | str | datetime | None]  # field of a person -> value

_ID = {"_id": "administrators"}


def change(user_id: Id, changes: Changes, by: Id | None = None) -> None:
    """Change `is_admin` or `deactivated_at` of a person, or erase them.

    `by`: the administrator who decides; None for an operator, or the person. Raises Forbidden if
    they no longer are one, NotFound for somebody who was erased, Conflict if no active
    administrator would be left.
    """
    while True:
        now = database["meta"].find_one(_ID) or {**_ID, "number": 0, "pending": None}
        if now["pending"]:
            _complete(now)
            continue
        if by is not None and by not in active():
            raise AdministratorsOnly
        if "erased_at" not in changes and _is_erased(user_id):
            raise NotFound(_("There is no such person."))
        if _takes_away(changes) and active() == [user_id]:
            raise Conflict(_("The chat needs an active administrator. Name another one first."))
        next_one: Record = {
            "number": now["number"] + 1,
            "pending": {"user_id": user_id, "changes": dict(changes)},
        }
        if _decide(now["number"], next_one):
            _complete(next_one)
            return


def _takes_away(changes: Changes) -> bool:
    return changes.get("is_admin") is False or changes.get("deactivated_at") is not None


def _is_erased(user_id: Id) -> bool:
    record = database["users"].find_one({"_id": user_id}, {"erased_at": 1}) or {}
    return record.get("erased_at") is not None


def active() -> list[Id]:
    """Return the administrators whose accounts are active."""
    query = {"is_admin": True}
    return [
        record["_id"]
        for record in database["users"].find(query, {"deactivated_at": 1})
        if record.get("deactivated_at") is None
    ]


def _decide(number: int, next_one: Record) -> bool:
    """Write the decision after `number`. Return False if another process decided meanwhile."""
    try:
        changed = database["meta"].update_one(
            {**_ID, "number": number}, {"$set": next_one}, upsert=number == 0
        )
    except DuplicateKeyError:  # another process made the first decision
        return False
    return bool(changed.matched_count or changed.upserted_id)


def _complete(decided: Record) -> None:
    """Let the person's record follow a decision. Any process may do so, and repeat it."""
    number, pending = decided["number"], decided["pending"]
    _follow(pending["user_id"], number, pending["changes"])
    database["meta"].update_one({**_ID, "number": number}, {"$set": {"pending": None}})


def _follow(user_id: Id, number: int, changes: Record) -> None:
    while record := database["users"].find_one({"_id": user_id}, {"standing": 1}):
        standing = record.get("standing")
        if standing is not None and standing >= number:
            break
        changed = database["users"].update_one(
            {"_id": user_id, "standing": standing}, {"$set": {**changes, "standing": number}}
        )
        if changed.matched_count:
            break
    User.forget(user_id)

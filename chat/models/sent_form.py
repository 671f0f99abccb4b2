"""Forms of pages that were sent, and where each led: the same form sent again leads there, too.

A form has a key, which names its page, its person and what it says.
"""

from __future__ import annotations

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.utils.clock import now

ABANDONED_AFTER = timedelta(seconds=60)  # the process that handled it has died


def begin(key: str) -> bool:
    """Begin to handle a form. Return whether nobody else handles it, or has."""
    try:
        database["sent_forms"].insert_one({"_id": key, "at": now(), "led_to": None})
    except DuplicateKeyError:
        abandoned = {"_id": key, "led_to": None, "at": {"$lt": now() - ABANDONED_AFTER}}
        return bool(
            database["sent_forms"].update_one(abandoned, {"$set": {"at": now()}}).modified_count
        )
    return True


def led_to(key: str) -> str | None:
    """Return where a form led; None if it has not yet."""
    record = database["sent_forms"].find_one({"_id": key}) or {}
    address: str | None = record.get("led_to")
    return address


def finish(key: str, address: str) -> None:
    database["sent_forms"].update_one({"_id": key}, {"$set": {"led_to": address}})


def forget(key: str) -> None:
    """Forget a form that was refused: sent again, it is handled again."""
    database["sent_forms"].delete_one({"_id": key})

"""Pins: for each room, a record of the messages that may be pinned, the latest pin last.

A room's log contains every change of its pins, too many entries to read for a list. So each room
has one record, made from the log at the first use. A message is recorded before the log stores the
pin, so that no crash between the two loses the pin. Therefore the record may contain messages that
are not pinned. When the record is full, `note` removes these. Only a message itself says whether it
is pinned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from chat.models.database import database
from chat.models.document import Id
from chat.models.log import PINNED, log_of
from chat.utils.clock import now
from chat.utils.errors import Conflict
from chat.utils.translation import _

MOST_PINS = 200  # of a room
UNDER_WAY = timedelta(minutes=1)  # longer than it takes to store a pin that was just recorded


class Pin(NamedTuple):
    at: datetime
    message_id: Id


def note(room_id: Id, message_id: Id, pinned_among: Callable[[list[Id]], Collection[Id]]) -> None:
    """Record that a message is about to be pinned.

    `pinned_among` gets messages and returns the pinned ones among them. Raises Conflict when the
    room has MOST_PINS pinned messages already.
    """
    noted = [pin for pin in of(room_id) if pin.message_id != message_id]
    if len(noted) >= MOST_PINS:
        pinned = pinned_among([pin.message_id for pin in noted])
        moment = now()
        stale = [
            pin.message_id
            for pin in noted
            if pin.message_id not in pinned and pin.at < moment - UNDER_WAY
        ]
        database["pins"].update_one(
            {"_id": room_id}, {"$pull": {"messages": {"id": {"$in": stale}}}}
        )
        if len(noted) - len(stale) >= MOST_PINS:
            raise Conflict(
                _(
                    "A room holds at most {most} pinned messages. Unpin some first.",
                    most=MOST_PINS,
                )
            )
    others = {"$filter": {"input": "$messages", "cond": {"$ne": ["$$this.id", message_id]}}}
    last = [{"id": message_id, "at": now()}]
    database["pins"].update_one(
        {"_id": room_id}, [{"$set": {"messages": {"$concatArrays": [others, last]}}}]
    )


def of(room_id: Id) -> list[Pin]:
    """Return a room's recorded pins, each message once, the newest first."""
    record = database["pins"].find_one({"_id": room_id})
    if record is None:
        with suppress(DuplicateKeyError):  # another process inserted the record first
            database["pins"].insert_one({"_id": room_id, "messages": _from_log(room_id)})
        record = database["pins"].find_one({"_id": room_id}) or {"messages": []}
    noted = {each["id"]: each["at"] for each in record["messages"]}
    return sorted((Pin(at, message_id) for message_id, at in noted.items()), reverse=True)


def destroy(room_id: Id) -> None:
    """Delete a deleted room's pins."""
    database["pins"].delete_one({"_id": room_id})


def _from_log(room_id: Id) -> list[dict[str, object]]:
    changes = log_of(room_id).of_kind(PINNED, ("message_id", "on", "created_at"))
    latest: dict[Id, dict[str, object]] = {}
    for change in sorted(changes, key=lambda change: change["created_at"]):
        latest.pop(change["message_id"], None)
        if change["on"]:
            latest[change["message_id"]] = {"id": change["message_id"], "at": change["created_at"]}
    return list(latest.values())

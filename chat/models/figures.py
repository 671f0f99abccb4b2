"""Figures of use: how many messages each day has, and on which day each person used the chat last.

Days are those of UTC. Each process counts messages in memory and adds them to the day's record
every few seconds, so a process that is killed loses the last of them. A person's record changes
once a day. So no figure needs a look at all messages or sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from bson import Int64
from pymongo.errors import PyMongoError

from chat.models.database import database
from chat.models.document import Id
from chat.utils import metrics
from chat.utils.clock import now

AHEAD = timedelta(days=2)  # later than every use: the upper end of a range
_messages: Counter[date] = Counter()  # not in the database yet
_noted: dict[date, set[Id]] = {}  # whom this process noted today


def note_message() -> None:
    """Count a message that somebody posted."""
    _messages[now().date()] += 1
    metrics.messages_posted.inc()


def flush() -> None:
    """Add the counted messages to the figures of their days."""
    counted = dict(_messages)
    _messages.clear()
    for day, count in counted.items():
        try:
            database["figures"].update_one(
                {"_id": day.isoformat()}, {"$inc": {"messages": Int64(count)}}, upsert=True
            )
        except PyMongoError:
            _messages[day] += count
            raise


def messages_on(days: Sequence[date]) -> list[int]:
    """Return how many messages people posted on each of some days."""
    query = {"_id": {"$in": [day.isoformat() for day in days]}}
    found = {record["_id"]: int(record["messages"]) for record in database["figures"].find(query)}
    return [found.get(day.isoformat(), 0) + _messages[day] for day in days]


def note_use(user_id: Id) -> None:
    """Note that a person uses the chat today."""
    today = now().date()
    if today not in _noted:
        _noted.clear()
    noted = _noted.setdefault(today, set())
    if user_id not in noted:
        database["users"].update_one({"_id": user_id}, {"$set": {"active_on": _midnight(today)}})
        noted.add(user_id)


def people_since(day: date) -> int:
    """Return how many people used the chat on this day or later."""
    query = {"active_on": {"$gte": _midnight(day), "$lt": now() + AHEAD}}
    return database["users"].count_documents(query)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

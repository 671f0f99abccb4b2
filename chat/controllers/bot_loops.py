"""Slow bots that answer each other."""

from __future__ import annotations

from datetime import timedelta

from chat.controllers import budgets
from chat.models.log import POSTED, log_of
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now

AN_ANSWER_COMES_WITHIN = timedelta(seconds=10)


def charge(author: User, room: Room) -> None:
    """Charge the room for a bot's message that follows another bot's at once.

    Raises RateLimited.
    """
    if not author.is_bot:
        return
    log = log_of(room.id)
    head = log.head().seq
    for record in log.entries(head - 1, head, ("seq", "event", "author_id", "created_at")):
        is_new = now() - record["created_at"] < AN_ANSWER_COMES_WITHIN
        if record["event"] == POSTED and is_new and record["author_id"] != author.id:
            before = User.find(record["author_id"])
            if before and before.is_bot:
                budgets.charge("bot answers", room.id)

"""What retention would delete: asked before a change of its settings, and by operators."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from chat.controllers import current_chat
from chat.controllers.retention import Terms, all_rooms, terms_of
from chat.models import expired_messages
from chat.models.chat_settings import ChatSettings
from chat.models.membership import Membership
from chat.models.retention import Retention
from chat.models.room import Room
from chat.models.user import User

COUNT_SECONDS = 1.5  # for the count of what would go: somebody waits for it


class WouldDelete(NamedTuple):
    """What a change would delete at once. `messages`: at most, because some may be deleted.

    `is_whole`: whether there was time to count in all rooms.
    """

    rooms: int
    messages: int
    is_whole: bool


def would_delete_in(mine: Membership, days: int | None) -> WouldDelete:
    """Return what `choose` would delete."""
    room = replace(mine.room, retention=Retention(days, is_exempt=True))
    return _deleted_in([room], current_chat.find())


def would_delete(person: User, **changes: Any) -> WouldDelete:
    """Return what a change of the chat's settings would delete. Raises Forbidden."""
    person.must("change the chat")
    settings = replace(current_chat.find(), **changes)
    return _deleted_in(all_rooms(), current_chat.with_fixed(settings))


def plan() -> Iterator[tuple[Room, Terms, int]]:
    """Yield each room that has too old messages, what holds for it, and at most how many."""
    settings = current_chat.find()
    for room in all_rooms():
        terms = terms_of(room, settings)
        if (before := terms.cutoff()) and (count := expired_messages.count(room, before)):
            yield room, terms, count


def _deleted_in(rooms: Iterable[Room], settings: ChatSettings) -> WouldDelete:
    until = time.monotonic() + COUNT_SECONDS
    counts: list[int] = []
    for room in rooms:
        if time.monotonic() > until:
            return WouldDelete(len(counts), sum(counts), is_whole=False)
        before = terms_of(room, settings).cutoff()
        if before and (count := expired_messages.count(room, before)):
            counts.append(count)
    return WouldDelete(len(counts), sum(counts), is_whole=True)

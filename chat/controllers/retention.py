"""Retention: delete the messages that are older than the chat, or their room, keeps them.

A room's floor takes the messages from everybody at once; a job erases them afterwards, a few at a
time. docs/decisions/0057-retention.md says why.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chat.controllers import access, audit, broadcasts, current_chat, room_lines
from chat.controllers.one_by_one import for_each
from chat.extensions import socketio
from chat.models import expired_messages, lease, room_changes
from chat.models.audit import actions
from chat.models.chat_settings import ChatSettings
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.lease import Lease
from chat.models.membership import Membership
from chat.models.retention import Retention, cutoff, is_longer
from chat.models.room import Room
from chat.models.search.indexer import IndexBusy
from chat.models.user import User
from chat.utils.chunks import chunks_of
from chat.utils.clock import now
from chat.utils.errors import Unavailable, ValidationFailed
from chat.utils.translation import _

ROOMS_AT_A_TIME = 100
TRIES = 60  # seconds for which a change waits for a run that is under way
LEAST_PAUSE = 0.02  # seconds after each write
PAUSES = 3  # times as long as the write before: the job works a quarter of the time at most

logger = logging.getLogger(__name__)


class Terms(NamedTuple):
    """What holds for a room now. `days`: 0 deletes nothing. `pinned_stay`: at any age."""

    days: int
    pinned_stay: bool

    def cutoff(self) -> datetime | None:
        """Return the moment before which messages are too old; None if none are."""
        return cutoff(self.days, now()) if self.days else None


def terms_of(room: Room, settings: ChatSettings | None = None) -> Terms:
    """Return what holds for a room. `settings`: of the chat, if not the present ones."""
    settings = settings or current_chat.find()
    is_fixed = "retention_days" in current_chat.fixed()
    days = room.retention.within(settings.retention_days, is_fixed=is_fixed)
    return Terms(days, settings.keeps_pinned)


def show(person: User, room_id: str) -> Membership:
    """Return a room, whose `terms_of` its members may know. Raises NotFound."""
    return access.membership(person, room_id).must("read")


def may_choose(person: User, mine: Membership) -> bool:
    """Return whether a person may choose for how long a room of theirs keeps messages."""
    return _as_chosen_by(person, mine).may("choose retention")


def choose(person: User, room_id: str, days: int | None) -> Membership:
    """Choose for how many days a room keeps messages; None follows the chat.

    What is older is gone at once, and comes back by no other choice. Raises NotFound, Forbidden,
    ValidationFailed for longer than the chat, which only administrators may choose.
    """
    mine = access.membership_now(person, room_id)
    _as_chosen_by(person, mine).must("choose retention")
    before = mine.room
    retention = _checked(person, days)
    if retention == before.retention:
        return mine
    room = room_changes.choose_retention(before, retention)
    _raise_floor(room, terms_of(room))
    broadcasts.room_updated(Room.find_now(room.id) or room)
    room_lines.note_retention(person, room)
    audit.note_in_room(
        actions.ROOM_RETENTION,
        person,
        room,
        before=_shown(before.retention.days),
        after=_shown(days),
    )
    keep_soon()
    return access.membership(person, room_id)


def keep_soon() -> None:
    """Delete what a change of a setting made too old, apart from the request."""
    socketio.start_background_task(_keep_in_turn)


def keep_terms() -> int | None:
    """Delete what is too old, in one process at a time. Return how many messages.

    Return None while another process does it.
    """
    held = Lease.acquire(lease.RETENTION)
    if held is None:
        return None
    erased: list[int] = []
    try:
        for_each(
            all_rooms(),
            lambda room: _keep(room, held, erased),
            "a room's old messages could not be deleted",
        )
    finally:
        held.release()
    if sum(erased):
        logger.info("old messages were deleted", extra={"messages": sum(erased)})
    return sum(erased)


def _as_chosen_by(person: User, mine: Membership) -> Membership:
    """Return the membership; an administrator's with what an owner may."""
    return replace(mine, role="owner") if person.may("keep messages for longer") else mine


def _keep_in_turn() -> None:
    """Wait for a run that began before the change, in whichever process, which may have missed it.

    If it takes too long, or the database is away, the job comes to it.
    """
    with suppress(DatabaseError, Unavailable):
        for _try in range(TRIES):
            if keep_terms() is not None:
                return
            socketio.sleep(1)


def _keep(room: Room, held: Lease, erased: list[int]) -> None:
    """Raise a room's floor if it is time, and erase what is below it."""
    terms = terms_of(room)
    done = (terms, now().date())
    if _done.get(room.id) == done:
        return
    if _raise_floor(room, terms):
        broadcasts.room_updated(Room.find_now(room.id) or room)

    def pace(seconds: float) -> None:
        if not held.renew():
            raise _TakenOver
        socketio.sleep(max(LEAST_PAUSE, PAUSES * seconds))

    with suppress(IndexBusy, _TakenOver):  # the next run goes on, or another process
        while (count := expired_messages.erase_some(room.id, pace)) is not None:
            erased.append(count)
        _done[room.id] = done


class _TakenOver(Exception):
    """Another process does the job by now."""


def _raise_floor(room: Room, terms: Terms) -> bool:
    before = terms.cutoff()
    return before is not None and expired_messages.raise_floor(
        room, before, keeps_pinned=terms.pinned_stay
    )


def _checked(person: User, days: int | None) -> Retention:
    """Return the choice, if the person may make it.

    Raises ValidationFailed, SecondFactorMissing.
    """
    of_chat = current_chat.find().retention_days
    if days is None or not is_longer(days, of_chat):
        return Retention(days)
    sentence = ""
    if variable := current_chat.fixed().get("retention_days"):
        sentence = _(
            "{variable} lets no room keep messages for more than {days} days.",
            variable=variable,
            days=of_chat,
        )
    elif not person.may("keep messages for longer"):
        sentence = _(
            "Only administrators let a room keep messages for more than {days} days.",
            days=of_chat,
        )
    if sentence:
        raise ValidationFailed(fields={"days": sentence})
    person.must("keep messages for longer")
    return Retention(days, is_exempt=True)


def all_rooms() -> Iterator[Room]:
    """Yield the rooms of the chat, some at a time."""
    for ids in chunks_of(Room.all_ids(), ROOMS_AT_A_TIME):
        yield from Room.find_many(ids).values()


def _shown(days: int | None) -> str:
    return "" if days is None else str(days)


# room -> what held for it, and the day, when nothing was left to do
_done: dict[Id, tuple[Terms, object]] = {}

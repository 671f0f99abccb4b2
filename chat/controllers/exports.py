"""Export rooms, or what is kept about a person: what is in the file, and what the audit notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from chat import extensions
from chat.controllers import audit, current_chat
from chat.models.audit import actions
from chat.models.export import form, taking
from chat.models.export.account import account
from chat.models.export.own_reading import reading_for
from chat.models.export.progress import Progress
from chat.models.export.room_reading import Pace, RoomReading
from chat.models.export.taking import Order
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now


def take_room(path: Path, room: Room, version: str) -> Iterator[Progress]:
    """Write a room into a new file. Yield after each step, as `taking.take` does.

    `version`: of this program.
    """
    return taking.take(path, order_of_room(room, version))


def take_all(path: Path, version: str) -> Iterator[Progress]:
    """Write all rooms into a new file. Yield after each step, as `taking.take` does."""
    audit.note(actions.CHAT_EXPORTED, None)
    return taking.take(path, Order(_about(version, "all"), Room.all_ids(), _noting(None)))


def take_person(path: Path, user: User, version: str) -> Iterator[Progress]:
    """Write what the chat keeps about a person, and what they wrote, into a new file.

    Yield after each step.
    """
    return taking.take(path, order_of_person(user, version))


def order_of_room(room: Room, version: str, by: User | None = None) -> Order:
    """Return the order of a room. `by`: who asked; None for an operator with a shell."""
    return Order(_about(version, "room", str(room.id), by), [room.id], _noting(by))


def order_of_person(user: User, version: str, by: User | None = None) -> Order:
    """Return the order of what is kept about a person, and note it in the audit.

    The audit has one entry, about the person: their rooms are not read.
    """
    audit.note(actions.ACCOUNT_EXPORTED, by, user_id=user.id)
    about = replace(_about(version, "person", str(user.id), by), account=account(user))
    room_ids = sorted(Membership.all_rooms_of(user.id))

    def read(room: Room, pace: Pace) -> RoomReading:
        return reading_for(room, user.id, pace)

    return Order(about, room_ids, lambda room: None, read)


def _noting(by: User | None) -> Callable[[Room], None]:
    """Return what notes a room before it is read: who reads it must not leave without a trace."""
    return lambda room: audit.note_in_room(actions.ROOM_EXPORTED, by, room)


def _about(version: str, kind: str, of: str = "", by: User | None = None) -> form.About:
    settings = extensions.settings()
    name, asker = current_chat.find().name, by.username if by else None
    return form.About(name, settings.public_url, version, now(), asker, kind, of)

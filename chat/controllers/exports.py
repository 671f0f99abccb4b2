"""Export rooms, or what is kept about a person, for an operator with a shell on the machine."""

from __future__ import annotations

from collections.abc import Iterator
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
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now


def take_room(path: Path, room: Room, version: str) -> Iterator[Progress]:
    """Write a room into a new file. Yield after each step, as `taking.take` does.

    `version`: of this program.
    """
    return taking.take(path, _about(version, "room", str(room.id)), [room.id], _note)


def take_all(path: Path, version: str) -> Iterator[Progress]:
    """Write all rooms into a new file. Yield after each step, as `taking.take` does."""
    audit.note(actions.CHAT_EXPORTED, None)
    return taking.take(path, _about(version, "all"), Room.all_ids(), _note)


def take_person(path: Path, user: User, version: str) -> Iterator[Progress]:
    """Write what the chat keeps about a person, and what they wrote, into a new file.

    The audit has one entry, about the person: their rooms are not read. Yield after each step.
    """
    audit.note(actions.ACCOUNT_EXPORTED, None, user_id=user.id)
    about = replace(_about(version, "person", str(user.id)), account=account(user))
    room_ids = sorted(Membership.all_rooms_of(user.id))

    def read(room: Room, pace: Pace) -> RoomReading:
        return reading_for(room, user.id, pace)

    return taking.take(path, about, room_ids, lambda room: None, read)


def _note(room: Room) -> None:
    """Note it before anything is read: whoever reads the room must not leave without a trace."""
    audit.note_in_room(actions.ROOM_EXPORTED, None, room)


def _about(version: str, kind: str, of: str = "") -> form.About:
    settings = extensions.settings()
    return form.About(current_chat.find().name, settings.public_url, version, now(), None, kind, of)

"""Export rooms into a file, for an operator with a shell on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chat import extensions
from chat.controllers import audit, current_chat
from chat.models.audit import actions
from chat.models.export import form, taking
from chat.models.export.progress import Progress
from chat.models.room import Room
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


def _note(room: Room) -> None:
    """Note it before anything is read: whoever reads the room must not leave without a trace."""
    audit.note_in_room(actions.ROOM_EXPORTED, None, room)


def _about(version: str, kind: str, of: str = "") -> form.About:
    settings = extensions.settings()
    return form.About(current_chat.find().name, settings.public_url, version, now(), None, kind, of)

"""The rooms that everybody joins who gets an account."""

from __future__ import annotations

import logging
from functools import partial

from chat.controllers import current_chat, memberships, rooms
from chat.models.chat_settings import ChatSettings
from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, NotFound, ValidationFailed
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def find(settings: ChatSettings) -> list[Room]:
    """Return the rooms that newcomers join, in the order of the settings.

    A room that is no longer public, or archived, is left out.
    """
    found = Room.find_many(settings.default_room_ids)
    chosen = [found[room_id] for room_id in settings.default_room_ids if room_id in found]
    return [room for room in chosen if _is_open(room)]


def choices(person: User, chosen: list[Room]) -> list[Room]:
    """Return rooms to choose from: those chosen already, and the first public ones by name."""
    public = (room for room, _membership in rooms.browse(person).items)
    return list({room.id: room for room in (*chosen, *public)}.values())


def check(room_ids: list[str]) -> list[Room]:
    """Return these rooms, each once. Raises ValidationFailed unless each is open to everybody."""
    wanted = [each for room_id in dict.fromkeys(room_ids) if (each := id_from(room_id))]
    found = Room.find_many(wanted)
    if not all(room_id in found and _is_open(found[room_id]) for room_id in wanted):
        raise ValidationFailed(
            fields={"default_room_ids": _("Newcomers can only join public rooms.")}
        )
    return [found[room_id] for room_id in wanted]


def join(newcomer: User) -> None:
    """Let a person who has just got an account join the default rooms."""
    for room in find(current_chat.find()):
        try:
            allow = partial(memberships.must_let_in, newcomer)
            memberships.bring_in(room, newcomer, "member", allow, newcomer)
        except (NotFound, Forbidden) as refusal:
            logger.info(
                "a newcomer does not join a default room",
                extra={"room_id": str(room.id), "reason": str(refusal)},
            )


def joined(newcomer: User) -> list[Membership]:
    """Return the memberships of a person in the default rooms, in the order of the settings."""
    rooms = find(current_chat.find())
    by_room = {
        membership.room.id: membership
        for membership in Membership.find_many(newcomer.id, [room.id for room in rooms])
    }
    return [by_room[room.id] for room in rooms if room.id in by_room]


def make_first(admin: User) -> Room | None:
    """Make the room with which a new chat begins, and which belongs to the first administrator.

    Return None where people came before their administrator, and made one.
    """
    try:
        return rooms.create(admin, name=_("general"), kind="public").room
    except Conflict:
        return None


def _is_open(room: Room) -> bool:
    return room.kind == "public" and not room.archived_at

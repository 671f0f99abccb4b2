"""Show public rooms in a list, each with a button that joins it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from chat.controllers import own_bans
from chat.models.membership import Membership
from chat.models.room import Room
from chat.schemas.bans import show_own_ban
from chat.schemas.rooms import show_browsed_rooms


def show_public_rooms(found: Iterable[tuple[Room, Membership | None]]) -> list[dict[str, Any]]:
    """Return RoomViews, each with what keeps the person out.

    `ban`: `{until}` where the person is banned, else None. `was_removed`: by its moderators.
    """
    listed = list(found)
    others = [room for room, mine in listed if mine is None]
    ends = own_bans.ends_among(g.person, others)
    removed = Membership.removed_from(g.person.id, [room.id for room in others])
    return [
        view
        | {
            "ban": show_own_ban(ends[room.id]) if room.id in ends else None,
            "was_removed": room.id in removed,
        }
        for view, (room, _mine) in zip(show_browsed_rooms(listed), listed, strict=True)
    ]

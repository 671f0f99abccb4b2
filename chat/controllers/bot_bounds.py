"""Bound what a bot may do in a room: no more than its owner may there.

Whoever lets a bot act in a room asks here, also at the moment of a decision.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.membership.stored import StoredMembership
from chat.models.permissions import ROLES
from chat.models.user import User
from chat.utils.errors import NotFound
from chat.utils.translation import _

Mine = TypeVar("Mine", bound=StoredMembership)


def bounded(person: User, mine: Membership) -> Membership:
    """Return a membership; a bot's with no more rights than its owner has in the room.

    Raises NotFound for a bot in a private room that its owner is not in.
    """
    if person.owner_id is None or mine.room.kind == "direct":
        return mine
    return _within(mine, Membership.find(mine.room.id, person.owner_id))


def deciding(person: User, now: Decision) -> StoredMembership:
    """Return the person's membership at the moment of a decision, bounded as every other one.

    Raises NotFound.
    """
    mine = now.member(person.id)
    if person.owner_id is None or mine.room.kind == "direct":
        return mine
    owner = None
    with suppress(NotFound):
        owner = now.member(person.owner_id)
    return _within(mine, owner)


def _within(mine: Mine, owner: StoredMembership | None) -> Mine:
    if owner is None and mine.room.kind == "private":
        raise NotFound(_("There is no such room."))
    role = min(mine.role, owner.role if owner else "member", key=ROLES.index)
    mutes = [each.muted_until for each in (mine, owner) if each and each.muted_until]
    return replace(mine, role=role, muted_until=max(mutes, default=None))

"""Block people. A blocked person cannot write to, invite, add or notify the one who blocks."""

from __future__ import annotations

from collections.abc import Iterable

from chat.controllers import access, broadcasts
from chat.models import block as blocks
from chat.models.document import Id
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.utils.errors import Conflict
from chat.utils.translation import _


def block(person: User, user_id: str) -> None:
    """Block somebody. Idempotent. Raises NotFound, Conflict."""
    user = access.user(user_id)
    if user.id == person.id:
        raise Conflict(_("You cannot block yourself."))
    blocks.block(person.id, user.id)
    RoomInvitation.withdraw_of(user.id, person.id)
    broadcasts.block_changed(person.id, user.id)


def unblock(person: User, user_id: str) -> None:
    """Unblock somebody. Idempotent. Raises NotFound."""
    user = access.user(user_id)
    blocks.unblock(person.id, user.id)
    broadcasts.block_changed(person.id, user.id)


def blocked_among(person: User, user_ids: Iterable[Id]) -> set[Id]:
    """Return the people among `user_ids` whom the person blocks."""
    return blocks.blocked_among(person.id, user_ids)


def list_of(person: User) -> list[User]:
    """Return the people whom the person blocks, the latest first."""
    ids = blocks.blocked_by(person.id)
    users = User.find_many(ids)
    return [users[user_id] for user_id in ids if user_id in users]

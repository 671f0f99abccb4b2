"""Show who somebody is: to everybody alike, and in a room that both are in, with the role there."""

from __future__ import annotations

from dataclasses import dataclass

from chat.controllers import access, presence
from chat.models import block, circle
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.errors import NotFound
from chat.utils.translation import _


@dataclass(frozen=True)
class Profile:
    """A person as another person sees them.

    `mine`: the viewer's membership of the room from which they look, if any; `theirs`: the person's
    membership of that room.
    """

    user: User
    status: str  # "online", "away" or "offline", as the viewer may know
    is_blocked: bool  # by the viewer
    mine: Membership | None = None
    theirs: Membership | None = None

    def may(self, verb: str) -> bool:
        """Return whether the viewer may do this to the person in the room."""
        if self.mine is None or self.theirs is None or self.mine.user_id == self.user.id:
            return False
        if verb == "remove members" and self.theirs.role == "owner":
            return self.mine.may("change roles")
        return self.mine.may(verb)


def show(person: User, username: str, room_id: str = "") -> Profile:
    """Return who has this username, in any case. Raises NotFound.

    A room that the viewer is not in is ignored, as if `room_id` were empty.
    """
    user = User.find_by_username(username)
    if user is None:
        raise NotFound(_("There is no such person."))
    mine = _own(person, room_id)
    return Profile(
        user,
        _status(person, user),
        block.is_blocked(person.id, user.id),
        mine,
        mine and Membership.find(mine.room.id, user.id),
    )


def _status(person: User, user: User) -> str:
    """Return somebody's status, which is "offline" to strangers.

    The viewer needs no socket for it, unlike for `presence.seen_by`.
    """
    if user.id not in circle.in_sight_of(person.id, {user.id}):
        return presence.OFFLINE
    return presence.status_of(user.id)


def _own(person: User, room_id: str) -> Membership | None:
    try:
        return access.membership(person, room_id)
    except NotFound:
        return None

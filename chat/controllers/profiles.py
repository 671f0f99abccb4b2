"""Show who somebody is: to everybody alike, and in a room that both are in, with the role there."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.controllers import access, presence
from chat.models import block, circle
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import NotFound
from chat.utils.folding import fold_name
from chat.utils.translation import _

SHOWN_ROOMS = 5
MOST_COMPARED = 500  # rooms, of which the shared ones are named and counted


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
    shared: list[Room] = field(default_factory=list)  # by name, SHOWN_ROOMS at most
    shared_more: int = 0  # rooms that both are in, beyond `shared`
    owner: User | None = None  # of a bot

    def may(self, verb: str) -> bool:
        """Return whether the viewer may do this to the person in the room."""
        if self.mine is None or self.theirs is None or self.mine.user_id == self.user.id:
            return False
        return self.mine.may(verb) and self.mine.reaches(self.theirs.role)


def show(person: User, username: str, room_id: str = "") -> Profile:
    """Return who has this username, in any case. Raises NotFound.

    A room that the viewer is not in is ignored, as if `room_id` were empty.
    """
    user = User.find_by_username(username)
    if user is None:
        raise NotFound(_("There is no such person."))
    mine = _own(person, room_id)
    shared = [] if user.id == person.id else _shared(person, user)
    return Profile(
        user,
        _status(person, user),
        block.is_blocked(person.id, user.id),
        mine,
        mine and Membership.find(mine.room.id, user.id),
        shared[:SHOWN_ROOMS],
        len(shared[SHOWN_ROOMS:]),
        User.find(user.owner_id) if user.owner_id else None,
    )


def _status(person: User, user: User) -> str:
    """Return somebody's status, which is "offline" to strangers.

    The viewer needs no socket for it, unlike for `presence.seen_by`.
    """
    if user.id not in circle.in_sight_of(person.id, {user.id}):
        return presence.OFFLINE
    return presence.status_of(user.id)


def _shared(person: User, user: User) -> list[Room]:
    """Return the rooms that both are in, without direct rooms, by name."""
    own = set(Membership.room_ids_of(person.id))
    ids = [room_id for room_id in Membership.room_ids_of(user.id) if room_id in own]
    rooms = Room.find_many(ids[:MOST_COMPARED]).values()
    named = [room for room in rooms if room.kind != "direct" and not room.archived_at]
    return sorted(named, key=lambda room: fold_name(room.name))


def _own(person: User, room_id: str) -> Membership | None:
    try:
        return access.membership(person, room_id)
    except NotFound:
        return None

"""Choose favourite rooms, which a person finds above all others."""

from __future__ import annotations

from chat.controllers import access, broadcasts, rooms
from chat.controllers.rooms import RoomItem
from chat.models.room_order import favourites_of
from chat.models.user import User


def add(person: User, room_id: str) -> None:
    """Make a room a favourite of the person. Idempotent. Raises NotFound."""
    _choose(person, room_id, favourite=True)


def remove(person: User, room_id: str) -> None:
    """Let a room be no favourite of the person any more. Idempotent. Raises NotFound."""
    _choose(person, room_id, favourite=False)


def sidebar(person: User) -> list[RoomItem]:
    """Return the person's last used rooms, and after them favourites that are not among them."""
    page = rooms.mine(person)
    if page.following is None:
        return list(page.items)
    shown = {membership.room.id for membership, _ in page.items}
    others = [str(room_id) for room_id in favourites_of(person.id) if room_id not in shown]
    return [*page.items, *rooms.mine_of(person, others).items]


def _choose(person: User, room_id: str, *, favourite: bool) -> None:
    mine = access.membership(person, room_id).must("choose favourites")
    broadcasts.own_room_updated(mine.change_favourite(favourite=favourite))

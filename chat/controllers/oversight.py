"""Show administrators the public rooms, and let them see to it that each has an owner.

An administrator may own any public room, too. Of private rooms they learn only how many there are.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chat import extensions
from chat.controllers import access, audit, broadcasts, memberships, room_lines
from chat.models.audit import actions
from chat.models.ban import Ban
from chat.models.document import Id, id_from
from chat.models.log import heads_of, log_of
from chat.models.membership import Membership
from chat.models.membership.decision import Allow, Decision
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Conflict, NotFound
from chat.utils.list_page import ListPage
from chat.utils.translation import _

USUAL_PAGE = 50  # rooms; no page has more
MOST_OWNERS = 10  # of a room, that are shown


class SeenRoom(NamedTuple):
    """A public room: `lacks_owner` says that all its owners are deactivated."""

    room: Room
    members: int
    last_entry_at: datetime | None
    owners: list[User]
    lacks_owner: bool


def page(person: User, *, q: str, after: str) -> ListPage[SeenRoom, str]:
    """Return a page of the public rooms whose name begins with `q`, by name. Raises Forbidden."""
    person.must("look after rooms")
    found = Room.browse(q, after)
    following = found[USUAL_PAGE].name_key if len(found) > USUAL_PAGE else None
    return ListPage(_seen(found[:USUAL_PAGE]), following)


def count_private(person: User) -> int:
    """Return how many private rooms there are, which is all that others know. Raises Forbidden."""
    person.must("look after rooms")
    return Room.count_of("private")


def find(person: User, room_id: str) -> Room:
    """Return a public room. Raises Forbidden, NotFound."""
    person.must("look after rooms")
    found_id = id_from(room_id)
    room = Room.find_now(found_id) if found_id else None
    if room is None or room.kind != "public":
        raise NotFound(_("There is no such room."))
    return room


def give_owner(person: User, room_id: str, user_id: str) -> SeenRoom:
    """Make a member an owner of a public room whose owners are all deactivated.

    An administrator may make themself an owner of any public room, and is then a member as well.
    The room's members see it as a line. Raises Forbidden, NotFound, Conflict.
    """
    room = find(person, room_id)
    user = access.user(user_id)
    if user.id == person.id:
        _lift_own_ban(person, room)
        theirs = memberships.bring_in(room, person, "member", _must_be_public, person).membership
        allow = _must_be_public
    else:
        theirs = _membership_of(user, room)
        allow = _must_lack_owner
    if theirs.role != "owner":
        _make_owner(theirs, user, person, allow)
    return _seen([room])[0]


def _lift_own_ban(person: User, room: Room) -> None:
    # Otherwise an owner could keep out whoever is to mend the room.
    if placed := Ban.of(room.id, person.id):
        placed.lift()
        audit.note_in_room(actions.MEMBER_UNBANNED, person, room, user_id=person.id)


def _membership_of(user: User, room: Room) -> Membership:
    theirs = Membership.find_now(room.id, user.id)
    if theirs is None:
        raise NotFound(_("There is no such person in this room."))
    if not user.is_active:
        raise Conflict(_("This person’s account is deactivated."))
    return theirs


def _make_owner(theirs: Membership, user: User, actor: User, allow: Allow) -> None:
    changed = theirs.change_role("owner", allow)
    broadcasts.own_room_updated(changed)
    broadcasts.member_changed(changed.room, user, "role")
    room_lines.note_owner(changed.room, user, actor)
    audit.note_in_room(
        actions.MEMBER_ROLE, actor, changed.room, user_id=user.id, before=theirs.role, after="owner"
    )


def _must_be_public(now: Decision) -> None:
    if now.room.kind != "public":
        raise NotFound(_("There is no such room."))


def _must_lack_owner(now: Decision) -> None:
    _must_be_public(now)
    room_id = now.room.id
    if any(owner.is_active for owner in _owners([room_id])[room_id]):
        raise Conflict(_("This room has an owner who can look after it."))


def _seen(rooms: list[Room]) -> list[SeenRoom]:
    room_ids = [room.id for room in rooms]
    counts, owners, last = Room.member_counts(room_ids), _owners(room_ids), _last_at(room_ids)
    return [
        SeenRoom(
            room,
            counts.get(room.id, 0),
            last[room.id],
            owners[room.id][:MOST_OWNERS],
            not any(owner.is_active for owner in owners[room.id]),
        )
        for room in rooms
    ]


def _owners(room_ids: list[Id]) -> dict[Id, list[User]]:
    found = Membership.owners_of(room_ids)
    users = User.find_many({user_id for some in found.values() for user_id in some})
    return {
        room_id: [users[user_id] for user_id in found[room_id] if user_id in users]
        for room_id in room_ids
    }


def _last_at(room_ids: list[Id]) -> dict[Id, datetime | None]:
    """Return when somebody last wrote into each room, or changed a message there."""
    heads = heads_of(room_ids, alone=not extensions.settings().redis_url)
    last: dict[Id, datetime | None] = dict.fromkeys(room_ids)
    for room_id, head in heads.items():
        for entry in log_of(room_id).entries(head.seq - 1, head.seq, ("seq", "created_at")):
            last[room_id] = entry["created_at"]
    return last

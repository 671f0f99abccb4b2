"""Invite people by a link: with it they make an account, and join its rooms."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from chat import extensions
from chat.controllers import access, audit, memberships
from chat.models import room_order
from chat.models.audit import actions
from chat.models.document import Id, id_from
from chat.models.invite import USUAL_PAGE, Invite
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.membership.states import REMOVED
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Forbidden, Gone, NotFound
from chat.utils.folding import fold
from chat.utils.list_page import ListPage
from chat.utils.translation import _

logger = logging.getLogger(__name__)


class InviteWithRooms(NamedTuple):
    """An invite, who made it, and those of its rooms that still exist."""

    invite: Invite
    inviter: User
    rooms: list[Room]


def may_invite(person: User) -> bool:
    """Return whether the person may make invites, as INVITES says."""
    return _has_right(person) and not (person.is_admin and person.lacks_second_factor())


def _has_right(person: User) -> bool:
    return person.is_admin or extensions.settings().invites == "members"


def make(
    person: User, *, room_ids: list[str], note: str, max_uses: int | None, expires_in: int
) -> tuple[InviteWithRooms, str]:
    """Make an invite to the chat and some rooms. Return it, and its code.

    `expires_in` is in seconds. Raises NotFound, Forbidden.
    """
    rooms = must_lead_into(person, room_ids)
    invite, code = Invite.make(
        person.id,
        [room.id for room in rooms],
        note=note,
        max_uses=max_uses,
        lasts=timedelta(seconds=expires_in),
    )
    logger.info("an invite was made", extra={"user_id": str(person.id), "invite": str(invite.id)})
    audit.note(actions.INVITE_MADE, person, invite_id=invite.id)
    return InviteWithRooms(invite, person, rooms), code


def must_lead_into(person: User, room_ids: list[str]) -> list[Room]:
    """Return the rooms that an invite of the person may lead into. Raises NotFound, Forbidden."""
    if not may_invite(person):
        raise Forbidden(_("Only administrators invite people here."))
    return [_room_to_share(person, room_id) for room_id in dict.fromkeys(room_ids)]


def rooms_to_share(person: User) -> list[Room]:
    """Return rooms to offer for an invite, by name.

    Those are the rooms that the person used last and may add people to.
    An invite may name others: public rooms, and rooms further behind in the person's list.
    """
    newest = room_order.page_of(person, None, room_order.USUAL_PAGE).items
    offered = [mine.room for mine in newest if mine.may("add members")]
    return sorted(offered, key=lambda room: fold(room.name))


def page(person: User, before: str = "", limit: int = USUAL_PAGE) -> ListPage[InviteWithRooms, str]:
    """Return a page of one's own invites, or of everybody's for an administrator.

    Of private rooms, others' invites name only those that the administrator is in.
    """
    of = None if _looks_after_all(person) else person.id
    found = Invite.page(of, id_from(before), limit)
    return ListPage(_without_secret_rooms(person, _with_rooms(found.items)), found.following)


def revoke(person: User, invite_id: str) -> None:
    """End an invite at once. Raises NotFound."""
    found_id = id_from(invite_id)
    found = Invite.find(found_id) if found_id else None
    may_revoke = found and (found.invited_by == person.id or _looks_after_all(person))
    if found is None or not may_revoke:
        raise NotFound(_("There is no such invite."))
    found.revoke()
    logger.info("an invite was revoked", extra={"user_id": str(person.id), "invite": invite_id})
    of = None if found.invited_by == person.id else found.invited_by
    audit.note(actions.INVITE_REVOKED, person, user_id=of, invite_id=found.id)


def _looks_after_all(person: User) -> bool:
    return person.may("look after invites") and not person.lacks_second_factor()


def show(code: str) -> InviteWithRooms:
    """Return what a link invites to. Raises NotFound, Gone."""
    shown = find(code)
    if shown.invite.is_over:
        raise _over()
    return shown


def use(code: str) -> InviteWithRooms:
    """Use an invite once. Raises NotFound, Gone."""
    shown = find(code)
    if not shown.invite.use():
        raise _over()
    return shown


def accept(person: User, code: str) -> list[Membership]:
    """Join the rooms of an invite, which counts as a use if it led into another room.

    Return the memberships of all its rooms that the person is in now. Raises NotFound, Gone.
    """
    shown = find(code)
    there = joined(person, shown)
    if not shown.rooms:
        show(code)  # it may be over
    if len(there) == len(shown.rooms):
        return there
    used = use(code)
    now = bring_in(person, used)
    if len(now) <= len(there):
        used.invite.give_back()
    return now


def joined(person: User, shown: InviteWithRooms) -> list[Membership]:
    """Return the person's memberships of an invite's rooms, in the order of the invite."""
    found = Membership.find_many(person.id, {room.id for room in shown.rooms})
    by_room = {membership.room.id: membership for membership in found}
    return [by_room[room.id] for room in shown.rooms if room.id in by_room]


def bring_in(person: User, shown: InviteWithRooms) -> list[Membership]:
    """Let a person join the rooms of an invite that was used for them.

    This leaves out rooms to which the one who invited may no longer bring the person.
    """
    for room in shown.rooms:
        allow = partial(_must_let_in, person, shown.inviter.id)
        try:
            memberships.bring_in(room, person, "member", allow, person)
        except (NotFound, Forbidden) as refusal:
            logger.info(
                "an invite does not lead into a room any more",
                extra={"invite": str(shown.invite.id), "reason": str(refusal)},
            )
    return joined(person, shown)


def _must_let_in(person: User, invited_by: Id, now: Decision) -> None:
    if now.room.kind == "public" and now.why_ended(person.id) != REMOVED:
        memberships.must_let_in(person, now)
    else:
        memberships.must_still_bring_in(invited_by, person.id, "member", now)


def _room_to_share(person: User, room_id: str) -> Room:
    room = access.room_to_join(person, room_id)
    if room.kind == "public" and not room.archived_at:
        return room
    return access.membership(person, room_id).must("add members").room


def find(code: str) -> InviteWithRooms:
    """Return an invite, even if it is over. Raises NotFound, Gone if its maker may not invite."""
    found = Invite.of_code(code)
    if found is None:
        raise NotFound(_("This invitation is not valid. Ask for a new link."))
    shown = _with_rooms([found])
    inviter = shown[0].inviter if shown else None
    if inviter is None or not (inviter.is_active and inviter.has_active_owner()):
        raise _over()
    if not _has_right(inviter):
        raise _over()
    return _without_lost_rooms(shown[0])


def _without_lost_rooms(shown: InviteWithRooms) -> InviteWithRooms:
    """Leave out the private rooms to which the one who invited can no longer add people."""
    secret = {room.id for room in shown.rooms if room.kind != "public"}
    theirs = Membership.find_many(shown.inviter.id, secret) if secret else []
    lost = secret - {membership.room.id for membership in theirs if membership.may("add members")}
    return shown._replace(rooms=[room for room in shown.rooms if room.id not in lost])


def _with_rooms(invites: list[Invite]) -> list[InviteWithRooms]:
    people = User.find_many(invite.invited_by for invite in invites)
    rooms = Room.find_many(room_id for invite in invites for room_id in invite.room_ids)
    return [
        InviteWithRooms(
            invite,
            people[invite.invited_by],
            [rooms[room_id] for room_id in invite.room_ids if room_id in rooms],
        )
        for invite in invites
        if invite.invited_by in people
    ]


def _without_secret_rooms(person: User, invites: list[InviteWithRooms]) -> list[InviteWithRooms]:
    secret = {room.id for each in invites for room in each.rooms if room.kind != "public"}
    known = {mine.room.id for mine in Membership.find_many(person.id, secret)}
    return [
        each._replace(rooms=[room for room in each.rooms if room.id not in secret - known])
        for each in invites
    ]


def _over() -> Gone:
    return Gone(_("This invitation is over. Ask for a new link."))

"""Open, hide and show direct rooms. Other people see a new room once somebody posts in it."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from chat.controllers import access, broadcasts, storage, strangers
from chat.models import block
from chat.models.document import Id, id_from
from chat.models.log import POSTED, log_of
from chat.models.membership import Membership
from chat.models.room import MOST_PEOPLE_IN_A_DIRECT_ROOM, Room
from chat.models.user import User
from chat.utils.errors import Forbidden, ValidationFailed
from chat.utils.sentences import N_
from chat.utils.translation import _

NOT_THERE = N_("One of these people does not exist.")


class OpenedRoom(NamedTuple):
    membership: Membership
    is_new: bool


def open_direct(person: User, user_ids: list[str]) -> OpenedRoom:
    """Return the one direct room of exactly these people and the person.

    Raises ValidationFailed, RateLimited, Forbidden, Unavailable on a full disk.
    """
    storage.require_space()
    people = _people(person, user_ids)
    room = Room.find_direct(people)
    is_new = False
    if room is None:
        _must_be_there(people)
        strangers.charge_for_opening(person, people)
        must_be_let(person, people - {person.id})
        room, is_new = Room.direct(people)
    there = {membership.user_id for membership in Membership.within(room)}
    # This is everybody for a new room, or the rest if an earlier call died halfway.
    for user_id in people - there:
        Membership.begin_direct(room, user_id)
    return OpenedRoom(_show(access.membership_now(person, str(room.id))), is_new)


def _must_be_there(people: set[Id]) -> None:
    """Raise ValidationFailed if somebody was erased: nobody begins a conversation with them."""
    if any(user.is_erased for user in User.find_many(people).values()):
        raise ValidationFailed(fields={"user_ids": NOT_THERE})


def hide(person: User, room_id: str) -> None:
    """Hide a direct room from the person's list until somebody posts.

    Raises NotFound, Forbidden.
    """
    mine = access.membership(person, room_id).must("hide")
    log = log_of(mine.room.id)
    head_seq = log.head().seq
    mine = mine.hide()
    broadcasts.room_hidden(mine)
    posts = [
        entry
        for entry in log.entries(head_seq, log.head().seq, ("seq", "event", "author_id"))
        if entry["event"] == POSTED
    ]
    if any(not block.is_blocked(person.id, post["author_id"]) for post in posts):
        _show(mine)  # somebody posted during this call


def show_again(person: User, room_id: str) -> Membership:
    """Show a hidden direct room in the person's list again. Raises NotFound, Forbidden."""
    return _show(access.membership_now(person, room_id).must("hide"))


def must_be_let(author: User, people: Set[Id]) -> None:
    """Raise Forbidden if any of `people`, who must be few, blocks the author, or a bot's owner."""
    answering = {author.id, author.answerable_id}
    if any(block.is_blocked_by_any(people, each) for each in answering):
        raise Forbidden(_("You cannot write to these people."))


def must_reach(author: User, room: Room) -> None:
    """Raise Forbidden if the only other person in a direct room blocks the author."""
    others = [user_id for user_id in room.people if user_id != author.id]
    blocks = (block.is_blocked(others[0], each) for each in (author.id, author.answerable_id))
    if len(others) == 1 and any(blocks):
        raise Forbidden(_("You cannot write in this conversation."))


def appear(author_id: Id, room: Room) -> None:
    """Show a direct room in the lists of its people after a post.

    Do not list the room for people who block the author of the post.
    """
    for membership in Membership.within(room):
        if membership.user_id == author_id and not membership.connects:
            membership = membership.connect()
        if membership.is_listed or not block.is_blocked(membership.user_id, author_id):
            _show(membership)


def _show(membership: Membership) -> Membership:
    if membership.is_listed:
        return membership
    listed, came = membership.list_again()
    if came:
        broadcasts.room_added(listed)
    return listed


def _people(person: User, user_ids: list[str]) -> set[Id]:
    ids = [id_from(text) for text in user_ids]
    wanted = {user_id for user_id in ids if user_id} | {person.id}
    people = [user for user in User.find_many(wanted).values() if not user.is_app]
    if None in ids or len(people) != len(wanted):
        raise ValidationFailed(fields={"user_ids": NOT_THERE})
    if len(wanted) > MOST_PEOPLE_IN_A_DIRECT_ROOM:
        most = _("A direct room holds {most} people at most.", most=MOST_PEOPLE_IN_A_DIRECT_ROOM)
        raise ValidationFailed(fields={"user_ids": most})
    return wanted

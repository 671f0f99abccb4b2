"""Say what an administrator may do about a reported message, beside taking and closing the report.

It is what they may do anyway: a report gives no permission in a room.
"""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access
from chat.controllers.reports import SeenReport
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.user import User
from chat.utils.errors import NotFound


class Remedies(NamedTuple):
    """`seq`: of the message, where the administrator may read its room, else None."""

    seq: int | None
    may_delete: bool  # the message
    may_ban: bool  # its author, from the room
    may_deactivate: bool  # the author's account


def find(person: User, seen: SeenReport) -> Remedies:
    """Return what the person may do about a report."""
    author = seen.people[seen.report.author_id]
    is_other = author.id != person.id and not author.is_erased
    may_deactivate = is_other and author.is_active and person.may("look after people")
    try:
        found = access.message(person, str(seen.report.message_id))
    except NotFound:
        return Remedies(None, may_delete=False, may_ban=False, may_deactivate=may_deactivate)
    return Remedies(
        found.message.seq if found.membership.may("read") else None,
        may_delete=_may_delete(person, found.membership, found.message),
        may_ban=is_other and _may_ban(found.membership, author),
        may_deactivate=may_deactivate,
    )


def _may_delete(person: User, mine: Membership, message: Message) -> bool:
    is_own = message.author.id == person.id
    return not message.deleted_at and mine.may("delete" if is_own else "delete others' messages")


def _may_ban(mine: Membership, author: User) -> bool:
    theirs = Membership.find(mine.room.id, author.id)
    return mine.may("ban") and (theirs is None or mine.reaches(theirs.role))

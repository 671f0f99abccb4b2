"""Erase accounts: of oneself, by an administrator, or by an operator.

The decision is one write. Then the same process does the rest, step after step. Each step may be
repeated: a job, in whichever process is alive, finishes what a crash or a lost database left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from chat.controllers import (
    access,
    audit,
    avatars,
    broadcasts,
    messages,
    passing_on,
    second_factors,
    sessions,
)
from chat.controllers.one_by_one import for_each
from chat.controllers.visitors import Visitor
from chat.extensions import socketio
from chat.models import administrators, email_addresses, erasure, identity, mail_outbox, missed_mail
from chat.models.address_proof import AddressProof
from chat.models.audit import actions
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.prepared_export import PreparedExport
from chat.models.push_subscription import PushSubscription
from chat.models.reminder import Reminder
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden, Unavailable
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def erase_own(person: User, password: str, choice: str, code: str, visitor: Visitor) -> None:
    """Erase the person's own account. `choice`: one of erasure.CHOICES, for their messages.

    Raises ValidationFailed, RateLimited, and Conflict for the last active administrator.
    """
    second_factors.must_prove(person, password, code, visitor)
    _decide(person, choice, actor=person)
    socketio.start_background_task(_take_steps)


def erase(person: User, user_id: str, choice: str) -> None:
    """Erase somebody's account for an administrator. To erase it again may choose otherwise.

    Raises Forbidden, NotFound, Conflict.
    """
    person.must("look after people")
    user = access.user(user_id)
    if user.id == person.id:
        raise Forbidden(_("Delete your own account in your settings."))
    _decide(user, choice, actor=person, by=person)
    socketio.start_background_task(_take_steps)


def erase_for_operator(user: User, choice: str) -> None:
    """Decide the same for somebody with a shell on the machine. Raises Conflict."""
    _decide(user, choice, actor=None)


def finish_erasures() -> int:
    """Do what is left to do for each account that is being erased. Return how many are done."""
    return for_each(erasure.unfinished(), _finish, "an account could not be erased")


def _take_steps() -> None:
    """Do what is left to do, apart from the request; the job does it where this fails."""
    try:
        finish_erasures()
    except (DatabaseError, Unavailable) as error:
        logger.warning("an erasure waits for its job", extra={"reason": str(error)})


def _decide(user: User, choice: str, *, actor: User | None, by: User | None = None) -> None:
    moment = now()
    changes: administrators.Changes = {
        "is_admin": False,
        "deactivated_at": moment,
        "erased_at": moment,
        "erasing": choice,
    }
    administrators.change(user.id, changes, by.id if by else None)
    broadcasts.user_changed(user.id)
    logger.info(
        "an account is erased",
        extra={"user_id": str(user.id), "messages": choice, "by": str(actor and actor.id)},
    )
    audit.note(actions.ACCOUNT_ERASED, actor, user_id=user.id)
    _sign_out(user)


def _finish(decided: tuple[Id, str]) -> bool:
    user_id, choice = decided
    steps = [*STEPS, _delete_messages] if choice == "erase" else STEPS
    for step in steps:
        user = User.find_now(user_id)  # each step gets the person as the one before left them
        if user:
            step(user)
    erasure.finish(user_id, choice)
    logger.info("an account was erased", extra={"user_id": str(user_id)})
    return True


def _sign_out(user: User) -> None:
    sessions.end_all_of(user)
    sessions.close_sockets_of_bots(user)
    ResetLink.forget_of(user.id)


def _remove_avatar(user: User) -> None:
    if user.avatar_id:
        avatars.remove(user)


def _take_names(user: User) -> None:
    before = Membership.of_hidden_too(user.id)
    former = erasure.take_names(user)
    broadcasts.user_updated(former, [membership.room for membership in before])


def _leave_rooms(user: User) -> None:
    leave = partial(passing_on.leave, user)
    for_each(Membership.all_rooms_of(user.id), leave, "an erased person is still in a room")


def _forget_ties(user: User) -> None:
    erasure.forget_ties(user.id)


def _forget_readings(user: User) -> None:
    erasure.forget_readings(user.id)


def _forget_mail(user: User) -> None:
    email_addresses.remove(user.id)
    AddressProof.forget_of(user.id)
    mail_outbox.forget_of(user.id)
    missed_mail.end(user.id)


def _forget_identities(user: User) -> None:
    identity.forget_of(user.id)


def _end_webhooks(user: User) -> None:
    for each in (user, *User.bots_of(user.id)):
        OutgoingWebhook.end_of_person(each.id)


def _end_reminders(user: User) -> None:
    Reminder.end_of_person(user.id)


def _end_exports(user: User) -> None:
    PreparedExport.end_of_person(user.id)


def _end_pushes(user: User) -> None:
    PushSubscription.end_of_person(user.id)


# What an account has, besides messages: a collection that is about people adds a step.
STEPS: list[Callable[[User], None]] = [
    _sign_out,
    _remove_avatar,
    _forget_mail,
    _take_names,
    _leave_rooms,
    _forget_readings,
    _forget_ties,
    _forget_identities,
    _end_webhooks,
    _end_reminders,
    _end_exports,
    _end_pushes,
]


def _delete_messages(user: User) -> None:
    """Delete what a person wrote, and their reactions to what others wrote."""
    for room_id in Membership.all_rooms_of(user.id):
        for_each(
            erasure.messages_of(user.id, room_id),
            partial(messages.erase_traces, user),
            "a message of an erased person could not be deleted",
        )

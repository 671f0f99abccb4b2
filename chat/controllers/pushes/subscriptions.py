"""Subscribe a browser to push messages, list one's browsers, remove one, and try one."""

from __future__ import annotations

from typing import Any

from chat.controllers import budgets
from chat.controllers.pushes import following, notices, programs
from chat.extensions import socketio
from chat.models import push_keys
from chat.models.document import id_from
from chat.models.push_subscription import PushSubscription, Target
from chat.models.session import Session
from chat.models.user import User
from chat.utils import translation
from chat.utils.encryption import CannotOpen
from chat.utils.errors import NotFound
from chat.utils.outward.program import Outcome
from chat.utils.sentences import N_
from chat.utils.translation import _

TEST_LASTS = 300  # seconds for which a push service keeps a test

RESULTS = {  # of a test, each with its sentence
    "sent": N_("Sent. It should appear on that device any moment."),
    "gone": N_("That device can’t be reached any more, so it was removed. Turn it on there again."),
    "unreachable": N_("We couldn’t reach that device’s push service. Try again later."),
    "busy": N_("That device’s push service is busy. Try again later."),
    "refused": N_("That device’s push service refused it. Turn it off and on again there."),
}


def key() -> bytes:
    """Return the key for which browsers subscribe: a point of 65 bytes."""
    return push_keys.application_key()


def add(person: User, session: Session, target: Target) -> PushSubscription:
    """Let this session's browser be reached, or renew how it is reached."""
    stored = PushSubscription.store(person.id, session.id, target, translation.current())
    if Session.find_now(session.id) is None:  # it ended meanwhile, and its subscriptions before
        stored.end()
    following.subscriptions_changed()
    socketio.notify("push", {})
    return stored


def list_of(person: User) -> list[PushSubscription]:
    """Return a person's subscriptions, the one that was used last first."""
    return PushSubscription.of(person.id)


def remove(person: User, subscription_id: str) -> None:
    """End one of the person's subscriptions. Raises NotFound."""
    _own(person, subscription_id).end()


def test(person: User, subscription_id: str) -> Outcome:
    """Send a message to one of the person's browsers, and return what its push service said.

    One that is gone ends. Raises NotFound, RateLimited.
    """
    subscription = _own(person, subscription_id)
    budgets.charge("test push", person.id)
    try:
        target = subscription.target()
    except CannotOpen:
        subscription.end()
        return Outcome(410)
    shown = notices.test_notice(subscription)
    outcome = programs.sender().send_and_wait(
        {
            **vars(target),
            "text": notices.text_of(shown),
            "ttl": TEST_LASTS,
            "urgency": "high",
            "topic": notices.topic(shown["tag"], subscription),
        }
    )
    if outcome.is_gone:
        subscription.end()
    elif outcome.is_delivered:
        PushSubscription.note_used([subscription.id])
    return outcome


def result_of(outcome: Outcome) -> str:
    """Return what happened to a test: one of RESULTS."""
    if outcome.is_delivered:
        return "sent"
    if outcome.is_gone:
        return "gone"
    if outcome.status == 0:
        return "unreachable"
    return "busy" if outcome.is_temporary else "refused"


def handle_notice(_about: dict[str, Any]) -> None:
    """Learn that somebody subscribed through another process."""
    following.subscriptions_changed()


def _own(person: User, subscription_id: str) -> PushSubscription:
    found_id = id_from(subscription_id)
    found = PushSubscription.find(found_id) if found_id else None
    if found is None or found.user_id != person.id:
        raise NotFound(_("There is no such device."))
    return found

"""The job that sends the deliveries that are due, and stores what became of each.

A program of its own seals and sends them (utils/pushing/). What was sent when the process died is
sent again by the next one, under the same Topic and tag, so one notification remains of both.
"""

from __future__ import annotations

import logging
import random
import time
from datetime import timedelta
from typing import NamedTuple

from chat.controllers.pushes import following, notices, programs
from chat.controllers.pushes.messages import Messages
from chat.controllers.pushes.queue import Queue
from chat.extensions import socketio
from chat.models.push_delivery import LASTS, PushDelivery
from chat.models.push_subscription import PushSubscription
from chat.models.session import Session
from chat.models.user import User
from chat.utils import metrics
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.outward.program import NO_ANSWER, Outcome

CHUNK = 50  # deliveries that are prepared together
MANY_UNDER_WAY = 150  # from here on the job waits a moment for answers before it goes on
MOST_UNDER_WAY = 2000  # of services that do not answer, which must not delay those that do
MOST_READ = 20_000  # deliveries in one look
LOOK_SECONDS = 5.0  # between two looks for deliveries that are due again
LONGEST_LOOK_SECONDS = 20.0  # likewise, while others wait here
WAIT_SECONDS = 0.02
LONGEST_WAIT = 0.5
FIRST_DELAY = 10  # seconds, doubled with each try
LONGEST_DELAY = 3600
URGENT = frozenset({"mention", "direct"})

logger = logging.getLogger(__name__)


class Ended(NamedTuple):
    """A delivery that was sent, and the push service's answer."""

    delivery: PushDelivery
    subscription: PushSubscription
    outcome: Outcome


_queue = Queue()
_under_way: set[str] = set()
_ended: list[Ended] = []
_looked = [0.0]


def send_due() -> None:
    """Send what is due, if this process has the lease, and store what became of it."""
    _store_ended()
    is_idle = False
    while following.is_following() and len(_under_way) < MOST_UNDER_WAY and not is_idle:
        _gather()
        began = time.monotonic()
        taken, put_off = _queue.take(CHUNK, began)
        PushDelivery.delay((each.id, timedelta(seconds=pause)) for each, pause in put_off)
        _try(taken)
        is_idle = not taken and not put_off
        if not is_idle:  # half of the time is left to everybody else
            socketio.sleep(time.monotonic() - began)
        _wait_for_answers()
    if not following.is_following():
        _queue.clear()


def _try(deliveries: list[PushDelivery]) -> None:
    """Send some deliveries. Where the database fails, the next look finds them."""
    try:
        if deliveries:
            _send(deliveries)
    except BaseException:
        _queue.forget({each.id for each in deliveries} - _under_way)
        raise


def _gather() -> None:
    """Add what was stored here and, now and then, what is due again or was left by others."""
    found = following.take_stored()
    moment = time.monotonic()
    # What waits for one person's slow services must not keep others' deliveries from being found.
    is_late = moment - _looked[0] > (LONGEST_LOOK_SECONDS if _queue else LOOK_SECONDS)
    if following.take_takeover() or is_late:
        found += PushDelivery.due(MOST_READ)
        _looked[0] = moment
    if surplus := _queue.add(found):
        PushDelivery.end([each.id for each in surplus])


def _wait_for_answers() -> None:
    """Wait while much is under way; not for long, because some services never answer."""
    until = time.monotonic() + LONGEST_WAIT
    _store_ended()
    while len(_under_way) > MANY_UNDER_WAY and time.monotonic() < until:
        socketio.sleep(WAIT_SECONDS)
        _store_ended()


def _send(deliveries: list[PushDelivery]) -> None:
    """Hand over those of some deliveries for which there still is a reason; end the others."""
    subscriptions = PushSubscription.find_many({each.subscription_id for each in deliveries})
    sessions = Session.find_alive({each.session_id for each in subscriptions.values()})
    dead = [each.id for each in subscriptions.values() if each.session_id not in sessions]
    if dead:  # of sessions that nobody used for so long that they ended by themselves
        PushSubscription.end_many(dead)
    users = User.find_many({each.user_id for each in deliveries})
    messages = Messages(deliveries)
    needless: list[str] = []
    for delivery in deliveries:
        subscription = subscriptions.get(delivery.subscription_id)
        user = users.get(delivery.user_id)
        sent = (
            subscription is not None
            and user is not None
            and subscription.user_id == delivery.user_id
            and subscription.id not in dead
            and user.is_active
            and not delivery.is_too_late
            and _hand_over(delivery, subscription, user, messages)
        )
        if not sent:
            needless.append(delivery.id)
    if needless:
        PushDelivery.end(needless)
        _queue.forget(needless)


def _hand_over(
    delivery: PushDelivery, subscription: PushSubscription, user: User, messages: Messages
) -> bool:
    """Give a delivery to the program. Return False if there is no reason for it any more."""
    message = messages.find(delivery)
    membership = messages.membership(delivery)
    if message is None or membership is None or membership.read_seq >= delivery.seq:
        return False
    try:
        target = subscription.target()
    except CannotOpen as error:
        logger.warning("a push subscription does not open", extra={"reason": str(error)})
        return False
    shown = notices.notice(delivery.kind, message, membership, user, subscription.language)
    _under_way.add(delivery.id)
    programs.sender().send(
        {
            **vars(target),
            "text": notices.text_of(shown),
            "ttl": int(LASTS.total_seconds()),
            "urgency": "high" if delivery.kind in URGENT else "normal",
            "topic": notices.topic(shown["tag"], subscription),
        },
        lambda outcome: _ended.append(Ended(delivery, subscription, outcome)),
    )
    return True


def _store_ended() -> None:
    """Store what became of the deliveries that were answered."""
    if not _ended:
        return
    answered = list(_ended)
    _note_silences(answered)
    gone = {each.subscription.id for each in answered if _is_over(each)}
    reached = {
        each.subscription.id
        for each in answered
        if each.outcome.is_delivered and not each.subscription.is_used_lately()
    }
    again = [each for each in answered if each.outcome.is_temporary]
    PushDelivery.end([each.delivery.id for each in answered if not each.outcome.is_temporary])
    PushDelivery.delay((each.delivery.id, _delay(each)) for each in again)
    if gone:
        PushSubscription.end_many(gone)
    if reached:
        PushSubscription.note_used(reached)
    del _ended[: len(answered)]  # not before all of this is stored
    _under_way.difference_update(each.delivery.id for each in answered)
    _queue.forget(each.delivery.id for each in answered)
    _log(answered)


def _note_silences(answered: list[Ended]) -> None:
    for _delivery, subscription, outcome in answered:
        if outcome.said != NO_ANSWER:  # else nobody asked its service
            is_answered = outcome.status != 0
            _queue.silences.note(subscription.id, time.monotonic(), is_answered=is_answered)


def _is_over(ended: Ended) -> bool:
    """Return whether a subscription has ended.

    One that was not reached for a day, in many tries, ends, where the chat reaches others.
    """
    _delivery, subscription, outcome = ended
    reached_at = subscription.used_at or subscription.created_at
    is_lost = _queue.silences.is_lasting(subscription.id) and now() - reached_at > LASTS
    return outcome.is_gone or is_lost


def _delay(ended: Ended) -> timedelta:
    """Return when to try again: as the service asks, or later with each try."""
    seconds = min(LONGEST_DELAY, FIRST_DELAY * 2**ended.delivery.tries)
    seconds = max(ended.outcome.retry_after, int(seconds * (0.5 + random.random() / 2)))  # noqa: S311
    return timedelta(seconds=min(seconds, LASTS.total_seconds()))


def _log(answered: list[Ended]) -> None:
    for each in answered:
        outcome = "put_off" if each.outcome.is_temporary else "given_up"
        metrics.pushes.labels("sent" if each.outcome.is_delivered else outcome).inc()
        if not each.outcome.is_delivered:
            logger.info(
                "a push message was not taken",
                extra={
                    "status": each.outcome.status,
                    "reason": each.outcome.said,
                    "subscription": str(each.subscription.id),
                },
            )

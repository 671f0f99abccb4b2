"""What becomes of a webhook after a try: its cursor moves, it waits, or it is switched off."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import NamedTuple

from chat.controllers import audit, broadcasts
from chat.models import room_line
from chat.models.audit import actions
from chat.models.outgoing_webhook import FAILING, GONE, OutgoingWebhook
from chat.models.room import Room
from chat.models.room_line import RoomLine
from chat.models.user import User
from chat.models.webhook_delivery import MOST, WebhookDelivery
from chat.utils import metrics
from chat.utils.clock import now
from chat.utils.outward.program import Outcome

FIRST_DELAY = 10  # seconds, doubled with each try
LONGEST_DELAY = 2 * 3600
GIVES_UP = timedelta(hours=24)  # without any success
SAYS_GONE = 410

logger = logging.getLogger(__name__)


class Try(NamedTuple):
    """A request that was answered, or not. `seq`: of the entry; None for a test."""

    hook: OutgoingWebhook
    seq: int | None
    event: str
    outcome: Outcome
    took: int  # milliseconds


def take(tried: Try) -> datetime | None:
    """Store what became of the entry behind a webhook's cursor.

    Return when to try again; None if there is nothing more to try of this entry.
    """
    hook, outcome = tried.hook, tried.outcome
    assert tried.seq is not None
    moment = now()
    last = (hook.failing_since or moment) + GIVES_UP
    is_over = outcome.status == SAYS_GONE or moment >= last
    again = outcome.is_delivered or is_over
    next_at = None if again else min(moment + _delay(hook, outcome), last)
    # A first try follows others of its entry where the webhook was off, or a process died.
    looks_at = MOST if hook.tries else 1
    number = WebhookDelivery.next_number(hook.id, tried.seq, looks_at=looks_at)
    note(tried, number, next_at)
    _count(tried, will_try=next_at is not None)
    if outcome.is_delivered:
        hook.advance(tried.seq, is_quick=outcome.is_quick)
    elif next_at is None:
        _switch_off(hook, GONE if outcome.status == SAYS_GONE else FAILING)
    else:
        hook.put_off(next_at, is_quick=outcome.is_quick)
    return next_at


def note(tried: Try, tries: int, next_at: datetime | None = None) -> WebhookDelivery:
    """Store a try. Raises CannotOpen when its room is being deleted."""
    outcome = tried.outcome
    if not outcome.is_delivered:
        about = {"status": outcome.status, "webhook": str(tried.hook.id)}
        logger.info("a webhook was not taken", extra=about)
    return WebhookDelivery.note(
        tried.hook.id,
        tried.hook.room_id,
        seq=tried.seq,
        event=tried.event,
        tries=tries,
        took=tried.took,
        status=outcome.status,
        next_at=next_at,
        said=outcome.said,
    )


def _count(tried: Try, *, will_try: bool) -> None:
    outcome = "put_off" if will_try else "given_up"
    if tried.outcome.is_delivered:
        outcome = "sent"
    metrics.webhook_deliveries.labels(outcome).inc()


def _delay(hook: OutgoingWebhook, outcome: Outcome) -> timedelta:
    """Return when to try again: as the receiver asks, or later with each try."""
    seconds = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(hook.tries, 20))
    spread = int(seconds * (0.75 + random.random() / 4))  # noqa: S311  no secret
    return timedelta(seconds=min(LONGEST_DELAY, max(spread, outcome.retry_after)))


def _switch_off(hook: OutgoingWebhook, why: str) -> None:
    """Switch a webhook off, and tell the room."""
    if not hook.switch_off(why):
        return
    logger.warning("a webhook was switched off", extra={"webhook": str(hook.id), "reason": why})
    if off := OutgoingWebhook.find(hook.id):
        tell(off)


def tell(hook: OutgoingWebhook) -> None:
    """Tell a room that its webhook switched itself off, and note it in the audit. Idempotent.

    A process may die between these steps. Then the next one that delivers does them again.
    """
    if hook.untold is None:
        return
    room, maker = Room.find(hook.room_id), User.find(hook.made_by)
    name = hook.shown().name
    if room and maker:
        audit.note_in_room(
            actions.OUTGOING_WEBHOOK_OFF,
            None,
            room,
            before=hook.untold.why,
            after=name,
            entry_id=hook.untold.id,
        )
        line = RoomLine.note(
            room.id, room_line.WEBHOOK, maker.id, text=name, line_id=hook.untold.id
        )
        broadcasts.line_added(line, [maker])
    hook.note_told()

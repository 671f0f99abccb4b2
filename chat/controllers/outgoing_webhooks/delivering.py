"""The job that delivers to webhooks, in the process that has the lease."""

from __future__ import annotations

import logging
import time

from chat.controllers import room_news
from chat.controllers.outgoing_webhooks.deliverer import RENEW_SECONDS, Deliverer
from chat.extensions import socketio
from chat.models.lease import WEBHOOKS, Lease
from chat.models.outgoing_webhook import OutgoingWebhook

ASK_SECONDS = 5.0  # between two looks whether there are any webhooks
LONGEST_WAIT = 1.0  # after which a call ends, even if there is more to do

logger = logging.getLogger(__name__)

_deliverers: list[Deliverer] = []  # one, in the process that has the lease
_asked = [0.0, 0.0]  # when this process asked for webhooks, and for the lease


def deliver() -> None:
    """Deliver what there is, if this process has the lease or can have it."""
    until = time.monotonic() + LONGEST_WAIT
    while deliverer := _deliverer():
        began = time.thread_time()
        deliverer.store_ended()
        deliverer.learn(room_news.take(room_news.WEBHOOKS))
        deliverer.hand_over()
        if not deliverer.has_more() or time.monotonic() > until:
            return
        socketio.sleep(time.thread_time() - began)  # half of the CPU is left to everybody else
        deliverer.wait()
    room_news.take(room_news.WEBHOOKS)  # another process hears of them, too


def keep() -> None:
    """Keep the lease, however long the work takes: what is sent twice takes longer still."""
    for each in _deliverers:
        each.keep_meanwhile()


def hooks_changed() -> None:
    """Look again which webhooks there are: somebody made or changed one."""
    _asked[:] = [0.0, 0.0]
    for each in _deliverers:
        each.forget_looks()


def stop() -> None:
    """Give the lease back, because this process ends."""
    for each in _deliverers:
        each.lease.release()
    _deliverers.clear()


def _deliverer() -> Deliverer | None:
    """Return what delivers here, with a lease that holds; None if another process delivers."""
    moment = time.monotonic()
    if _deliverers and not _deliverers[0].keep():
        logger.info("another process delivers webhooks now")
        _deliverers.clear()
    if _deliverers:
        return _deliverers[0]
    if moment - _asked[1] < RENEW_SECONDS:
        return None
    if moment - _asked[0] > ASK_SECONDS and not OutgoingWebhook.are_any():
        _asked[:] = [moment, moment + ASK_SECONDS - RENEW_SECONDS]
        return None
    _asked[1] = moment
    if lease := Lease.acquire(WEBHOOKS):
        logger.info("this process delivers webhooks now", extra={"lease": lease.number})
        _deliverers[:] = [Deliverer(lease)]
    return _deliverers[0] if _deliverers else None

"""Test a webhook, list its deliveries, and try one again."""

from __future__ import annotations

import time

from chat.controllers import budgets
from chat.controllers.outgoing_webhooks import hooks, programs, requests, results
from chat.controllers.outgoing_webhooks.hooks import SeenHook
from chat.controllers.outgoing_webhooks.results import Try
from chat.models.document import id_from
from chat.models.log import log_of
from chat.models.room import Room
from chat.models.user import User
from chat.models.webhook_delivery import TEST, WebhookDelivery
from chat.utils.errors import NotFound
from chat.utils.list_page import ListPage
from chat.utils.sentences import N_
from chat.utils.translation import _

RESULTS = {  # of a try, each with its sentence
    "delivered": N_("Delivered."),
    "redirected": N_("The server answered with a redirect, which we don’t follow."),
    "gone": N_("The server says that it is gone for good."),
    "refused": N_("The server refused it."),
    "failed": N_("The server had an error."),
    "forbidden": N_("The address leads into a private network, to which the chat sends nothing."),
    "late": N_("The server didn’t answer within 5 seconds."),
    "unknown": N_("The name of the server was not found."),
    "unresolved": N_("We couldn’t find the address of the server within 5 seconds."),
    "closed": N_("Nothing listens at this address: the connection was refused."),
    "untrusted": N_("The certificate of the server is not valid."),
    "unreachable": N_("We couldn’t reach the server."),
}

WITHOUT_ANSWER = {  # by the class of the exception
    "Forbidden": "forbidden",
    "TimeoutError": "late",
    "gaierror": "unknown",
    "NoNameServer": "unresolved",
    "ConnectionRefusedError": "closed",
    "SSLCertVerificationError": "untrusted",
}


def result_of(delivery: WebhookDelivery) -> str:
    """Return what happened: one of RESULTS."""
    status = delivery.status
    if status == 0:
        problem = delivery.said.partition(":")[0]
        return WITHOUT_ANSWER.get(problem, "unreachable")
    if delivery.is_delivered:
        return "delivered"
    if status < 400:
        return "redirected"
    if status == results.SAYS_GONE:
        return "gone"
    return "refused" if status < 500 else "failed"


def page(
    person: User, hook_id: str, before: str | None = None
) -> tuple[SeenHook, Room, ListPage[WebhookDelivery, str]]:
    """Return a webhook, its room, and a page of its tries, the latest first.

    Raises NotFound, Forbidden.
    """
    seen, room = hooks.find(person, hook_id)
    return seen, room, WebhookDelivery.page(seen.hook.id, id_from(before))


def test(person: User, room_id: str, hook_id: str) -> WebhookDelivery:
    """Send a request that is about no entry, and return what its receiver said.

    Raises NotFound, Forbidden, RateLimited.
    """
    seen, _room = hooks.find(person, hook_id, room_id)
    return _try(person, seen, requests.of_test(seen.hook), None, TEST, 1)


def retry(person: User, hook_id: str, delivery_id: str) -> WebhookDelivery:
    """Send once more what a delivery was about, and return what its receiver said.

    Raises NotFound, Forbidden, RateLimited.
    """
    seen, room = hooks.find(person, hook_id)
    found_id = id_from(delivery_id)
    earlier = WebhookDelivery.find(found_id) if found_id else None
    if earlier is None or earlier.hook_id != seen.hook.id:
        raise NotFound(_("There is no such delivery."))
    if earlier.seq is None:
        return _try(person, seen, requests.of_test(seen.hook), None, TEST, 1)
    (record,) = log_of(room.id).entries(earlier.seq - 1, earlier.seq)
    request = requests.of_entry(seen.hook, record)
    number = WebhookDelivery.next_number(seen.hook.id, earlier.seq)
    return _try(person, seen, request, earlier.seq, earlier.event, number)


def _try(
    person: User,
    seen: SeenHook,
    request: requests.Request,
    seq: int | None,
    event: str,
    tries: int,
) -> WebhookDelivery:
    budgets.charge("try webhooks", person.answerable_id)
    began = time.monotonic()
    outcome = programs.sender().send_and_wait(request)
    took = int((time.monotonic() - began) * 1000)
    noted = results.note(Try(seen.hook, seq, event, outcome, took), tries)
    if noted.is_delivered:
        hooks.try_now(seen.hook)
    return noted

"""Follow the rooms' logs, and deliver their entries to webhooks, as the one process that does.

The logs themselves say what there is to do: each webhook has a cursor, which moves once its
receiver took an entry. What was sent when the process died is sent again by the next one, under the
same id. A webhook has one request under way at a time, so it gets its room's entries in order, and
no other webhook waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from chat import extensions
from chat.controllers.one_by_one import for_each
from chat.controllers.outgoing_webhooks import programs, requests, results
from chat.controllers.outgoing_webhooks.results import Try
from chat.models.database import Record
from chat.models.document import Id
from chat.models.lease import Lease
from chat.models.log import log_of
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.peers.active_rooms import active_anywhere, active_here
from chat.models.webhook_delivery import WebhookDelivery
from chat.models.webhook_standing import BEGINNING, Standing, changed_since
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.outward.program import NO_ANSWER, Outcome

RENEW_SECONDS = 0.3  # between two renewals of the lease
STUCK_SECONDS = 5.0  # of work on one webhook, after which another process may take over
LOOK_SECONDS = 2.0  # between two looks for rooms and webhooks of which nobody told this process
WAIT_SECONDS = 0.02
CHUNK = 50  # webhooks that are read together
STEP = 20  # entries in one query
SKIPPED = 100  # entries that no delivery stores the cursor behind
MARGIN = timedelta(seconds=60)  # by which clocks of processes may differ
PAUSE = timedelta(seconds=1)  # after the program that sends ended
FORGET_EVERY = 50  # deliveries of a webhook between two looks for old ones

logger = logging.getLogger(__name__)


class Deliverer:
    """What this process knows as the one that delivers."""

    def __init__(self, lease: Lease):
        self.lease = lease
        self._renewed = self._worked = time.monotonic()
        self._looked = float("-inf")
        self._seen = BEGINNING  # until when it knows the changes of webhooks
        self._rooms: dict[Id, set[Id]] = {}  # room -> its webhooks that are on
        self._room_of: dict[Id, Id] = {}
        self._untold: set[Id] = set()  # webhooks that are off, which their rooms may not know
        self._ready: dict[Id, None] = {}  # webhooks with something to deliver, as far as is known
        self._resting: dict[Id, datetime] = {}  # webhooks that wait for their next try
        self._passed: dict[Id, int] = {}  # entries that a webhook does not want
        self._noted: dict[Id, int] = {}
        self._since: dict[Id, float] = {}  # when what a webhook still waits for was due
        self.under_way: dict[Id, float] = {}
        self.ended: list[Try] = []
        self._answered = threading.Event()

    def keep(self) -> bool:
        """Renew the lease when it is time. Return False if another process has it by now."""
        self._worked = time.monotonic()
        return self._renew()

    def keep_meanwhile(self) -> None:
        """Renew the lease for work that takes long, as with a slow database, and is not stuck."""
        if time.monotonic() - self._worked < STUCK_SECONDS:
            self._renew()

    def _renew(self) -> bool:
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        if not self.lease.renew():
            return False
        self._renewed = time.monotonic()
        return True

    def forget_looks(self) -> None:
        self._looked = float("-inf")

    def learn(self, news: list[Id]) -> None:
        """Note what there may be to deliver. `news`: rooms, which a DatabaseError does not lose."""
        self._note(news)
        if time.monotonic() - self._looked > LOOK_SECONDS:
            began = now()
            for standing in changed_since(self._seen):
                self._take(standing)
            self._note(active_here())
            if extensions.settings().redis_url:
                self._note(active_anywhere())
            self._seen = began - MARGIN
            self._looked = time.monotonic()
            self._tell()
        for hook_id in [each for each, due_at in self._resting.items() if due_at <= now()]:
            del self._resting[hook_id]
            self._ready[hook_id] = None

    def _tell(self) -> None:
        """Tell rooms what a process that died meanwhile, or a database that failed, did not."""
        found = OutgoingWebhook.find_many(self._untold) if self._untold else {}
        for hook_id in list(self._untold):
            if hook := found.get(hook_id):
                for_each([hook], results.tell, "a room could not be told of its webhook")
            self._untold.discard(hook_id)

    def _note(self, rooms: list[Id]) -> None:
        for room_id in rooms:
            self._ready.update(dict.fromkeys(self._rooms.get(room_id, ())))

    def hand_over(self) -> None:
        """Begin to deliver to every webhook that is ready, if it has nothing under way."""
        free = [each for each in self._ready if each not in self.under_way]
        for hook_id in [each for each in free if each in self._resting]:
            del self._ready[hook_id]
        chosen = [each for each in free if each in self._ready][:CHUNK]
        found = OutgoingWebhook.find_many(chosen) if chosen else {}
        for hook_id in chosen:
            if not self.keep():
                return
            del self._ready[hook_id]
            try:
                self._look_at(hook_id, found.get(hook_id))
            except BaseException:
                self._ready[hook_id] = None
                raise

    def store_ended(self) -> None:
        """Store what became of the requests that were answered."""
        while self.ended and self.keep():
            tried = self.ended[0]
            for_each([tried], self._store, "the result of a webhook could not be stored")
            self.ended.pop(0)
            del self.under_way[tried.hook.id]

    def has_more(self) -> bool:
        return bool(self.under_way) or bool(self._ready)

    def wait(self) -> None:
        """Wait for an answer, but not for long: there may be news of other webhooks."""
        self._answered.wait(WAIT_SECONDS)
        self._answered.clear()

    def _look_at(self, hook_id: Id, hook: OutgoingWebhook | None) -> None:
        if hook is None or not hook.is_on:
            self._forget(hook_id)
        elif hook.due_at and hook.due_at > now():
            self._resting[hook_id] = hook.due_at
        else:
            for_each([hook], self._begin, "a webhook could not be delivered")

    def _store(self, tried: Try) -> None:
        hook = tried.hook
        if tried.outcome.said == NO_ANSWER:  # so nobody asked its receiver
            self._resting[hook.id] = now() + PAUSE
            return
        self._since.pop(hook.id, None)
        if due_at := results.take(tried):
            self._resting[hook.id] = due_at
        else:
            self._ready[hook.id] = None
        noted = self._noted.get(hook.id, 0) + 1
        self._noted[hook.id] = noted % FORGET_EVERY
        if noted >= FORGET_EVERY:
            WebhookDelivery.forget_old(hook.id)

    def _take(self, standing: Standing) -> None:
        if standing.is_untold:
            self._untold.add(standing.id)
        if not standing.is_on:
            self._forget(standing.id)
            return
        is_new = standing.id not in self._room_of
        self._room_of[standing.id] = standing.room_id
        self._rooms.setdefault(standing.room_id, set()).add(standing.id)
        if is_new or standing.due_at is None:
            self._resting.pop(standing.id, None)
            self._ready[standing.id] = None

    def _forget(self, hook_id: Id) -> None:
        room_id = self._room_of.pop(hook_id, None)
        if room_id and (others := self._rooms.get(room_id)):
            others.discard(hook_id)
        for known in (self._ready, self._resting, self._passed, self._noted, self._since):
            known.pop(hook_id, None)

    def _begin(self, hook: OutgoingWebhook) -> None:
        """Send the next entry that a webhook wants, if there is one.

        Raises CannotOpen, NotFound when the webhook does not open, or its room is gone.
        """
        hook.opened()
        while record := self._next(hook):
            try:
                request = requests.of_entry(hook, record)
            except CannotOpen as error:  # a damaged message must not stop those after it
                logger.warning("an entry is not delivered", extra={"reason": str(error)})
                self._passed[hook.id] = record["seq"]
            else:
                self._send(hook, record, request)
                return

    def _next(self, hook: OutgoingWebhook) -> Record | None:
        """Return the next entry that a webhook wants."""
        log = log_of(hook.room_id)
        alone = not extensions.settings().redis_url
        head = ((log.known_head() if alone else None) or log.head()).seq
        after = max(hook.after, self._passed.get(hook.id, 0))
        step = 1  # most webhooks want the very next entry
        while after < head:
            for record in log.entries(after, min(after + step, head)):
                if record["event"] in hook.events:
                    return record
                self._passed[hook.id] = record["seq"]
            after, step = after + step, STEP
        if self._passed.get(hook.id, 0) - hook.after > SKIPPED:
            hook.advance(self._passed.pop(hook.id), is_quick=hook.is_quick)
        return None

    def _send(self, hook: OutgoingWebhook, record: Record, request: requests.Request) -> None:
        began = self.under_way[hook.id] = time.monotonic()
        since = self._since.setdefault(hook.id, began)  # it keeps its turn if nobody asks in time

        def done(outcome: Outcome) -> None:
            took = int((time.monotonic() - began) * 1000)
            self.ended.append(Try(hook, record["seq"], record["event"], outcome, took))
            self._answered.set()

        programs.sender().send(request | {"since": since}, done)

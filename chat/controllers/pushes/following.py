"""The job that follows the rooms' logs, and stores whom each posted message is to be pushed to.

The logs themselves say what there is to do: the lease has the moment up to which everything is
handled, and this process's cursors the seq of each room. A process that takes over begins a minute
before that moment. What it decides again is known by its id, so no crash skips a message, and none
is stored twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from chat import extensions
from chat.controllers import room_news
from chat.controllers.one_by_one import for_each
from chat.controllers.pushes.calling import calls_of
from chat.models.database import Record
from chat.models.document import Id
from chat.models.lease import PUSHES, Lease
from chat.models.log import POSTED, log_of
from chat.models.log.posted_since import rooms_posted_in
from chat.models.peers.active_rooms import active_anywhere, active_here
from chat.models.push_delivery import PushDelivery
from chat.models.push_subscription import PushSubscription
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable

# A message is stored at most so long after it got its time; this includes how clocks differ.
MARGIN = timedelta(seconds=60)
OLDEST = timedelta(hours=24)  # nobody is called by older messages
RENEW_SECONDS = 0.3  # between two renewals of the lease
LOOK_SECONDS = 2.0  # between two looks for rooms of which nobody told this process
ASK_SECONDS = 5.0  # between two looks whether there are any subscriptions
READ_SECONDS = 5.0  # after which it asks for new subscribers, unless a notice came
STEP = 100  # entries in one query
MOST_CURSORS = 20_000

logger = logging.getLogger(__name__)


class LeaseLost(Unavailable):
    """Another process follows by now."""


class Follower:
    """What this process knows as the one that follows."""

    def __init__(self, lease: Lease):
        self.lease = lease
        self._renewed = time.monotonic()
        self.looked = 0.0
        self.handled_to: datetime | None = None  # since the last renewal
        self._cursors: dict[Id, int] = {}
        self._newest = now()
        self._subscribers = PushSubscription.subscribers()
        self._read_at = time.monotonic()
        earliest = min(self._subscribers.values(), default=now())
        self.since = max(lease.followed_to - MARGIN, now() - OLDEST, earliest)
        self._waiting = dict.fromkeys(rooms_posted_in(self.since))

    def forget_subscribers(self) -> None:
        self._read_at = 0.0

    def follow(self, rooms: Iterable[Id]) -> None:
        """Store what is to be delivered of the news in some rooms."""
        self._waiting.update(dict.fromkeys(rooms))
        if self._waiting and time.monotonic() - self._read_at > READ_SECONDS:
            self._read_newcomers()
        for room_id in list(self._waiting):
            for_each([room_id], self._follow, "the news of a room could not be pushed")
            del self._waiting[room_id]

    def _read_newcomers(self) -> None:
        """Learn who subscribed since the last time. Who did not stay costs nothing."""
        moment = now()
        newcomers = PushSubscription.subscribers(self._newest - MARGIN)
        self._subscribers = newcomers | self._subscribers
        self._newest = moment
        self._read_at = time.monotonic()

    def keep(self) -> bool:
        """Renew the lease when it is time. Return False if another process has it by now."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        if not self.lease.renew(self.handled_to):
            return False
        self._renewed = time.monotonic()
        self.handled_to = None
        return True

    def _follow(self, room_id: Id) -> None:
        log = log_of(room_id)
        alone = not extensions.settings().redis_url
        head = ((log.known_head() if alone else None) or log.head()).seq
        after = self._cursors.pop(room_id, None)
        if after is None:
            after = self._beginning(room_id, head)
        for low in range(after, head, STEP):
            high = min(low + STEP, head)
            for record in log.entries(low, high):
                if record["event"] == POSTED and record["created_at"] >= self.since:
                    self._store(record)
        self._cursors[room_id] = head
        while len(self._cursors) > MOST_CURSORS:
            del self._cursors[next(iter(self._cursors))]

    def _beginning(self, room_id: Id, head: int) -> int:
        """Return a seq before everything that was posted in a room since this process follows."""
        low = head
        while low > 0:
            low = max(0, low - STEP)
            first = log_of(room_id).entries(low, low + 1, ("seq", "created_at"))
            if first and first[0]["created_at"] < self.since:
                break
        return low

    def _store(self, record: Record) -> None:
        """Store the deliveries of one posted entry. Raises DatabaseError, LeaseLost."""
        try:
            for calls in calls_of(record, self._subscribers.keys()):
                self._store_some(record, {call.user_id: call.kind for call in calls})
        except CannotOpen as error:  # a damaged message must not stop those after it
            logger.warning("a message could not be pushed", extra={"reason": str(error)})

    def _store_some(self, record: Record, kinds: dict[Id, str]) -> None:
        began = time.monotonic()
        if not self.keep():
            raise LeaseLost(reason="another process follows")
        posted_at = record["created_at"]
        _stored.extend(
            PushDelivery.store(
                PushDelivery.of(each, kinds[each.user_id], record)
                for each in PushSubscription.of_many(kinds)
                if each.created_at <= posted_at
            )
        )
        # Of a message that calls thousands, half of the time is left to everybody else.
        extensions.socketio.sleep(time.monotonic() - began)


_followers: list[Follower] = []  # one, in the process that has the lease
_stored: list[PushDelivery] = []  # since somebody asked for them
_took_over = [False]  # and nobody asked since
_asked = [0.0, 0.0]  # when this process asked for subscriptions, and for the lease


def follow() -> None:
    """Follow the rooms' logs, if this process has the lease or can have it."""
    news = room_news.take(room_news.PUSHES)
    follower = _follower()
    if follower is None:
        return
    began = now()
    looks = time.monotonic() - follower.looked > LOOK_SECONDS
    if looks:
        news += active_here()
        if extensions.settings().redis_url:
            news += active_anywhere()
        follower.looked = time.monotonic()
    try:
        follower.follow(news)
    except LeaseLost:
        return  # the next call finds that out, too
    if looks:  # whatever was committed before is handled: its room was among these
        follower.handled_to = began


def is_following() -> bool:
    """Return whether this process has the lease, as far as it knows."""
    return bool(_followers)


def take_stored() -> list[PushDelivery]:
    """Return the deliveries that were stored since the last call."""
    stored, _stored[:] = list(_stored), []
    return stored


def take_takeover() -> bool:
    """Return whether this process took over since the last call: others left something to do."""
    took_over, _took_over[0] = _took_over[0], False
    return took_over


def subscriptions_changed() -> None:
    """Ask again who has subscriptions: somebody got one."""
    _asked[:] = [0.0, 0.0]
    for each in _followers:
        each.forget_subscribers()


def stop() -> None:
    """Give the lease back, because this process ends."""
    for each in _followers:
        each.lease.renew(each.handled_to)
        each.lease.release()
    _followers.clear()


def _follower() -> Follower | None:
    """Return what follows here, with a lease that holds; None if another process follows."""
    moment = time.monotonic()
    if _followers:
        return _kept(_followers[0])
    if moment - _asked[1] < RENEW_SECONDS:
        return None
    if moment - _asked[0] > ASK_SECONDS and not PushSubscription.are_any():
        _asked[:] = [moment, moment + ASK_SECONDS - RENEW_SECONDS]
        return None
    _asked[1] = moment
    lease = Lease.acquire(PUSHES)
    if lease:
        logger.info("this process sends push messages now", extra={"lease": lease.number})
        _followers[:] = [Follower(lease)]
        _took_over[0] = True
    return _followers[0] if _followers else None


def _kept(follower: Follower) -> Follower | None:
    if follower.keep():
        return follower
    logger.info("another process sends push messages now")
    _followers.clear()
    _stored.clear()
    return None

"""Which deliveries are sent next: people take turns, and nobody fills what is under way.

An address of a subscription is chosen by its person, and may answer slowly, or never. Such a one
has one try at a time, with growing pauses, while its deliveries wait in the database.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from chat.models.document import Id
from chat.models.push_delivery import PushDelivery

PER_PERSON = 5  # deliveries under way at once
MOST_WAITING = 500  # of a person; older ones end
FIRST_PAUSE = 10.0  # seconds, doubled with each try that was not answered
LONGEST_PAUSE = 300.0
MOST_FAILURES = 8  # tries in a row without an answer, until a subscription may end
MOST_SILENT = 50_000  # subscriptions that are remembered


@dataclass(frozen=True)
class Silence:
    """A subscription whose service did not answer. `since`, `until`: monotonic times."""

    failures: int
    since: float
    until: float


class Silences:
    """Which subscriptions' services do not answer, as this process knows."""

    def __init__(self) -> None:
        self._silent: dict[Id, Silence] = {}
        self._answered = float("-inf")  # when any service did

    def note(self, subscription_id: Id, moment: float, *, is_answered: bool) -> None:
        before = self._silent.get(subscription_id)
        if is_answered:
            self._silent.pop(subscription_id, None)
            self._answered = moment
            return
        if before and moment < before.until:
            return  # a try that began before the pause
        failures = before.failures + 1 if before else 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
        since = before.since if before else moment
        self._silent[subscription_id] = Silence(failures, since, moment + pause)
        while len(self._silent) > MOST_SILENT:
            del self._silent[next(iter(self._silent))]

    def find(self, subscription_id: Id) -> Silence | None:
        return self._silent.get(subscription_id)

    def is_lasting(self, subscription_id: Id) -> bool:
        """Return whether it failed so often in a row, while the chat could reach others."""
        found = self._silent.get(subscription_id)
        return bool(found and found.failures >= MOST_FAILURES and found.since < self._answered)


class Queue:
    """The deliveries that wait in this process, or are under way."""

    def __init__(self) -> None:
        self.silences = Silences()
        self._waiting: dict[Id, deque[PushDelivery]] = {}  # by person, whose turn is next: first
        self._taken: dict[str, PushDelivery] = {}
        self._known: set[str] = set()
        self._of_person: Counter[Id] = Counter()  # what was taken
        self._of_subscription: Counter[Id] = Counter()

    def add(self, deliveries: Iterable[PushDelivery]) -> list[PushDelivery]:
        """Add those that are not known. Return those for which there is no room."""
        surplus = []
        for each in deliveries:
            if each.id in self._known:
                continue
            self._known.add(each.id)
            waiting = self._waiting.setdefault(each.user_id, deque())
            waiting.append(each)
            if len(waiting) > MOST_WAITING:
                surplus.append(waiting.popleft())
        self._known.difference_update(each.id for each in surplus)
        return surplus

    def take(
        self, most: int, moment: float
    ) -> tuple[list[PushDelivery], list[tuple[PushDelivery, float]]]:
        """Return some to send, and some to try again after so many seconds."""
        taken: list[PushDelivery] = []
        put_off: list[tuple[PushDelivery, float]] = []
        ready = deque(self._waiting)
        while ready and len(taken) + len(put_off) < most:
            person = ready.popleft()
            waiting = self._waiting.pop(person)
            if self._of_person[person] < PER_PERSON:
                delivery = waiting.popleft()
                ready.extend([person] if waiting else [])
                if pause := self._pause(delivery, moment):
                    put_off.append((delivery, pause))
                    self._known.discard(delivery.id)
                else:
                    taken.append(delivery)
                    self._begin(delivery)
            if waiting:
                self._waiting[person] = waiting
        return taken, put_off

    def forget(self, delivery_ids: Iterable[str]) -> None:
        """Forget deliveries that have ended, or that the next look is to find again."""
        for each in delivery_ids:
            self._known.discard(each)
            if delivery := self._taken.pop(each, None):
                self._of_person[delivery.user_id] -= 1
                self._of_subscription[delivery.subscription_id] -= 1
        self._of_person = +self._of_person
        self._of_subscription = +self._of_subscription

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._known = set(self._taken)

    def _begin(self, delivery: PushDelivery) -> None:
        self._taken[delivery.id] = delivery
        self._of_person[delivery.user_id] += 1
        self._of_subscription[delivery.subscription_id] += 1

    def _pause(self, delivery: PushDelivery, moment: float) -> float:
        """Return for how long to put a delivery off, because its service does not answer."""
        silence = self.silences.find(delivery.subscription_id)
        if silence is None:
            return 0.0
        is_tried = self._of_subscription[delivery.subscription_id] > 0
        return max(silence.until - moment, FIRST_PAUSE if is_tried else 0.0)

"""A bounded queue for jobs that need a whole CPU: people's jobs alternate, however many one has."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from chat.utils.errors import ClientGone, RateLimited
from chat.utils.latch import Latch
from chat.utils.sentences import N_

FULL = N_("The chat is busy. Try again in a moment.")

Whose = tuple[str, Hashable]  # a line's name, and a person in the line


@dataclass(frozen=True)
class Line:
    """The bounds of one of a queue's lines. Lines alternate, so a long line delays no other."""

    name: str
    running_each: int  # running jobs of one person
    waiting_each: int  # waiting jobs of one person
    waiting_in_all: int


class _Job:
    """One job of a person. `state` changes under the queue's lock only."""

    __slots__ = ("is_gone", "line", "state", "whose", "woken")

    def __init__(self, line: Line, who: Hashable, is_gone: Callable[[], bool]):
        self.line = line
        self.whose = (line.name, who)
        self.is_gone = is_gone
        self.state = "waiting"  # later "running", "gone" or "refused"
        self.woken = Latch()


def never() -> bool:
    """Return False: the `is_gone` of a caller that cannot hang up."""
    return False


class FairQueue:
    """Runs at most `at_once` jobs.

    The next job belongs to the person who runs the fewest jobs and whose last turn was longest ago.
    A full line admits a newcomer by refusing the last job of the person with the most waiting jobs.
    A job waits at most `patience` seconds; a refused person has to wait `retry_after` seconds.
    """

    def __init__(self, at_once: int, *, patience: float, retry_after: int):
        self._at_once = at_once
        self._patience = patience
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []  # in order of arrival
        self._running: Counter[Whose] = Counter()
        self._turns = 0
        # the last turn of each person whose jobs run or wait
        self._last_turn: Counter[Whose] = Counter()
        self._last_turn_of_line: Counter[str] = Counter()

    @property
    def running_in_all(self) -> int:
        return self._running.total()

    @property
    def waiting_in_all(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def turn(
        self, line: Line, who: Hashable, is_gone: Callable[[], bool] = never
    ) -> Iterator[None]:
        """Wait for a turn in `line`; it ends with the block.

        Raises RateLimited when the line is full or the wait too long; ClientGone when `is_gone`,
        which must not block, returns True before the turn begins.
        """
        job = self._enter(line, who, is_gone)
        try:
            self._wait(job)
            yield
        finally:
            self._leave(job)

    def waiting(self, line: Line) -> int:
        """Return how many jobs wait in `line`."""
        return sum(job.line == line for job in self._waiting)

    def _enter(self, line: Line, who: Hashable, is_gone: Callable[[], bool]) -> _Job:
        job = _Job(line, who, is_gone)
        with self._lock:
            if self._lacks_room(job):
                for other in [other for other in self._waiting if other.is_gone()]:
                    self._drop(other, "gone")
                self._make_room(job)
            self._waiting.append(job)
            self._start_ready()
        return job

    def _lacks_room(self, job: _Job) -> bool:
        return (
            self._count(job.whose) >= job.line.waiting_each
            or self.waiting(job.line) >= job.line.waiting_in_all
        )

    def _make_room(self, job: _Job) -> None:
        """Refuse the last job of a person who has more waiting jobs than this person would have.

        Raises RateLimited if there is no such person.
        """
        if not self._lacks_room(job):
            return
        in_line = [other for other in self._waiting if other.line == job.line]
        counts = Counter(other.whose for other in in_line)
        crowd = max(counts, key=lambda whose: counts[whose])
        mine = self._count(job.whose)
        if mine >= job.line.waiting_each or counts[crowd] <= mine + 1:
            raise RateLimited(FULL, retry_after=self._retry_after)
        self._drop([other for other in in_line if other.whose == crowd][-1], "refused")

    def _wait(self, job: _Job) -> None:
        job.woken.wait(self._patience)
        with self._lock:
            if job.state == "waiting":
                self._drop(job, "refused")
        if job.state == "gone":
            raise ClientGone
        if job.state == "refused":
            raise RateLimited(FULL, retry_after=self._retry_after)

    def _leave(self, job: _Job) -> None:
        with self._lock:
            if job.state == "waiting":  # the greenlet of this job was killed while the job waited
                self._drop(job, "gone")
            elif job.state == "running":
                self._running[job.whose] -= 1
                self._start_ready()
            if not self._running[job.whose] and not self._count(job.whose):
                del self._running[job.whose], self._last_turn[job.whose]

    def _start_ready(self) -> None:
        while self._running.total() < self._at_once and (job := self._next()):
            self._waiting.remove(job)
            if job.is_gone():
                job.state = "gone"
            else:
                self._start(job)
            job.woken.open()

    def _next(self) -> _Job | None:
        ready = [job for job in self._waiting if self._running[job.whose] < job.line.running_each]
        return min(ready, key=self._precedence, default=None)

    def _precedence(self, job: _Job) -> tuple[int, int, int]:
        return (
            self._last_turn_of_line[job.line.name],
            self._running[job.whose],
            self._last_turn[job.whose],
        )

    def _start(self, job: _Job) -> None:
        job.state = "running"
        self._turns += 1
        self._running[job.whose] += 1
        self._last_turn[job.whose] = self._turns
        self._last_turn_of_line[job.line.name] = self._turns

    def _drop(self, job: _Job, state: str) -> None:
        self._waiting.remove(job)
        job.state = state
        job.woken.open()

    def _count(self, whose: Whose) -> int:
        return sum(job.whose == whose for job in self._waiting)

"""Order a room's entries: a Sequencer passes them on one by one.

An early entry waits for those before it. The sequencer reads from the log what is missing for
longer than GAP_SECONDS.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.log import log_of
from chat.models.message import Message
from chat.schemas.room_log import show_entry
from chat.utils.encryption import CannotOpen

GAP_SECONDS = 0.1  # an early entry waits at most so long for those before it
RETRY_SECONDS = 1.0  # between further reads of the log, as while the database is away
QUIET_SECONDS = 2.0  # after these the room's listeners receive its head once more
# Entries of a room, the last passed on: a client needs them if its room is being read meanwhile.
MOST_RECENT = 32
FILL = 200  # entries read from the log at a time

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Sequencer:
    """Passes a room's entries to the listeners of this process, each once, in `seq` order.

    `has_listeners` returns whether anybody here receives the room. `pass_on` sends them an entry
    (an EntryView); it must not yield.
    """

    def __init__(
        self, room_id: Id, has_listeners: Callable[[], bool], pass_on: Callable[[Payload], None]
    ):
        self._room_id = room_id
        self.has_listeners = has_listeners
        self._pass_on = pass_on
        self._early: dict[int, Payload] = {}
        self._filling = False
        self._recent: deque[Payload] = deque(maxlen=MOST_RECENT)
        self._passed_on_at: float | None = None  # time of the last one, until `became_quiet`
        self._last: int | None = None  # seq of the last one; None: nobody has listened yet
        self._begins = True  # begin at the next entry, if somebody listens then

    @property
    def last_seq(self) -> int | None:
        """Return the seq that the listeners received last; None when they know none."""
        return None if self._begins else self._last

    def expect_listeners(self) -> None:
        """Prepare for a listener that does not know the room's head; call before it listens.

        If nobody listens yet, the listeners begin at the next entry: they have not missed what came
        before it, perhaps long before.
        """
        if not self.has_listeners():
            self._begins = True

    def begin_at(self, head_seq: int) -> None:
        """Set `head_seq`, a head of the log, as what the listeners know, unless they know one.

        Earlier listeners without a head receive it soon: an entry up to it may just have arrived,
        which the sequencer does not pass on any more.
        """
        if self.has_listeners() and not self._begins:
            self._read_on(head_seq)
            return
        if self.has_listeners():
            self._passed_on_at = time.monotonic()
        self._begin_after(head_seq)

    def became_quiet(self) -> bool:
        """Return whether the last entry is QUIET_SECONDS old; True only once for each."""
        if self._passed_on_at is None or time.monotonic() - self._passed_on_at < QUIET_SECONDS:
            return False
        self._passed_on_at = None
        return True

    def since(self, seq: int) -> list[Payload] | None:
        """Return the entries passed on after `seq`; None when some are not among the recent."""
        missed = (self._last or 0) - seq
        if missed <= 0:
            return []
        recent = list(self._recent)[-missed:]
        if [entry["seq"] for entry in recent] != list(range(seq + 1, seq + missed + 1)):
            return None
        return recent

    def recent(self, seq: int) -> Payload | None:
        """Return a recent entry; None when it is not among them."""
        return next((entry for entry in reversed(self._recent) if entry["seq"] == seq), None)

    def add(self, entry: Payload) -> None:
        """Pass an entry (an EntryView) on, now or after those before it."""
        if self._begins and self.has_listeners():
            self._begin_after(entry["seq"] - 1)
        if self._last is None or entry["seq"] <= self._last:
            return
        self._early[entry["seq"]] = entry
        self._release()
        if self._early and not self._filling:
            self._filling = True
            socketio.start_background_task(self._fill_gaps)

    def catch_up(self, head_seq: int) -> None:
        """Pass on the entries up to `head_seq` that the log has and nobody announced.

        With no listeners, only note `head_seq`.
        """
        if not self.has_listeners():
            self._last = max(self._last or 0, head_seq)
        elif self._begins:
            self._begin_after(head_seq - 1)
        self._read_on(head_seq)

    def _begin_after(self, seq: int) -> None:
        """Have the listeners begin after `seq`, or after a later entry that others received."""
        self._last = max(self._last or 0, seq)
        self._begins = False

    def _read_on(self, head_seq: int) -> None:
        assert self._last is not None
        before = -1
        while before < self._last < head_seq:
            before = self._last
            self._read_up_to(head_seq)

    def _release(self) -> None:
        assert self._last is not None
        while (entry := self._early.pop(self._last + 1, None)) is not None:
            self._last += 1
            self._passed_on_at = time.monotonic()
            self._recent.append(entry)
            self._pass_on(entry)
        for seq in [seq for seq in self._early if seq <= self._last]:
            del self._early[seq]

    def _fill_gaps(self) -> None:
        wait = GAP_SECONDS
        try:
            while self._early:
                socketio.sleep(wait)
                wait = RETRY_SECONDS
                self._fill_one_gap()
        finally:
            self._filling = False

    def _fill_one_gap(self) -> None:
        # Clients see the gap and ask. Later entries must not wait for ever.
        try:
            if self._early:
                self._read_up_to(min(self._early) - 1)
        except DatabaseError as error:
            logger.warning(
                "the entries missing in a room cannot be read yet", extra={"reason": str(error)}
            )
        except CannotOpen as error:
            logger.error(
                "an entry that cannot be decrypted is skipped", extra={"reason": str(error)}
            )
            if self._early:
                self._last = min(self._early) - 1
                self._release()

    def _read_up_to(self, seq: int) -> None:
        assert self._last is not None
        records = log_of(self._room_id).entries(self._last, min(seq, self._last + FILL))
        self._early |= {entry.seq: show_entry(entry) for entry in Message.entries(records)}
        self._release()

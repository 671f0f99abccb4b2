"""Order a room's entries: a Sequencer lets them out one by one.

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
# Entries of a room that were let out last: a client needs them if its room is being read meanwhile.
REMEMBERED = 32
FILL = 200  # entries read from the log at a time

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Sequencer:
    """Lets a room's entries out to the listeners of this process, each once, in `seq` order.

    `has_listeners` returns whether anybody here receives the room. `let_out` sends them an entry
    (an EntryView); it must not yield.
    """

    def __init__(
        self, room_id: Id, has_listeners: Callable[[], bool], let_out: Callable[[Payload], None]
    ):
        self._room_id = room_id
        self.has_listeners = has_listeners
        self._tell = let_out
        self._early: dict[int, Payload] = {}
        self._filling = False
        self._let_out: deque[Payload] = deque(maxlen=REMEMBERED)
        self._let_out_at: float | None = None  # when the last one went out, until reported
        self._last: int | None = None  # seq of the last one let out; None: nobody has listened yet
        self._begins = True  # begin at the next entry, if somebody listens then

    @property
    def told(self) -> int | None:
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

        Earlier listeners without a head receive it soon: an entry up to it may just have arrived
        and is not let out any more.
        """
        if self.has_listeners() and not self._begins:
            self._read_on(head_seq)
            return
        if self.has_listeners():
            self._let_out_at = time.monotonic()
        self._begin_after(head_seq)

    def became_quiet(self) -> bool:
        """Return whether the last entry was let out QUIET_SECONDS ago; True only once for each."""
        if self._let_out_at is None or time.monotonic() - self._let_out_at < QUIET_SECONDS:
            return False
        self._let_out_at = None
        return True

    def since(self, seq: int) -> list[Payload] | None:
        """Return the entries that were let out after `seq`; None when some are not remembered."""
        missed = (self._last or 0) - seq
        if missed <= 0:
            return []
        remembered = list(self._let_out)[-missed:]
        if [entry["seq"] for entry in remembered] != list(range(seq + 1, seq + missed + 1)):
            return None
        return remembered

    def remembered(self, seq: int) -> Payload | None:
        """Return an entry that was let out lately; None when it is not remembered."""
        return next((entry for entry in reversed(self._let_out) if entry["seq"] == seq), None)

    def let_through(self, entry: Payload) -> None:
        """Let an entry (an EntryView) out, now or after those before it."""
        if self._begins and self.has_listeners():
            self._begin_after(entry["seq"] - 1)
        if self._last is None or entry["seq"] <= self._last:
            return
        self._early[entry["seq"]] = entry
        self._release()
        if self._early and not self._filling:
            self._filling = True
            socketio.start_background_task(self._fill_gaps)

    def reach(self, head_seq: int) -> None:
        """Let out the entries up to `head_seq` that the log has and nobody announced.

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
            self._let_out_at = time.monotonic()
            self._let_out.append(entry)
            self._tell(entry)
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
                "a gap in a room's announcements stays open for now", extra={"reason": str(error)}
            )
        except CannotOpen as error:
            logger.error("an entry cannot be announced", extra={"reason": str(error)})
            if self._early:
                self._last = min(self._early) - 1
                self._release()

    def _read_up_to(self, seq: int) -> None:
        assert self._last is not None
        records = log_of(self._room_id).entries(self._last, min(seq, self._last + FILL))
        self._early |= {entry.seq: show_entry(entry) for entry in Message.entries(records)}
        self._release()

"""Order a room's entries: a Sequencer passes the entries on one by one.

An early entry waits for the entries before it. If these are missing for longer than GAP_SECONDS,
the sequencer reads them from the log.
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

GAP_SECONDS = 0.1  # so long an early entry waits for the entries before it
RETRY_SECONDS = 1.0  # between further reads of the log, for example while the database is away
QUIET_SECONDS = 2.0  # so long after the last entry, the room's listeners receive the head
# How many of the last entries a sequencer keeps, for sockets that join while the room is read.
MOST_RECENT = 32
FILL = 200  # entries read from the log at a time

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Sequencer:
    """Passes a room's entries to the listeners of this process, each once, in `seq` order.

    `has_listeners` returns whether any socket of this process receives the room. `pass_on` sends
    these sockets an entry (an EntryView), and must not yield.
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
        self._passed_on_at: float | None = None  # time of the last entry, until `became_quiet`
        self._last: int | None = None  # seq of the last entry; None before anybody has listened
        self._begins = True  # begin at the next entry, if somebody listens then
        self._seen_head: int | None = None  # see `begin_soon_at`

    @property
    def last_seq(self) -> int | None:
        """Return the last seq that the listeners know; None if they know no head."""
        return None if self._begins else self._last

    def expect_listeners(self) -> None:
        """Prepare for a listener that does not know the room's head. Call this before it listens.

        If nobody listens yet, the listeners begin at the next entry. So the sequencer does not send
        them earlier entries, which it may have last passed on long ago.
        """
        if not self.has_listeners():
            self._begins = True
            self._seen_head = None

    def begin_at(self, head_seq: int) -> None:
        """Let the listeners begin after `head_seq`, a head of the log, unless they know a head.

        Earlier listeners without a head receive `room:heads` soon. They may need it, because the
        sequencer passes on no entry up to `head_seq` any more.
        """
        if self.has_listeners() and not self._begins:
            self._read_on(head_seq)
            return
        if self.has_listeners():
            self._passed_on_at = time.monotonic()
        self._begin_after(head_seq)

    def begin_soon_at(self, head_seq: int) -> None:
        """Let listeners who know no head begin at `head_seq`, from the second call on.

        The head's entry may be announced at this moment. The listeners then begin with that entry,
        instead of asking for it once they receive `room:heads`.
        """
        if self._seen_head is None:
            self._seen_head = head_seq
        else:
            self.begin_at(self._seen_head)

    def became_quiet(self) -> bool:
        """Return whether the last entry is QUIET_SECONDS old. Return True once for each entry."""
        if self._passed_on_at is None or time.monotonic() - self._passed_on_at < QUIET_SECONDS:
            return False
        self._passed_on_at = None
        return True

    def since(self, seq: int) -> list[Payload] | None:
        """Return the entries passed on after `seq`; None if some are not kept any more."""
        missed = (self._last or 0) - seq
        if missed <= 0:
            return []
        recent = list(self._recent)[-missed:]
        if [entry["seq"] for entry in recent] != list(range(seq + 1, seq + missed + 1)):
            return None
        return recent

    def find_recent(self, seq: int) -> Payload | None:
        """Return the entry with this `seq`, if the sequencer still keeps it."""
        return next((entry for entry in reversed(self._recent) if entry["seq"] == seq), None)

    def add(self, entry: Payload) -> None:
        """Pass an entry (an EntryView) on, now or after the entries before it."""
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
        """Read the entries up to `head_seq` from the log, and pass them on.

        If there are no listeners, only note `head_seq`.
        """
        if not self.has_listeners():
            self._last = max(self._last or 0, head_seq)
        elif self._begins:
            self._begin_after(head_seq - 1)
        self._read_on(head_seq)

    def _begin_after(self, seq: int) -> None:
        """Let the listeners begin after `seq`, or after a later entry that was passed on."""
        self._last = max(self._last or 0, seq)
        self._begins = False
        self._seen_head = None

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
        # If one of the missing entries cannot be opened, skip all that are missing before the first
        # early one: later entries must not wait for ever. Clients notice the gap and ask for it.
        try:
            if self._early:
                self._read_up_to(min(self._early) - 1)
        except DatabaseError as error:
            logger.warning(
                "the entries missing in a room cannot be read yet", extra={"reason": str(error)}
            )
        except CannotOpen as error:
            logger.error(
                "missing entries are skipped, of which one cannot be decrypted",
                extra={"reason": str(error)},
            )
            if self._early:
                self._last = min(self._early) - 1
                self._release()

    def _read_up_to(self, seq: int) -> None:
        assert self._last is not None
        records = log_of(self._room_id).entries(self._last, min(seq, self._last + FILL))
        self._early |= {entry.seq: show_entry(entry) for entry in Message.entries(records)}
        self._release()

"""The order in which a room's entries go out: a Sequencer lets them through one by one.

An entry that comes early waits for those before it, and what is missing for longer than GAP_SECONDS is read from the log.
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
from chat.schemas.messages import show_entry
from chat.utils.encryption import CannotOpen

GAP_SECONDS = 0.1  # an early entry waits so long for those before it
RETRY_SECONDS = 1.0  # then the log is asked, and asked again while the database is away
QUIET_SECONDS = 2.0  # after which a room's listeners are told its head once more
REMEMBERED = (
    32  # entries of a room that were let out last: for whoever was just reading the room meanwhile
)
FILL = 200  # entries read from the log at a time

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Sequencer:
    """Lets a room's entries out to the listeners of this process, each once, in `seq` order.

    `has_listeners`: whether anybody here hears the room. `let_out`: tells them an entry (an EntryView); it must not yield.
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
        self._let_out_at: float | None = None  # when the last one was let out, until that is told
        self._last: int | None = None  # seq of the last one let out; None: nobody has listened yet
        self._begins = True  # with the next entry, if somebody listens then

    @property
    def told(self) -> int | None:
        """The seq of the entry that the listeners were told last; None when none of them knows one."""
        return None if self._begins else self._last

    def expect_listeners(self) -> None:
        """To be called before somebody listens who was not told the room's head.

        If nobody listens yet, the next entry is where they begin: what came before it, perhaps
        long before, they have not missed.
        """
        if not self.has_listeners():
            self._begins = True

    def begin_at(self, head_seq: int) -> None:
        """Takes a head that the log has for what the listeners know, unless they know one already.

        Those who listened before without one are told it soon: an entry up to it may have come just
        now and is not let out any more.
        """
        if self.has_listeners() and not self._begins:
            self._read_on(head_seq)
            return
        if self.has_listeners():
            self._let_out_at = time.monotonic()
        self._last, self._begins = max(self._last or 0, head_seq), False

    def became_quiet(self) -> bool:
        """Whether the last entry was let out QUIET_SECONDS ago; said once."""
        if self._let_out_at is None or time.monotonic() - self._let_out_at < QUIET_SECONDS:
            return False
        self._let_out_at = None
        return True

    def since(self, seq: int) -> list[Payload] | None:
        """What was let out after `seq`; None when not all of it is remembered."""
        missed = (self._last or 0) - seq
        if missed <= 0:
            return []
        remembered = list(self._let_out)[-missed:]
        return (
            remembered
            if [entry["seq"] for entry in remembered] == list(range(seq + 1, seq + missed + 1))
            else None
        )

    def remembered(self, seq: int) -> Payload | None:
        """An entry that was let out lately."""
        return next((entry for entry in reversed(self._let_out) if entry["seq"] == seq), None)

    def let_through(self, entry: Payload) -> None:
        """Lets an entry (an EntryView) out, now or when those before it have gone."""
        if self._begins and self.has_listeners():
            self._last, self._begins = max(self._last or 0, entry["seq"] - 1), False
        if self._last is None or entry["seq"] <= self._last:
            return
        self._early[entry["seq"]] = entry
        self._release()
        if self._early and not self._filling:
            self._filling = True
            socketio.start_background_task(self._fill_gaps)

    def reach(self, head_seq: int) -> None:
        """Lets out all up to `head_seq` that the log has and nobody announced; with no listeners, only notes it."""
        if not self.has_listeners():
            self._last = max(self._last or 0, head_seq)
        elif self._begins:
            self._last, self._begins = max(self._last or 0, head_seq - 1), False
        self._read_on(head_seq)

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
        try:
            if self._early:
                self._read_up_to(min(self._early) - 1)
        except DatabaseError as error:
            logger.warning(
                "a gap in a room's announcements stays open for now", extra={"reason": str(error)}
            )
        except (
            CannotOpen
        ) as error:  # listeners see the gap and ask; what comes after it must not wait for ever
            logger.error("an entry cannot be announced", extra={"reason": str(error)})
            if self._early:
                self._last = min(self._early) - 1
                self._release()

    def _read_up_to(self, seq: int) -> None:
        assert self._last is not None
        records = log_of(self._room_id).entries(self._last, min(seq, self._last + FILL))
        self._early |= {entry.seq: show_entry(entry) for entry in Message.entries(records)}
        self._release()

"""The push lease: the right of one process to follow the rooms and to send what is due.

The process renews it several times a second, so that another one takes over soon after it died.
Leases are numbered: a process that slept while another one took over finds that its number is an
old one.
`followed_to` is the job's cursor: whatever was committed before that moment has been handled.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.utils.clock import now

RECORD = "push lease"  # in `meta`
LASTS = timedelta(seconds=1.2)  # with the asking in between, a push is at most 2 s late
# A lease that ends later than that was written by a clock that is wrong.
LONGEST = timedelta(seconds=60)


@dataclass(frozen=True)
class PushLease:
    number: int
    followed_to: datetime  # by earlier leases

    @classmethod
    def acquire(cls) -> PushLease | None:
        """Return the lease; None while another process has it."""
        moment = now()
        record = database["meta"].find_one({"_id": RECORD})
        if record is None:
            with contextlib.suppress(DuplicateKeyError):
                database["meta"].insert_one(
                    {"_id": RECORD, "number": 1, "until": moment + LASTS, "followed_to": moment}
                )
                return cls(1, moment)
            return None
        if moment < record["until"] < moment + LONGEST:
            return None
        number = record["number"] + 1
        if not _change(record["number"], {"number": number, "until": moment + LASTS}):
            return None
        return cls(number, record["followed_to"])

    def renew(self, followed_to: datetime | None) -> bool:
        """Keep the lease. Return False if another process has it by now.

        `followed_to`: the cursor, if it moved.
        """
        changes: Record = {"until": now() + LASTS}
        if followed_to:
            changes["followed_to"] = followed_to
        return _change(self.number, changes)

    def is_held(self) -> bool:
        """Return whether no other process took over, by a read that began after the call."""
        record = database["meta"].find_one({"_id": RECORD}, {"number": 1})
        return record is not None and record["number"] == self.number

    def release(self) -> None:
        """End the lease, so that another process need not wait for its end."""
        _change(self.number, {"until": now()})


def _change(number: int, changes: Record) -> bool:
    changed = database["meta"].update_one({"_id": RECORD, "number": number}, {"$set": changes})
    return bool(changed.matched_count)

"""Leases: the right of one process to do a job for the whole chat, as following the rooms.

The process renews it several times a second, so that another one takes over soon after it died.
Leases are numbered: a process that slept while another one took over finds that its number is an
old one.
`followed_to` is the cursor of a job that follows moments: whatever was committed before it has been
handled.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.utils.clock import now

PUSHES = "push lease"  # the names are ids in `meta`
WEBHOOKS = "webhook lease"
RETENTION = "retention lease"
LASTS = timedelta(seconds=1.2)  # with the asking in between, a push is at most 2 s late
# A lease that ends later than that was written by a clock that is wrong.
LONGEST = timedelta(seconds=60)


@dataclass(frozen=True)
class Lease:
    name: str
    number: int
    followed_to: datetime  # by earlier leases

    @classmethod
    def acquire(cls, name: str) -> Lease | None:
        """Return the lease of this name; None while another process has it."""
        moment = now()
        record = database["meta"].find_one({"_id": name})
        if record is None:
            with contextlib.suppress(DuplicateKeyError):
                database["meta"].insert_one(
                    {"_id": name, "number": 1, "until": moment + LASTS, "followed_to": moment}
                )
                return cls(name, 1, moment)
            return None
        if moment < record["until"] < moment + LONGEST:
            return None
        lease = cls(name, record["number"] + 1, record["followed_to"])
        changes = {"number": lease.number, "until": moment + LASTS}
        return lease if _change(name, record["number"], changes) else None

    def renew(self, followed_to: datetime | None = None) -> bool:
        """Keep the lease. Return False if another process has it by now.

        `followed_to`: the cursor, if it moved.
        """
        changes: Record = {"until": now() + LASTS}
        if followed_to:
            changes["followed_to"] = followed_to
        return _change(self.name, self.number, changes)

    def release(self) -> None:
        """End the lease, so that another process need not wait for its end."""
        _change(self.name, self.number, {"until": now()})


def _change(name: str, number: int, changes: Record) -> bool:
    changed = database["meta"].update_one({"_id": name, "number": number}, {"$set": changes})
    return bool(changed.matched_count)

"""Text quotas: how many bytes of texts and their data each person wrote today, over all processes.

Each process counts in memory and adds portions to the count in the database, so that a message
needs no query for its quota. Therefore a person may exceed their quota by PORTION in each process
through which they write. In a process that has not read their count yet, they may also exceed it
for a few seconds. A process that is killed loses the bytes that it has not added yet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bson import Int64
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now
from chat.utils.errors import RateLimited
from chat.utils.translation import _

PORTION = 256_000  # so many pending bytes of a person are added to the count in the database
LONGEST_SECONDS = 600.0  # after so long, fewer pending bytes are added too


@dataclass
class _Account:
    """A person's bytes of a day in this process.

    `known`: the count in the database, from all processes; None before the first read. `pending`:
    bytes that are not in the database yet.
    """

    day: date
    known: int | None = None
    pending: int = 0
    since: float = field(default_factory=time.monotonic)


_accounts: dict[Id, _Account] = {}
_yesterday: list[tuple[Id, _Account]] = []  # accounts that had pending bytes when their day ended


def take(user_id: Id, size: int, most: int) -> None:
    """Count `size` bytes that a person is about to write.

    Raises RateLimited, without counting anything, if the person would exceed `most`. If `most` is
    0, there is no limit.
    """
    moment = now()
    account = _accounts.get(user_id)
    if account is None or account.day != moment.date():
        if account and account.pending:
            _yesterday.append((user_id, account))
        account = _Account(moment.date())
        _accounts[user_id] = account
    if most and (account.known or 0) + account.pending + size > most:
        midnight = datetime.combine(
            account.day + timedelta(days=1), datetime.min.time(), moment.tzinfo
        )
        raise RateLimited(
            _("You reached the daily limit of text. You can write again at midnight UTC."),
            retry_after=max(1, round((midnight - moment).total_seconds())),
        )
    account.pending += size


def flush(*, everything: bool = False) -> None:
    """Add the due bytes to the database, and read the counts of people new to this process.

    `everything`: add all pending bytes, because the process ends.
    """
    moment = time.monotonic()
    today = now().date()
    ended = [_yesterday.pop() for _each in range(len(_yesterday))]
    due = ended + [
        (user_id, account)
        for user_id, account in list(_accounts.items())
        if account.pending
        and (everything or account.pending >= PORTION or moment - account.since >= LONGEST_SECONDS)
    ]
    _add(due)
    new = [
        (user_id, account) for user_id, account in list(_accounts.items()) if account.known is None
    ]
    _read([*new, *due])
    for user_id, account in list(_accounts.items()):
        if account.day != today and not account.pending:
            del _accounts[user_id]


def _add(due: list[tuple[Id, _Account]]) -> None:
    portions = [(user_id, account, account.pending) for user_id, account in due]
    for _user_id, account, portion in portions:
        account.pending -= portion
        account.since = time.monotonic()
    try:
        if portions:
            database["text_usage"].bulk_write(
                [
                    UpdateOne(
                        {"_id": _key(user_id, account)},
                        {"$inc": {"bytes": Int64(portion)}, "$set": {"at": now()}},
                        upsert=True,
                    )
                    for user_id, account, portion in portions
                ],
                ordered=False,
            )
    except PyMongoError:  # some portions may be stored: to count them twice is the lesser mistake
        for user_id, account, portion in portions:
            account.pending += portion
            if _accounts.get(user_id) is not account:
                _yesterday.append((user_id, account))
        raise


def _read(accounts: list[tuple[Id, _Account]]) -> None:
    by_key = {_key(user_id, account): account for user_id, account in accounts}
    if by_key:
        found = {
            record["_id"]: int(record["bytes"])
            for record in database["text_usage"].find({"_id": {"$in": list(by_key)}})
        }
        for key, account in by_key.items():
            account.known = found.get(key, 0)


def _key(user_id: Id, account: _Account) -> str:
    return f"{user_id}/{account.day}"

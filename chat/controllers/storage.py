"""Limit storage: keep some of the disk free, and limit how much each person writes in a day."""

from __future__ import annotations

import logging
import os
import time

from chat import extensions
from chat.models import text_usage
from chat.models.database import database
from chat.models.user import User
from chat.utils.errors import Unavailable
from chat.utils.sentences import N_
from chat.utils.translation import _

LOW_TIMES = 3  # below so many times FREE_DISK_BYTES, administrators see a notice
WARN_SECONDS = 3600  # between two warnings in the log
# `retry_after` of a refusal: so long that a browser reports the failure instead of waiting.
RETRY_SECONDS = 120


class DiskNearlyFull(Unavailable):
    sentence = N_(
        "The chat's disk is nearly full; reading and deleting still work. An administrator has "
        "to make room."
    )


_free: list[int] = []  # the free bytes of the last measurement; empty if there are none to report
_warned_at: list[float] = []
logger = logging.getLogger(__name__)


def check_disk() -> None:
    """Measure the free space, unless FREE_DISK_BYTES is 0; log a warning when it is low.

    Log at most one warning in WARN_SECONDS.
    """
    free = free_bytes() if extensions.settings().free_disk_bytes else None
    _free[:] = [] if free is None else [free]
    if is_low(free) and (not _warned_at or time.monotonic() - _warned_at[0] >= WARN_SECONDS):
        _warned_at[:] = [time.monotonic()]
        logger.warning(
            "the disk is filling up",
            extra={"free_bytes": free, "writes_end_below": extensions.settings().free_disk_bytes},
        )


def free_bytes() -> int | None:
    """Return the free bytes where the database is; None when it does not report them.

    An embedded database is on the disk of DATA_DIR. Any other database reports its own disk.
    """
    if not database.embedded:
        return database.free_bytes()
    folder = extensions.settings().data_dir
    while not folder.exists():  # the command line may ask before the first start creates DATA_DIR
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def disk_state() -> str:
    """Return "ok", "low", "full" or "unknown", as of the last measurement.

    "low": administrators see a notice. "full": nobody can write.
    """
    if not _free:
        return "unknown"
    if _free[0] < extensions.settings().free_disk_bytes:
        return "full"
    return "low" if is_low(_free[0]) else "ok"


def is_low(free: int | None) -> bool:
    """Return whether administrators must see a notice."""
    return free is not None and free < LOW_TIMES * extensions.settings().free_disk_bytes


def require_space() -> None:
    """Raise DiskNearlyFull if the disk is nearly full. Call this before storing anything new.

    On a full disk the database would stop.
    """
    if _free and _free[0] < extensions.settings().free_disk_bytes:
        raise DiskNearlyFull(reason="the disk is nearly full", retry_after=RETRY_SECONDS)


def notice_for(person: User) -> str | None:
    """Return the notice that an administrator sees on every page; None if there is none."""
    if not person.is_admin or not _free or not is_low(_free[0]):
        return None
    is_full = _free[0] < extensions.settings().free_disk_bytes
    floor = round(extensions.settings().free_disk_bytes / 1e9, 1)
    free = round(_free[0] / 1e9, 1)
    if is_full:
        return _(
            "The chat's disk is nearly full: {free} GB are free. Nobody can write until there "
            "are {floor} GB.",
            free=free,
            floor=floor,
        )
    return _(
        "The chat's disk is filling up: {free} GB are free. Below {floor} GB nobody can write "
        "any more.",
        free=free,
        floor=floor,
    )


def charge(person: User, size: int) -> None:
    """Charge `size` bytes that a person is about to write to their quota.

    Raises RateLimited beyond their quota, DiskNearlyFull.
    """
    require_space()
    settings = extensions.settings()
    quota = settings.text_quota_bytes_per_person_per_day if settings.rate_limits else 0
    text_usage.take(person.answerable_id, size, quota)


def count_texts(*, everything: bool = False) -> None:
    """Add the bytes that people wrote to the counts in the database."""
    text_usage.flush(everything=everything)

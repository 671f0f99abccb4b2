"""Time, as it is kept and shown: UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """This moment, cut to the milliseconds that the database keeps, so that what is answered equals what is read later."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:30:00.125Z`, always with milliseconds, so that texts sort as times do."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def milliseconds(moment: datetime) -> int:
    """Since 1970, exactly: a float would be off by one now and then."""
    return (moment - _YEAR_1970) // timedelta(milliseconds=1)

"""Time, as it is kept and shown: UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_NO_OFFSET, _MILLISECOND = timedelta(0), timedelta(milliseconds=1)
_TO_MILLISECONDS = len("2026-01-31T09:30:00.125")
_YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """This moment, cut to the milliseconds that the database keeps, so that what is answered equals what is read later."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:30:00.125Z`, always with milliseconds, so that texts sort as times do."""
    in_utc = moment if moment.utcoffset() == _NO_OFFSET else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="milliseconds")[:_TO_MILLISECONDS] + "Z"


def milliseconds(moment: datetime) -> int:
    """Since 1970, exactly: a float would be off by one now and then."""
    return (moment - _YEAR_1970) // _MILLISECOND

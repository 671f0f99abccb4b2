"""Time, as the chat stores and shows it: UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_NO_OFFSET = timedelta(0)
_MILLISECOND = timedelta(milliseconds=1)
_TO_MILLISECONDS = len("2026-01-31T09:30:00.125")
_YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Return this moment, truncated to milliseconds.

    The database stores milliseconds, so a response shows the same time as a later read.
    """
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """Return `2026-01-31T09:30:00.125Z`.

    The text always has milliseconds, so that texts sort as times do.
    """
    if moment.utcoffset() != _NO_OFFSET:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:_TO_MILLISECONDS] + "Z"


def milliseconds(moment: datetime) -> int:
    """Return the exact milliseconds since 1970; floats would sometimes give one less."""
    return (moment - _YEAR_1970) // _MILLISECOND

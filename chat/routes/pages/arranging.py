"""Arrange a room's messages and lines, each with what its neighbours decide about it.

`helpers/neighbours.js` computes the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from chat.routes.pages.line_runs import LineView, Run, gather
from chat.routes.pages.measures import BELONGS_TOGETHER, SHARES_NAME
from chat.routes.pages.times import is_same_day

MessageView = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A message or a run of lines. `continues`: a message shares the name above it."""

    message: MessageView | None
    run: Run | None
    continues: bool
    begins_day: bool


def arrange(messages: list[MessageView], lines: list[LineView], first_new: int | None) -> list[Row]:
    """Return the rows of a page. `first_new`: the seq of the message below the line "New"."""
    runs = gather(lines, [message["seq"] for message in messages])
    rows: list[Row] = []
    for slot, message in enumerate([*messages, None]):
        for run in runs:
            if run.slot == slot:
                rows.append(Row(None, run, False, _begins_day(rows, run.first["created_at"])))
        if message is None:
            break
        begins_day = _begins_day(rows, message["created_at"])
        stands_alone = begins_day or message["reply_to"] or message["seq"] == first_new
        # The first message begins a day, so it stands alone: there is a row before any other.
        continues = not stands_alone and _belong_together(rows[-1].message, message)
        rows.append(Row(message, None, continues, begins_day))
    return rows


def _is_of_app(author: dict[str, Any]) -> bool:
    """Return whether a webhook, a command or a reminder wrote a message, which stands alone.

    Each is an event of its own. A bot, which has a username, talks as people do.
    """
    return bool(author["is_bot"] and not author["username"])


def _begins_day(rows: list[Row], moment: str) -> bool:
    return not rows or not is_same_day(_moment_of(rows[-1]), moment)


def _moment_of(row: Row) -> str:
    shown = row.run.first if row.run else row.message
    assert shown
    return str(shown["created_at"])


def _belong_together(before: MessageView | None, message: MessageView) -> bool:
    if before is None or before["author"]["id"] != message["author"]["id"]:
        return False
    if _is_of_app(message["author"]):
        return False
    then, moment = (datetime.fromisoformat(each["created_at"]) for each in (before, message))
    return moment - then < BELONGS_TOGETHER and _span_of(then) == _span_of(moment)


def _span_of(moment: datetime) -> int:
    return (moment - _EPOCH) // SHARES_NAME

"""Change one's status, and whether others see what time it is for oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import profile_changes
from chat.routes.pages import times
from chat.routes.pages.forms import load, refuse
from chat.routes.pages.profile_page import USUAL_STATUSES, profile_page
from chat.schemas.statuses import StatusInput
from chat.utils.clock import now, rfc3339
from chat.utils.errors import ChatError, ValidationFailed
from chat.utils.numbers import whole_number
from chat.utils.translation import _

about_me = Blueprint("about_me", __name__)

DAY_MINUTES = 24 * 60  # the longest that a status lasts, of those that end after minutes
ANCHORS = {"status": "status", "time_zone": "local-time"}  # field -> its part of the page


@about_me.post("/settings/profile/status")
def change_status() -> AnyResponse:
    """Set the status of the form or of a button, or clear it."""
    if "clear" in request.form:
        return _change("status", lambda: None)
    if usual := USUAL_STATUSES.get(request.form.get("usual", "")):
        emoji, text, end = usual
        return _change("status", lambda: _status(emoji, _(text), end))
    typed = [request.form.get(name, "").strip() for name in ("emoji", "text", "end", "until")]
    return _change("status", lambda: _status(*typed))


@about_me.post("/settings/profile/time-zone")
def change_time_zone() -> AnyResponse:
    shown = request.form.get("shown") == "true"
    return _change("time_zone", lambda: str(times.reader().zone) if shown else None)


def _change(field: str, read: Callable[[], object]) -> AnyResponse:
    """Change a field of the person to what `read` returns, which may raise ValidationFailed."""
    try:
        profile_changes.change_about(g.person, {field: read()})
    except ChatError as mistake:
        return refuse(profile_page(mistake), mistake)
    return redirect(url_for("pages.settings.show_profile", _anchor=ANCHORS[field]), 303)


def _status(emoji: str, text: str, end: str, until: str = "") -> object:
    """Return a Status. `until`: when it ends, if `end` is "at". Raises ValidationFailed."""
    values: dict[str, object] = {"text": text}
    if emoji:
        values["emoji"] = emoji
    if moment := _typed_moment(until) if end == "at" else _end_of(end):
        values["until"] = rfc3339(moment)
    return load(StatusInput, values)


def _typed_moment(typed: str) -> datetime:
    """Return a moment, typed by the reader's clock as `2026-12-24T18:00`. Raises ValidationFailed.

    Of an hour that comes twice, when clocks change, it is in the first one.
    """
    try:
        moment = datetime.fromisoformat(typed).replace(tzinfo=times.reader().zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationFailed(fields={"until": _("Choose a date and a time.")}) from None


def _end_of(choice: str) -> datetime | None:
    """Return when a status ends: after so many minutes, today, this week, or when the present one
    does; None: never.
    """
    minutes = whole_number(choice, len(str(DAY_MINUTES)))
    if minutes is not None:
        return now() + timedelta(minutes=min(minutes, DAY_MINUTES))
    if choice == "as now":
        status = g.person.about.status
        return status.until if status else None
    today = now().astimezone(times.reader().zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if choice == "day":
        return today + timedelta(days=1)
    if choice == "week":
        return today + timedelta(days=7 - today.weekday())
    return None

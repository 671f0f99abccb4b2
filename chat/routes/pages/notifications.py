"""Serve the settings of notifications: how much, by which words, when, and room by room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import mails, memberships, own_email, preferences, rooms, sessions
from chat.controllers.pushes import subscriptions
from chat.controllers.pushes.subscriptions import RESULTS
from chat.models.keywords import LONGEST, MOST
from chat.routes.pages import times
from chat.routes.pages.forms import load, read_form, read_query, refuse
from chat.schemas.preferences import (
    DoNotDisturbForm,
    PreferencesForm,
    PreferencesInput,
    show_preferences,
)
from chat.schemas.push import show_subscriptions
from chat.schemas.rooms import NotificationsInput, RoomsQuery, show_room_items
from chat.utils import time_zones
from chat.utils.clock import now
from chat.utils.errors import ChatError
from chat.utils.numbers import whole_number
from chat.utils.translation import _, said

USUAL_QUIET_HOURS = {"from": "22:00", "to": "07:00", "days": list(range(7))}
LONGEST_NUMBER = 3  # digits, of a day of the week or of minutes
MORNING = 9  # o'clock, at which nothing is disturbed any more until tomorrow

notifications = Blueprint("notifications", __name__)


@notifications.get("/settings/notifications")
def show() -> str:
    return _page()


@notifications.post("/settings/notifications")
def change() -> AnyResponse:
    preferences.change(g.person, **read_form(PreferencesForm))
    return _saved("notifications")


@notifications.post("/settings/notifications/keywords")
def change_keywords() -> AnyResponse:
    lines = request.form.get("keywords", "").splitlines()
    return _change("keywords", {"keywords": [line for line in lines if line.strip()]})


@notifications.post("/settings/notifications/quiet-hours")
def change_quiet_hours() -> AnyResponse:
    if "off" in request.form:
        return _change("quiet-hours", {"quiet_hours": None})
    return _change("quiet-hours", {"quiet_hours": _hours_of_form()})


@notifications.post("/settings/notifications/do-not-disturb")
def change_do_not_disturb() -> AnyResponse:
    preferences.change(g.person, dnd_until=_end_of(read_form(DoNotDisturbForm)["until"]))
    return _saved("do-not-disturb")


@notifications.post("/settings/notifications/<room_id>")
def change_level(room_id: str) -> AnyResponse:
    memberships.choose_notifications(g.person, room_id, **read_form(NotificationsInput))
    return _saved(room_id)


def _change(part: str, changes: dict[str, Any]) -> AnyResponse:
    """Change preferences, as the API takes them. `part`: of the page, which says what is wrong."""
    try:
        preferences.change(g.person, **load(PreferencesInput, changes))
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return _saved(part, anchor=part)


def _saved(what: str, *, anchor: str | None = None) -> AnyResponse:
    return redirect(url_for("pages.notifications.show", saved=what, _anchor=anchor), 303)


def _hours_of_form() -> dict[str, Any]:
    """Return the quiet hours of the form, as the API takes them."""
    hours: dict[str, Any] = {
        name: request.form.get(name, "") for name in ("from", "to", "time_zone")
    }
    days = (whole_number(day, LONGEST_NUMBER) for day in request.form.getlist("days"))
    hours["days"] = [day for day in days if day is not None]
    return hours


def _end_of(choice: str) -> datetime | None:
    """Return the moment that a choice names: so many minutes from now, or tomorrow morning."""
    if choice == "end":
        return None
    minutes = whole_number(choice, LONGEST_NUMBER)
    if minutes is not None:
        return now() + timedelta(minutes=minutes)
    local = now().astimezone(times.reader().zone) + timedelta(days=1)
    return local.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _zones(chosen: str) -> dict[str, Any]:
    """Return the time zones to choose from: the browser's and the chosen one, then all others."""
    reader = times.reader()
    names = dict.fromkeys((str(reader.zone), chosen))
    by_area = time_zones.by_area(reader.today)
    return {
        "own_zones": [zone for name in names if (zone := time_zones.find(name))],
        "zones_by_area": [(_(time_zones.AREAS[area]), by_area[area]) for area in by_area],
    }


def _page(mistake: ChatError | None = None) -> str:
    """Return the page, with a page of the person's rooms and the level of each."""
    query = read_query(RoomsQuery)
    if query["q"]:
        found = rooms.named(g.person, query["q"], query.get("before"), query["limit"])
    else:
        found = rooms.mine(g.person, query.get("before"), query["limit"])
    chosen = show_preferences(g.person)
    until = g.person.preferences.dnd_until
    usual = USUAL_QUIET_HOURS | {"time_zone": str(times.reader().zone)}
    hours: dict[str, Any] = chosen["quiet_hours"] or usual
    if "time_zone" in request.form:
        hours = _hours_of_form()
    return render_template(
        "settings/notifications.html",
        items=show_room_items(found.items),
        following=found.following,
        q=query["q"],
        saved=request.args.get("saved"),
        keyword_problem=next(iter(_problems(mistake, "keywords").values()), None),
        hours_mistake={"fields": _problems(mistake, "quiet_hours.")},
        keywords=request.form.get("keywords", "\n".join(chosen["keywords"])),
        most_keywords=MOST,
        longest_keyword=LONGEST,
        has_quiet_hours=chosen["quiet_hours"] is not None,
        hours=hours,
        **_zones(hours["time_zone"]),
        weekdays=times.weekdays(),
        are_mails_on=mails.are_on(),
        address=own_email.find(g.person),
        push_devices=_push_devices(),
        push_sentence=said(RESULTS.get(request.args.get("tested", ""), "")),
        dnd_until=chosen["dnd_until"] if until and until > now() else None,
    )


def _push_devices() -> list[dict[str, Any]]:
    """Return PushSubscriptionViews of the person's devices."""
    found = subscriptions.list_of(g.person)
    return show_subscriptions(found, sessions.list_of(g.person) if found else [], g.session)


def _problems(mistake: ChatError | None, beginning: str) -> dict[str, str]:
    """Return the sentences about fields with this beginning of their name, which is cut off."""
    found = (mistake.fields or {}) if mistake else {}
    return {
        name.removeprefix(beginning): sentence
        for name, sentence in found.items()
        if name.startswith(beginning)
    }

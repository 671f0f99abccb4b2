"""Render the page on which a person says who they are."""

from __future__ import annotations

from datetime import datetime

from flask import g, render_template, request

from chat.controllers import images
from chat.routes.pages import times
from chat.routes.pages.messages import FREQUENT_EMOJI
from chat.utils.errors import ChatError
from chat.utils.sentences import N_
from chat.utils.translation import _

# Statuses that people set most, each with when it ends: minutes, "day", or "" for never.
USUAL_STATUSES = {
    "meeting": ("📅", N_("In a meeting"), "60"),
    "lunch": ("🍽️", N_("At lunch"), "60"),
    "home": ("🏠", N_("Working from home"), "day"),
    "sick": ("🤒", N_("Off sick"), "day"),
    "holiday": ("🏖️", N_("On holiday"), ""),
}


def profile_page(mistake: ChatError | None = None, *, is_index: bool = False) -> str:
    """Return the page; with `is_index` a phone shows the list of settings alone."""
    usage = images.usage_of(g.person)
    status, zone = g.person.about.status, times.reader().zone
    return render_template(
        "settings/profile.html",
        is_index=is_index,
        mistake=mistake,
        form=request.form,
        saved=request.args.get("saved"),
        kept_bytes=usage.stored_bytes,
        most_bytes=usage.quota_bytes,
        frequent_emoji=FREQUENT_EMOJI,
        usual_statuses=[
            (name, emoji, _(text)) for name, (emoji, text, _end) in USUAL_STATUSES.items()
        ],
        status_until=_typed(status.until.astimezone(zone)) if status and status.until else "",
        reader_zone=str(zone),
    )


def _typed(moment: datetime) -> str:
    """Return a moment as a field of a form has it: `2026-12-24T18:00`."""
    return moment.strftime("%Y-%m-%dT%H:%M")

"""Serve the first page for administrators: how much the chat is used."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, g, render_template

from chat.controllers import overview as verbs
from chat.controllers.overview import Overview
from chat.routes.pages.times import weekday

overview = Blueprint("overview", __name__)

HIGHEST = 64  # of a bar, in units of the drawing


class Bar(NamedTuple):
    """A day in the drawing: its weekday, its messages, and the height of its bar."""

    day: str
    messages: int
    height: int


@overview.get("/admin")
def show() -> str:
    found = verbs.show(g.person)
    return render_template(
        "settings/overview.html", figures=found, bars=_bars(found), highest=HIGHEST
    )


def _bars(found: Overview) -> list[Bar]:
    most = max(found.messages) or 1
    return [
        Bar(weekday(day), count, -(-count * HIGHEST // most))
        for day, count in zip(found.days, found.messages, strict=True)
    ]

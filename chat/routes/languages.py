"""Choose the language of a request: the person's preference, else what their browser accepts."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from chat.models.preferences import AS_BROWSER, Preferences
from chat.utils import translation
from chat.utils.translation import ENGLISH

MOST_HEADER = 200  # characters of an Accept-Language that are read


def set_up(app: Flask) -> None:
    app.before_request(_use_accepted)


def use_preferred(preferences: Preferences, accepted: str) -> None:
    """Speak the language that a person prefers; `accepted` is the one that their browser does."""
    chosen = preferences.language
    translation.use(accepted if chosen == AS_BROWSER else chosen)


def accepted() -> str:
    """Return the language of ours that this request's browser likes best."""
    return _best_of(request.headers.get("Accept-Language", "")[:MOST_HEADER])


@lru_cache(maxsize=500)
def _best_of(header: str) -> str:
    wanted = parse_accept_header(header, LanguageAccept).values()
    ours = (each.partition("-")[0].lower() for each in wanted)
    return next((each for each in ours if each in translation.languages()), ENGLISH)


def _use_accepted() -> None:
    """Before anybody is recognized, and for those who never are."""
    translation.use(accepted())

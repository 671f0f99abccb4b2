"""Choose the language of a request: the person's preference, else what their browser accepts.

With it, the locale: how this language writes times where its reader lives.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from chat.models.preferences import AS_BROWSER, Preferences
from chat.utils import translation
from chat.utils.local_times import usual_locale
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


def locale() -> str:
    """Return the locale of the spoken language that this request's browser likes best.

    Who prefers no language, and whose own one the chat does not have, reads times in their own.
    """
    language = translation.current()
    prefers_none = "person" not in g or g.person.preferences.language == AS_BROWSER
    for wanted in request.accept_languages.values():
        is_ours = wanted.partition("-")[0] in translation.languages()
        if wanted.partition("-")[0] == language or (prefers_none and not is_ours):
            return wanted
    return usual_locale(language)


@lru_cache(maxsize=500)
def _best_of(header: str) -> str:
    wanted = parse_accept_header(header, LanguageAccept).values()
    ours = (each.partition("-")[0].lower() for each in wanted)
    return next((each for each in ours if each in translation.languages()), ENGLISH)


def _use_accepted() -> None:
    """Before anybody is recognized, and for those who never are."""
    translation.use(accepted())

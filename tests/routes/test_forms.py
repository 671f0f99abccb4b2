"""A form of a page makes a change, or its page says why not."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.routes.pages.forms import change_or_explain
from chat.utils.errors import ChatError, NotFound, RateLimited


def raising(error: ChatError) -> None:
    raise error


def test_a_change_leads_on_and_a_refused_one_says_why_and_for_how_long(app: Flask) -> None:
    with app.test_request_context("/"):
        done = change_or_explain(lambda: None, str, "/rooms")
        assert (done.status_code, done.headers["Location"]) == (303, "/rooms")
        refused = change_or_explain(
            lambda: raising(RateLimited(retry_after=7)), lambda mistake: f"<p>{mistake.code}", "/"
        )
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
        with pytest.raises(NotFound):
            change_or_explain(lambda: raising(NotFound()), str, "/")

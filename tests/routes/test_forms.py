"""A form of a page makes a change, or its page says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from chat.routes.pages.forms import change_or_explain
from chat.utils.errors import ChatError, NotFound, RateLimited

TEMPLATES = Path(__file__).parents[2] / "chat" / "templates"
# Forms that change something and load a page anew.
ANEW = {
    # who is signed in, and by which password
    "_sign_out.html": 1,
    "sign_in/login.html": 1,
    "sign_in/register.html": 1,
    "sign_in/setup.html": 1,
    "sign_in/join.html": 2,
    "sign_in/forgot.html": 1,
    "sign_in/stop_mails.html": 1,
    "sign_in/reset.html": 1,
    "sign_in/code.html": 1,
    "sign_in/consent.html": 2,
    "sign_in/_passkey.html": 1,
    # answers with a link, a secret or codes, which are shown once
    "settings/invites.html": 1,
    "rooms/_first_steps.html": 1,
    "rooms/outgoing_webhooks.html": 1,
    "settings/programs.html": 2,
    "settings/bot_token.html": 1,
    "rooms/integrations.html": 1,
    "settings/commands.html": 1,
    "settings/security.html": 1,
    "settings/security_setup.html": 1,
    "settings/security_proof.html": 1,
    # its reset links as well; the others are sent in place
    "settings/people.html": 1,
    # with the password, and by the browser: its answer counts once
    "settings/passkey_proof.html": 1,
    "settings/passkey_new.html": 1,
    # with the password, as above
    "settings/email.html": 1,
    "settings/email_remove.html": 1,
    "settings/sign_in_connect.html": 1,
    # two forms: the name is saved by <setting-form>, the password is as above
    "settings/profile.html": 2,
    # ends in being signed out
    "settings/delete_account.html": 1,
    # without scripts only: with them an element sends the same to the API
    "rooms/_bell.html": 1,
    "rooms/_composer.html": 1,
    "rooms/_favourite.html": 1,
    # without the service worker only
    "share.html": 1,
    "settings/_controls.html": 1,
    "settings/chat.html": 2,
}


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


def test_forms_go_on_without_a_reload() -> None:
    found = {}
    for path in TEMPLATES.rglob("*.html"):
        forms = re.findall(r"<form\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>", path.read_text(), re.DOTALL)
        changing = [form for form in forms if 'method="post"' in form]
        if anew := sum(not re.search(r"\sdata-in-place", form) for form in changing):
            found[path.relative_to(TEMPLATES).as_posix()] = anew
    assert found == ANEW


def test_forms_that_go_on_without_a_reload_say_where_to() -> None:
    """A script sends them, and knows no other address."""
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form\b[^>]*data-in-place.*?</form>", path.read_text(), re.DOTALL):
            has_buttons_elsewhere = form.startswith("<form id=")
            assert has_buttons_elsewhere or re.search(r"\b(form)?action=", form), path

"""A form that is handled already is not handled again, unless whoever handled it has died."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from flask import Flask

from chat.models import sent_form
from chat.utils.clock import now


def test_a_form_is_handled_by_one_and_leads_the_others_there(app: Flask) -> None:
    key = secrets.token_hex(32)
    assert sent_form.begin(key)
    assert not sent_form.begin(key)
    assert sent_form.led_to(key) is None
    sent_form.finish(key, "/rooms")
    assert not sent_form.begin(key)
    assert sent_form.led_to(key) == "/rooms"


def test_a_form_that_was_refused_is_handled_again(app: Flask) -> None:
    key = secrets.token_hex(32)
    assert sent_form.begin(key)
    sent_form.forget(key)
    assert sent_form.begin(key)


def test_a_form_whose_process_has_died_is_handled_by_one_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, done = secrets.token_hex(32), secrets.token_hex(32)
    with monkeypatch.context() as patch:
        patch.setattr(sent_form, "now", lambda: now() - timedelta(minutes=2))
        assert sent_form.begin(key)
        assert sent_form.begin(done)
        sent_form.finish(done, "/rooms")
    assert [sent_form.begin(key), sent_form.begin(key)] == [True, False]
    assert not sent_form.begin(done)

"""A request that waits for nothing but the database waits for a limited time altogether."""

from __future__ import annotations

from flask import Flask, g

from chat.routes import deadlines


def endpoints(app: Flask, method: str) -> dict[str, str]:
    """Return each endpoint that has the method, with the blueprint it is in."""
    return {
        str(rule.endpoint): str(rule.endpoint).rpartition(".")[0]
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ())
    }


def test_every_change_of_a_room_is_bounded_through_page_and_api(app: Flask) -> None:
    changes = [
        endpoint
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for endpoint, blueprint in endpoints(app, method).items()
        if blueprint and not deadlines.is_bounded(method, blueprint, endpoint)
    ]
    homes = {endpoint.rpartition(".")[0] for endpoint in changes}
    bring_pictures = {
        "me",
        "images",
        "admin",
        "pages.settings",
        "pages.administration",
        "pages.rooms",
    }
    hash_passwords = {
        "auth",
        "sign_in",
        "single_sign_on",
        "joining",
        "resetting",
        "second_factor",
        "passkeys",
        "email",
        "pages.security",
        "pages.passkeys",
        "pages.email",
        "pages.connections",
        "pages.erasing",
    }
    ask_programs = {"commands", "outgoing_webhooks", "pages.outgoing_webhooks"}
    assert homes == hash_passwords | bring_pictures | ask_programs
    assert [each for each in changes if each.startswith("pages.rooms.")] == [
        "pages.rooms.post_message"  # brings pictures, and is bounded once it has read them
    ]


def test_no_blueprint_that_is_unbounded_has_another_name_by_now(app: Flask) -> None:
    assert set(app.blueprints) >= deadlines.UNBOUNDED | deadlines.WITH_UNBOUNDED_CHANGES


def test_a_page_that_asks_for_a_password_is_bounded(app: Flask) -> None:
    """It reads only: without a database it must say so as soon as any other."""
    for blueprint in ("sign_in", "joining", "resetting", "pages.security"):
        assert deadlines.is_bounded("GET", blueprint, f"{blueprint}.show")
        assert not deadlines.is_bounded("POST", blueprint, f"{blueprint}.change")


def test_a_bounded_request_has_a_deadline_while_it_lasts(app: Flask) -> None:
    with app.test_request_context("/mentions"):
        deadlines.begin()
        assert "deadline" in g
    with app.test_request_context("/up"):
        deadlines.begin()
        assert "deadline" not in g

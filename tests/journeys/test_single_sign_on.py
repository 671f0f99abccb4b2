"""Single sign-on in a browser: there and back by a real provider, and out again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from config import Settings
from tests.helpers.axe import faults
from tests.helpers.oidc_provider import OidcProvider
from tests.helpers.pages import comes_to
from tests.helpers.servers import Server, free_port, new_chat
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened

PORT = free_port()


@pytest.fixture(scope="module")
def acme(folder: Path) -> Iterator[OidcProvider]:
    with OidcProvider(folder, f"http://127.0.0.1:{PORT}/auth/acme/callback") as provider:
        yield provider


@pytest.fixture(scope="module")
def server(app: Flask, settings: Settings, folder: Path, acme: OidcProvider) -> Iterator[Server]:
    variables = acme.variables("ACME", CREATE="on", LABEL="Acme Identity")
    with new_chat(folder, settings.mongo_uri, port=PORT, **variables) as running:
        yield running
    assert not running.errors()


def test_bob_connects_his_account_comes_back_by_the_provider_and_signs_out(
    opened: Opened, world: World, acme: OidcProvider
) -> None:
    login = f"bob-{secrets.token_hex(4)}"
    acme.knows(**{login: {"name": "Bob at Acme", "email": "bob@acme.example"}})
    page = opened(world.bob, viewport={"width": 320, "height": 800}, bypass_csp=True)

    def is_sound(place: str) -> None:
        assert faults(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") == 320, place

    page.goto("/settings")
    page.get_by_role("link", name="Sign-in providers").click()
    expect(page).to_have_url(re.compile("/settings/sign-in$"))
    page.get_by_role("link", name="Connect Acme Identity").click()
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("anything")
    page.locator("button[type=submit]").click()
    expect(page.get_by_text("Acme Identity knows you as Bob at Acme.")).to_be_visible()
    is_sound("before it is connected")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Connected since")).to_be_visible()
    is_sound("connected")

    page.context.clear_cookies(name=re.compile("^chat_"))
    page.goto("/login?next=/mentions")
    is_sound("ways to sign in")
    page.get_by_role("link", name="Sign in with Acme Identity").click()
    comes_to(page, "/mentions")  # the provider knows the browser
    page.goto("/settings")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You may still be signed in at Acme Identity.")).to_be_visible()
    is_sound("signed out")
    page.get_by_role("link", name="Sign in with Acme Identity").click()
    comes_to(page, "/rooms")
    page.goto("/settings/sign-in")
    page.get_by_role("button", name="Disconnect Acme Identity").click()
    expect(page.get_by_text("Not connected")).to_be_visible()

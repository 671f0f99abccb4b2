"""Signing in by a real provider of OpenID Connect."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from config import Settings
from tests.helpers.form_browser import Browser
from tests.helpers.oidc_provider import OidcProvider, sign_in_there
from tests.helpers.servers import Server, free_port, new_chat
from tests.helpers.world import World

PORT = free_port()


@pytest.fixture(scope="module")
def acme(folder: Path) -> Iterator[OidcProvider]:
    with OidcProvider(folder, f"http://127.0.0.1:{PORT}/auth/acme/callback") as provider:
        yield provider


@pytest.fixture(scope="module")
def server(app: Flask, settings: Settings, folder: Path, acme: OidcProvider) -> Iterator[Server]:
    variables = acme.variables("ACME", CREATE="on", ADMIN_CLAIM="groups:chat-admins")
    with new_chat(folder, settings.mongo_uri, port=PORT, **variables) as running:
        yield running
    assert not running.errors()


def login_of(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}"


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def test_dora_comes_by_the_provider_and_has_an_account_from_then_on(
    world: World, acme: OidcProvider
) -> None:
    dora = login_of("dora")
    acme.knows(**{dora: {"name": "Dora Dorn", "preferred_username": f"{dora}@acme.example"}})
    browser = Browser(world.server)
    page = browser.get("/auth/acme?next=/mentions")
    entered = sign_in_there(browser, page, dora)
    print(entered.text[:3000])
    assert path_of(entered) == "/mentions", entered.text
    assert f"@{dora}" in browser.get("/settings/profile").text

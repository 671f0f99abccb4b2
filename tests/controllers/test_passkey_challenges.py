"""Where browsers let people use passkeys, and for which site."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import passkey_challenges
from config import Settings


@pytest.fixture(autouse=True)
def usual(app: Flask, settings: Settings) -> Iterator[None]:
    with app.app_context():
        yield
    extensions.bind_settings(settings)


@pytest.mark.parametrize(
    ("public_url", "page", "obstacle"),
    [
        ("https://chat.example.org", "chat.example.org", ""),
        ("https://Chat.example.org:443", "chat.example.org", ""),
        ("https://chat.example.org:8443", "chat.example.org:8443", ""),
        ("https://chat.example.org:8443", "chat.example.org", "address"),
        ("https://chat.example.org", "other.example.org", "address"),
        ("http://localhost:5000", "localhost:5000", ""),
        ("http://localhost:5000", "127.0.0.1:5000", "address"),
        ("http://chat.example.org", "chat.example.org", "https"),
        ("http://127.0.0.1:5000", "127.0.0.1:5000", "https"),
        ("https://203.0.113.7", "203.0.113.7", "https"),
        ("https://[2001:db8::7]", "[2001:db8::7]", "https"),
    ],
)
def test_passkeys_need_https_or_localhost_a_name_and_its_own_address(
    settings: Settings, public_url: str, page: str, obstacle: str
) -> None:
    extensions.bind_settings(dataclasses.replace(settings, public_urls=(public_url,)))
    assert passkey_challenges.obstacle(page) == obstacle


def test_the_site_is_that_of_the_first_address_as_browsers_write_it(settings: Settings) -> None:
    urls = ("https://Chat.example.org:443", "https://other.example.org")
    extensions.bind_settings(dataclasses.replace(settings, public_urls=urls))
    site = passkey_challenges.site()
    assert (site.host, site.origin) == ("chat.example.org", "https://chat.example.org")

"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from chat.controllers import messages
from chat.models.document import id_from
from chat.models.message import postable as message_model
from chat.models.user import User
from tests.helpers.servers import Server
from tests.helpers.world import Person, csrf_of

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
QUIET = [  # Chromium looks for its maker's hosts otherwise, which tests must not
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A busy machine is slow, not wrong: what a page promises is awaited this long.
expect.set_options(timeout=15_000)  # ms

Opened = Callable[..., Page]
SayThen = Callable[[Person, str, str, datetime], None]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start the browser for the journeys of this worker, and end it when they are over.

    Tests that use `asyncio.run` come after that: it does not work while Playwright runs.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        assert not os.environ.get("CI"), "CI must never skip the browser tests"
        pytest.skip("there is no Chromium here; on Debian: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


def is_mistake(said: ConsoleMessage) -> bool:
    """Return whether a console message is one that no page may cause.

    Requests that fail and warnings of our own scripts belong to tests of lost connections.
    """
    return said.type not in ("error", "warning") or "Content Security" in said.text


@pytest.fixture
def opened(chromium: Browser, server: Server) -> Iterator[Opened]:
    """Open a browser for a person; at the end no page may have had a script error."""
    contexts, mistakes = [], []

    def open_for(person: Person | None = None, **options: Any) -> Page:
        context = chromium.new_context(**{"base_url": server.url} | options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.on("console", lambda said: mistakes.append(said.text) if is_mistake(said) else None)
        page.on(
            "requestfailed", lambda asked: print(f"{asked.url} did not come: {asked.failure}")
        )  # told where a test fails
        if person:
            sign_in(page, person, options.get("base_url", ""))
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert not mistakes


def sign_in(page: Page, person: Person, url: str = "") -> None:
    """Sign the person in. `url`: of the chat, if it is not the person's usual one."""
    url = url or person.server.url
    cookies = {
        "chat_access": person.access_token,
        "chat_refresh": person.refresh_token,
        "chat_csrf": csrf_of(person.access_token),
    }
    named = [
        {"name": f"{name}_{urlsplit(url).port}", "value": value, "url": url}
        for name, value in cookies.items()
    ]
    page.context.add_cookies(named)


@pytest.fixture
def picture(folder: Path) -> Callable[[Page, str], None]:
    """Save a screenshot of a page when CHAT_PICTURES names a folder, for people to look at."""

    def take(page: Page, name: str) -> None:
        if target := os.environ.get("CHAT_PICTURES"):
            page.screenshot(path=str(Path(target) / f"{name}.png"))

    return take


@pytest.fixture
def say_then(monkeypatch: pytest.MonkeyPatch) -> SayThen:
    """Send a message in the past."""

    def say(person: Person, room_id: str, body: str, moment: datetime) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(message_model, "now", lambda: moment)
            user = User.find(id_from(person.id))
            assert user
            messages.post(user, room_id, body=body, client_id=secrets.token_hex(8), image_ids=[])

    return say

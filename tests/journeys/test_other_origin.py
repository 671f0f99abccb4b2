"""A page of another origin in a real browser, as another developer would write it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from config import Settings
from tests.helpers.servers import ROOT, Server, new_chat
from tests.helpers.world import World
from tests.journeys.conftest import Opened, sign_in

PAGE = """<!doctype html><title>Elsewhere</title>
<script type="module">
import { io } from "./socket.io.js";
window.ask = async (url, options) => {
  try {
    const answer = await fetch(url, options);
    const requestId = answer.headers.get("X-Request-ID");
    return { status: answer.status, requestId, body: await answer.json() };
  } catch (error) {
    return { error: error.name };
  }
};
window.listen = (url, auth, transports) =>
  new Promise((resolve) => {
    const socket = io(url, { auth, transports, forceNew: true, withCredentials: false });
    socket.on("hello", ({ user }) => resolve(user.username));
    socket.on("connect_error", (error) => resolve(error.message));
  });
document.title = "Ready";
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Return the origin of a page that is not the chat's."""
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "socket.io.js").write_bytes((ROOT / "chat/static/vendor/socket.io.js").read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def chat(app: Flask, settings: Settings, folder: Path, elsewhere: str) -> Iterator[Server]:
    """Start a chat that allows pages of that origin."""
    with new_chat(folder, settings.mongo_uri, ALLOWED_ORIGINS=elsewhere) as server:
        yield server


def ask(page: Page, url: str, **options: Any) -> Any:
    return page.evaluate("([url, options]) => window.ask(url, options)", [url, options])


def listen(page: Page, url: str, auth: dict[str, str], transport: str) -> Any:
    return page.evaluate("(all) => window.listen(...all)", [url, auth, [transport]])


def opened_there(opened: Opened, origin: str) -> Page:
    page = opened(base_url=origin)
    page.goto(f"{origin}/index.html")
    page.wait_for_function("document.title === 'Ready'")
    return page


def test_a_page_elsewhere_talks_with_a_token_and_never_with_the_visitors_cookies(
    world: World, opened: Opened, chat: Server, elsewhere: str
) -> None:
    bob, url = world.bob, f"http://localhost:{chat.port}"
    page = opened_there(opened, elsewhere)
    sign_in(page, bob, url)
    bearer = {"Authorization": f"Bearer {bob.access_token}"}
    me = ask(page, f"{url}/api/v1/me", headers=bearer)
    assert (me["status"], me["body"]["username"]) == (200, bob.username)
    assert me["requestId"], "the page may read it"
    json_too = bearer | {"Content-Type": "application/json"}
    room = ask(
        page, f"{url}/api/v1/rooms", method="POST", headers=json_too, body='{"name": "Afar"}'
    )
    assert room["status"] == 201
    by_cookie = ask(page, f"{url}/api/v1/me", credentials="include")
    assert by_cookie == {"error": "TypeError"}, "the browser keeps the answer, a 401, to itself"
    for transport in ("websocket", "polling"):
        assert listen(page, url, {"token": bob.access_token}, transport) == bob.username
        assert listen(page, url, {}, transport) == "unauthenticated"


def test_a_page_that_nobody_allowed_can_do_nothing(
    world: World, opened: Opened, server: Server, elsewhere: str
) -> None:
    url = f"http://localhost:{server.port}"
    page = opened_there(opened, elsewhere)
    bearer = {"Authorization": f"Bearer {world.bob.access_token}"}
    assert ask(page, f"{url}/api/v1/me", headers=bearer) == {"error": "TypeError"}
    assert listen(page, url, {"token": world.bob.access_token}, "websocket") == "forbidden"

"""Pages are compressed where their length reveals nothing to who sees it and writes in them."""

from __future__ import annotations

import gzip
import re
import secrets

import pytest
import requests
from flask import Flask

from chat.routes import compression
from chat.routes.compression import PAGES_OF_ONE_ROOM, gzipped, parts_of_page
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World

RANDOM = re.compile(r'name="(csrf_token|client_id)" value="[^"]*"')
TAKES = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def bob(server: Server, world: World) -> Browser:
    return Browser(server).sign_in(world.bob)


def asked(browser: Browser, path: str, site: str | None = "same-origin") -> requests.Response:
    """Return the response to one of our pages, or to `site`, as Sec-Fetch-Site says it."""
    headers = TAKES | ({"Sec-Fetch-Site": site} if site else {})
    return browser.get(path, headers=headers, stream=True)


def length_of(html: str) -> int:
    return len(gzipped(parts_of_page(html.encode())))


# Which pages


def test_a_page_of_a_room_is_compressed_for_who_opens_it(bob: Browser, world: World) -> None:
    room_id = world.room()
    said = [world.alice.say(room_id, f"The {number}. ferry leaves") for number in range(20)]
    for of in (
        "",
        "/about",
        "/members",
        "/pins",
        "/images",
        "/settings",
        f"/messages/{said[0]['id']}",
    ):
        path = f"/rooms/{room_id}{of}"
        for site in ("same-origin", "none"):
            answer = asked(bob, path, site)
            packed = answer.raw.read(decode_content=False)
            assert answer.headers["Content-Encoding"] == "gzip", of
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert int(answer.headers["Content-Length"]) == len(packed)
            page = gzip.decompress(packed).decode()
            assert page.rstrip().endswith("</html>")
            assert len(packed) < len(page) / 2
        plain = bob.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert RANDOM.sub("", plain.text) == RANDOM.sub("", page)


def test_the_main_part_alone_is_compressed_too(bob: Browser, world: World) -> None:
    world.alice.say(room_id := world.room(), "The ferry leaves at seven")
    headers = TAKES | {"Sec-Fetch-Site": "same-origin", "X-Fragment": "main"}
    answer = bob.get(f"/rooms/{room_id}", headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "The ferry leaves at seven" in answer.text
    assert "<nav" not in answer.text


def test_a_page_that_somebody_elses_page_opens_is_never_compressed(
    bob: Browser, world: World
) -> None:
    room_id = world.room()
    for site in ("cross-site", "same-site", "", "x", None):
        for path in (f"/rooms/{room_id}", f"/api/v1/rooms/{room_id}/messages"):
            assert "Content-Encoding" not in asked(bob, path, site).headers, (path, site)


def test_a_page_that_mixes_rooms_is_never_compressed(bob: Browser, world: World) -> None:
    for number in range(5):
        world.alice.say(world.room(), f"@{world.bob.username} {number} heliotrope")
    paths = ("/mentions", "/search?q=heliotrope", "/rooms", "/rooms/all", "/rooms/browse")
    for path in (
        *paths,
        "/people",
        "/share",
        "/invitations",
        "/settings/profile",
        "/settings/devices",
        "/api/v1/mentions",
    ):
        answer = asked(bob, path)
        assert answer.status_code == 200, path
        assert "Content-Encoding" not in answer.headers, path


def test_our_own_pages_read_a_rooms_history_compressed(bob: Browser, world: World) -> None:
    room_id = world.room()
    for number in range(20):
        world.alice.say(room_id, f"The {number}. ferry leaves")
    answer = asked(bob, f"/api/v1/rooms/{room_id}/messages")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.json()["messages"]) == 20


def test_every_page_that_is_compressed_exists(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if "room_id" in rule.arguments}
    assert endpoints >= PAGES_OF_ONE_ROOM


# What the length reveals


def test_no_name_of_a_room_shortens_another_ones(bob: Browser, world: World) -> None:
    """A guess in a room's name, or in a message, costs the same whether it is right or wrong."""
    secret, wrong = "merger-with-aurora", "aurora-with-merger"
    room_id = world.room()
    for name in ("guess-in-the-sidebar", "secret-of-the-sidebar"):
        made = world.bob.post(
            "/rooms", {"name": f"{name}-{secrets.token_hex(4)}", "kind": "private"}
        )
        assert made.status_code == 201
    world.alice.say(room_id, "guess-in-the-room")
    page = bob.get(f"/rooms/{room_id}").text
    assert page.count("secret-of-the-sidebar") == page.count("guess-in-the-sidebar") > 0
    for place in ("guess-in-the-sidebar", "guess-in-the-room"):
        assert place in page

        def length(guess: str, hidden: str, place: str = place) -> int:
            return length_of(page.replace(place, guess).replace("secret-of-the-sidebar", hidden))

        gain = length(wrong, secret) - length(secret, secret)
        assert gain == length(wrong, "x" * 18) - length(secret, "x" * 18), place


def test_without_the_cuts_a_right_guess_would_be_shorter(bob: Browser, world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "guess-in-the-room")
    page = bob.get(f"/rooms/{room_id}").text.replace("<main", "merger-with-aurora<main")

    def length(guess: str) -> int:
        return len(gzipped([page.replace("guess-in-the-room", guess).encode()]))

    assert length("merger-with-aurora") < length("aurora-with-merger")


def test_a_large_part_is_compressed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(compression.socketio, "sleep", slept.append)
    part = secrets.token_hex(200_000).encode()
    assert gzip.decompress(gzipped([b"", b"a", part, part])) == b"a" + part + part
    assert len(slept) == 2 * (len(part) // compression.PIECE_BYTES)

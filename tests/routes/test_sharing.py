"""What another app shares is shown to its person, who sends it; the chat stores nothing before."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from chat.routes.pages.sharing import MOST_BYTES
from chat.utils.shared_text import joined
from tests.helpers.form_browser import Browser
from tests.helpers.servers import ROOT
from tests.helpers.world import World

CORPUS = json.loads((ROOT / "tests/corpus/shared_texts.json").read_text(encoding="utf-8"))
TEXT = {"title": "The ferry", "text": "It leaves at seven", "url": "https://ferry.example/7"}
JOINED = "The ferry\nIt leaves at seven\nhttps://ferry.example/7"
PICTURE = ("ferry.png", b"\x89PNG", "image/png")


@pytest.fixture
def bob(world: World) -> Browser:
    return Browser(world.server).sign_in(world.bob)


def share(browser: Browser, origin: str | None = "null", **form: Any) -> requests.Response:
    """Send what a share sheet sends, which comes from no page, and follow to the page."""
    files = {"files": form.pop("picture", ("", b""))}
    url = f"{browser.server.url}/share"
    headers = {"Origin": origin} if origin else {}
    sent = browser.http.post(
        url, data=form, files=files, headers=headers, timeout=10, allow_redirects=False
    )
    return browser.get(sent.headers["Location"]) if sent.status_code == 303 else sent


@pytest.mark.parametrize(("title", "text", "url", "expected"), CORPUS)
def test_title_text_and_address_become_one_text(
    title: str, text: str, url: str, expected: str
) -> None:
    assert joined(title, text, url) == expected


def test_without_scripts_a_text_is_shared_into_a_room_and_sent_by_its_person(
    world: World, bob: Browser
) -> None:
    room_id = world.room(name="Harbour")
    page = share(bob, **TEXT).text
    assert JOINED in page
    assert "Harbour" in page
    written = bob.submit(f"/rooms/{room_id}/share", body=JOINED)
    assert f"{JOINED}</textarea>" in written.text
    assert world.bob.get(f"/rooms/{room_id}/messages").json()["messages"] == []
    assert JOINED not in bob.get("/share").text, "it went to a room"
    assert bob.get(f"/rooms/{room_id}/share").url.endswith(f"/rooms/{room_id}"), "a reload"


def test_a_text_is_shared_with_somebody_new(world: World, bob: Browser) -> None:
    name = world.alice.username
    share(bob, **TEXT)
    page = bob.get(f"/share?q={name}").text
    address = f"/share/people/{world.alice.id}"
    assert address in page
    written = bob.submit(address, body=JOINED).text
    assert f"{JOINED}</textarea>" in written
    (direct,) = [
        item["room"] for item in world.bob.get("/rooms").json()["rooms"] if item["room"]["user_ids"]
    ]
    share(bob, **TEXT)
    page = bob.get("/share?q=Alice").text
    assert f"/rooms/{direct['id']}/share" in page
    assert address not in page, "nobody is there twice"


def test_only_rooms_where_one_may_write_are_offered(world: World, bob: Browser) -> None:
    share(bob, **TEXT)
    open_room = world.room()
    archived, other = world.room(name="Archived"), world.mallory.make_room(name="Elsewhere")
    assert world.alice.patch(f"/rooms/{archived}", {"archived": True}).ok
    page = bob.get("/share").text
    assert open_room in page.partition("<main")[2]
    assert archived not in page.partition("<main")[2]
    assert "Elsewhere" not in page
    answer = bob.submit(f"/rooms/{other}/share", follow=False, body="x")
    assert answer.status_code == 404


def test_somebody_signed_out_finds_it_after_signing_in(world: World) -> None:
    browser = Browser(world.server)
    asked = share(browser, **TEXT)
    assert asked.url.endswith("/login?next=/share")
    assert JOINED not in asked.text
    browser.sign_in(world.bob)
    assert JOINED in browser.get("/share").text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"picture": PICTURE}, "The pictures did not come along"),
        ({"text": "x" * (MOST_BYTES + 1)}, "This text is too long to share"),
        ({"text": "€" * MOST_BYTES, "picture": PICTURE}, "This was too large"),
        ({"picture": ("big.png", b"x" * 3_000_000, "image/png")}, "This was too large"),
    ],
)
def test_what_cannot_come_is_said_in_a_sentence(
    bob: Browser, form: dict[str, Any], sentence: str
) -> None:
    assert sentence in share(bob, **form).text


def test_without_anything_shared_the_page_says_how(bob: Browser) -> None:
    page = bob.get("/share").text
    assert "Nothing is shared yet" in page
    assert "share-choices" not in page
    assert "Nothing is shared yet" not in bob.get(f"/share?shared={'0' * 32}").text
    assert bob.get("/share?left_out=nonsense").status_code == 422


def test_another_site_cannot_share_and_a_share_does_not_go_on_without_our_form(
    world: World, bob: Browser
) -> None:
    assert share(bob, origin="https://evil.example", **TEXT).status_code == 403
    assert share(bob, origin=None, **TEXT).status_code == 200
    room_id = world.room()
    url = f"{world.server.url}/rooms/{room_id}/share"
    for origin in ("null", world.server.url):
        sent = bob.http.post(url, data={"body": "x"}, headers={"Origin": origin}, timeout=10)
        assert sent.status_code == 403, origin


@pytest.mark.parametrize("value", ["%", "x", "_____w==", "4pyT" * 900])
def test_whatever_is_in_the_cookie_is_answered(bob: Browser, value: str) -> None:
    bob.http.cookies.set(bob.server.cookie("chat_shared"), value, path="/share")
    assert bob.get("/share").status_code == 200

"""Everything that people write is shown as text, on every page.

The pages' content security policy is off here, so that an injected script would run.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from flask import Flask
from playwright.sync_api import Page, expect

from chat.models.document import id_from
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.names import clean_name
from chat.utils.text import clean_text
from tests.helpers.form_browser import Browser
from tests.helpers.hostile import HOSTILE, PAYLOADS, RUN
from tests.helpers.pages import is_live
from tests.helpers.uploads import upload, uploaded
from tests.helpers.world import World
from tests.journeys.conftest import Opened

FOREIGN = (
    "main :is(script, iframe, object, embed, style, link, base, meta, math, video), "
    "main svg:not(.icon), "
    "[onerror], [onload], [onfocus], [onclick], [onmouseover], [ontoggle]"
)


def watched(page: Page) -> list[str]:
    """Return a list that collects the dialogs that the page opens."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    return dialogs


def is_unharmed(page: Page, dialogs: list[str]) -> None:
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked") is None
    assert dialogs == []
    assert page.locator(FOREIGN).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def headings_of_unharmed(page: Page, html: str) -> int:
    """Return how many headings a page has, which the browser parses without running anything.

    Its scripts are the usual ones, and nothing in it belongs to nobody.
    """
    scripts, foreign, headings = page.evaluate(
        """([html, foreign]) => {
          const parsed = new DOMParser().parseFromString(html, "text/html");
          const inline = [...parsed.scripts].filter(
            ({ src, type }) => !src && type !== "application/json");
          return [inline.map(({ text }) => text), parsed.querySelectorAll(foreign).length,
            parsed.querySelectorAll("main h1").length];
        }""",
        [html, FOREIGN],
    )
    assert (scripts, foreign) == ([], 0), html[:2000]
    return int(headings)


def one_line(text: str, longest: int) -> str:
    return clean_text(text.replace("\n", " ")[:longest]) or "x"


def a_name(text: str) -> str:
    """Return the part of the text that can be a room's name.

    Earlier versions had other rules, so the database may hold any name.
    """
    try:
        return clean_name(one_line(text, 80))
    except ValueError:
        return "x"


def test_the_watch_would_notice(world: World, opened: Opened) -> None:
    page = opened(world.bob, bypass_csp=True)
    dialogs = watched(page)
    page.goto("/rooms")
    page.evaluate(
        "html => { document.querySelector('main').innerHTML = html; }", f"<img src=x onerror={RUN}>"
    )
    page.wait_for_function("window.hacked")
    assert dialogs


def test_bodies_and_display_names_stay_text(app: Flask, world: World, opened: Opened) -> None:
    room_id = world.room()
    room = Room.find(id_from(room_id))
    page = opened(world.bob, bypass_csp=True)
    dialogs = watched(page)
    page.goto(f"/rooms/{room_id}")
    assert len(HOSTILE) == len(set(HOSTILE)) > 200
    for i, text in enumerate(HOSTILE):
        author = User.register(f"{room_id}-{i}", one_line(text, 64), "")
        Membership.begin(room, author.id, "member", 0)
        Message.post(room.id, author, f"h{i}", clean_text(text, lines=True) or "x")
    world.alice.say(room_id, "the last one")  # announced, it brings all before it to the page
    expect(page.locator(".message").last).to_contain_text("the last one")
    assert page.locator(".message").count() == len(HOSTILE) + 1
    is_unharmed(page, dialogs)
    for path in (f"/rooms/{room_id}?limit=200", f"/rooms/{room_id}/members", f"/rooms/{room_id}"):
        page.goto(path)
        is_unharmed(page, dialogs)
    page.locator(".composer-body").fill("still here")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message:not(.message-pending)").last).to_contain_text("still here")


def test_names_and_topics_of_rooms_stay_text(app: Flask, world: World, opened: Opened) -> None:
    page = opened(world.bob, bypass_csp=True)
    dialogs = watched(page)
    world.room()
    page.goto("/rooms")
    is_live(page)  # hello comes before the first of these rooms; the next page shows them
    for text in HOSTILE[:180]:
        room = Room.prepare("public", one_line(text, 80), one_line(text, 250))
        Membership.open_room(room, id_from(world.bob.id))
    for text in HOSTILE[180:]:  # live
        # private, as some of them look alike
        body = {"name": a_name(text), "topic": one_line(text, 250), "kind": "private"}
        answer = world.bob.post("/rooms", body)
        assert answer.status_code == 201, answer.text
    expect(page.locator(".room-item")).to_have_count(len(HOSTILE[180:]) + 1)
    is_unharmed(page, dialogs)
    page.goto("/rooms/browse")
    expect(page.locator(".room-item")).to_have_count(100)  # those used last
    is_unharmed(page, dialogs)
    page.goto("/rooms/all")
    for _ in range(len(HOSTILE) // 100):
        is_unharmed(page, dialogs)
        page.get_by_role("link", name="More", exact=True).click()
    is_unharmed(page, dialogs)
    page.goto(f"/rooms/{answer.json()['id']}")
    is_unharmed(page, dialogs)
    expect(page.locator("h1")).to_have_text(a_name(HOSTILE[-1]))


def test_the_page_of_a_room_shows_its_name_and_topic_as_text(
    app: Flask, world: World, opened: Opened
) -> None:
    bob, page = Browser(world.server).sign_in(world.bob), opened()
    for i, text in enumerate(PAYLOADS):  # the wrappings are for Markdown
        room = Room.prepare("private", one_line(text, 80), one_line(text, 250))
        mine = Membership.open_room(room, id_from(world.bob.id))
        for of in ("", "/members", "/pins", "/images") if i < 3 else ("",):
            assert headings_of_unharmed(page, bob.get(f"/rooms/{room.id}{of}").text) == 1
        mine.end()


def test_what_pictures_are_said_to_show_stays_text(
    app: Flask, world: World, opened: Opened
) -> None:
    room_id = world.room()
    image = Image.find(id_from(uploaded(world.bob, room_id)["id"]))
    bob = User.find(id_from(world.bob.id))
    page = opened(world.carol, bypass_csp=True)
    dialogs = watched(page)
    page.goto(f"/rooms/{room_id}")
    alts = [clean_text(text.replace("\n", " ")) or "x" for text in HOSTILE]
    for i, alt in enumerate(alts):
        Message.post(id_from(room_id), bob, f"i{i}", "", [replace(image, alt=alt)])
    world.alice.say(room_id, "the last one")  # announced, it brings all before it to the page
    expect(page.locator(".message").last).to_contain_text("the last one")
    shown = page.locator(".message-image-thumbnail").evaluate_all(
        "found => found.map(each => each.alt)"
    )
    assert shown[-len(alts) :] == alts
    is_unharmed(page, dialogs)
    for i, alt in enumerate(alts[:10]):
        shown = upload(world.bob, room_id, alt=alt).json()
        world.bob.post(
            f"/rooms/{room_id}/messages", {"client_id": f"u{i}", "image_ids": [shown["id"]]}
        )
    for path, least in ((f"/rooms/{room_id}?limit=200", 200), (f"/rooms/{room_id}/images", 10)):
        page.goto(path)
        assert page.locator("main li img").count() >= least
        is_unharmed(page, dialogs)


def test_what_is_looked_for_and_found_stays_text(app: Flask, world: World, opened: Opened) -> None:
    room_id = world.room()
    bob = User.find(id_from(world.bob.id))
    for i, text in enumerate(HOSTILE):
        Message.post(id_from(room_id), bob, f"h{i}", clean_text(text, lines=True) or "x")
    page = opened(world.bob, bypass_csp=True)
    dialogs, found = watched(page), 0
    page.goto(f"/search?q=in:{room_id}")
    while True:
        found += page.locator(".search-result").count()
        is_unharmed(page, dialogs)
        if not page.get_by_role("link", name="Older messages").count():
            break
        with page.expect_navigation():
            page.get_by_role("link", name="Older messages").click()
    assert found == len(HOSTILE)
    browser = Browser(world.server).sign_in(world.bob)
    for text in PAYLOADS:  # the wrappings are for Markdown
        assert headings_of_unharmed(page, browser.get(f"/search?q={quote(text)}").text) == 1

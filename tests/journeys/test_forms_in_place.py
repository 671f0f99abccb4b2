"""Forms go on without a reload: the connection, the sidebar and the history stay."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.helpers.pages import is_live, message, row
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


@pytest.fixture
def page(opened: Opened, world: World) -> Page:
    """Open a page of bob, who is in one room."""
    world.bob.make_room("Orchard")
    page = opened(world.bob)
    page.goto("/rooms/browse")
    is_live(page)
    page.evaluate("window.isSame = true")
    return page


def is_current(page: Page, room_id: str) -> None:
    """Wait until a room is shown, its row is the current one, and its composer has the focus."""
    expect(row(page, room_id).locator("a")).to_have_attribute("aria-current", "page")
    expect(page.locator(".room-item-link[aria-current]")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Message to")).to_be_focused()
    assert page.url.endswith(f"/rooms/{room_id}")


def name_of_new_room(page: Page) -> Locator:
    """Go to the page that creates rooms. Other pages have a field with this label, too."""
    page.get_by_role("link", name="Create room").first.click()
    expect(page.locator("main h1")).to_have_text("Create room")
    return page.locator("main").get_by_label("Name", exact=True)


def test_whoever_joins_or_creates_a_room_is_in_it_at_once(
    page: Page, world: World, picture: Picture
) -> None:
    lagoon, jetty = world.mallory.make_room("Lagoon"), world.mallory.make_room("Jetty")
    page.reload()
    is_live(page)
    page.evaluate("window.isSame = true")
    page.get_by_role("button", name="Join Lagoon").click()
    is_current(page, lagoon)
    picture(page, "joined")
    expect(page).to_have_title("Lagoon · Chat")
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Public rooms")
    page.get_by_role("link", name="Jetty", exact=True).click()
    page.get_by_role("button", name="Join Jetty").click()
    is_current(page, jetty)
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Public rooms")
    name = name_of_new_room(page)
    name.fill("jetty")
    page.get_by_label("Topic (optional)").fill("boats")
    name.press("Enter")
    expect(page.locator("#name-note")).to_contain_text("“Jetty”")
    expect(name).to_be_focused()
    expect(name).to_have_value("jetty")
    expect(page.get_by_label("Topic (optional)")).to_have_value("boats")
    picture(page, "refused")
    name.fill("Docks")
    name.press("Enter")
    expect(page.locator("main h1")).to_have_text(re.compile("Docks"))
    is_current(page, page.url.rpartition("/")[2])
    world.mallory.say(jetty, "ahoy")
    expect(row(page, jetty)).to_have_attribute("data-unread", "1")
    assert page.evaluate("window.isSame"), "nothing was loaded anew"


def test_whoever_goes_elsewhere_while_a_form_is_sent_stays_there(page: Page, world: World) -> None:
    world.mallory.make_room("Hidden Cove")
    page.reload()
    is_live(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/join", hold)
    page.get_by_role("button", name="Join Hidden Cove").click()
    page.get_by_role("link", name="Mentions").click()
    expect(page.locator("main h1")).to_have_text("Mentions")
    with page.expect_response("**/join"):
        held[0].continue_()
    expect(page.locator(".room-item", has_text="Hidden Cove")).to_be_visible()
    expect(page.locator("main h1")).to_have_text("Mentions")


def test_a_form_that_the_chat_cannot_take_now_stays_as_it_was_typed(page: Page) -> None:
    name = name_of_new_room(page)
    name.fill("Docks")
    answer = {
        "status": 503,
        "headers": {"X-Fragment": "main"},
        "content_type": "text/html",
        "body": '<main id="main"><p class="error-message">The database is away.</p></main>',
    }
    page.route("**/rooms", lambda route: route.fulfill(**answer))
    name.press("Enter")
    expect(page.locator(".page-notice")).to_have_text("The database is away.")
    expect(name).to_have_value("Docks")
    page.unroute("**/rooms")
    page.evaluate("document.querySelector('#main').dataset.version = 'an earlier one'")
    name.fill("orchard")
    name.press("Enter")
    expect(page.locator("#name-note")).to_contain_text("“Orchard”")
    expect(name).to_have_value("orchard")
    assert not page.evaluate("window.isSame"), "the page came with the scripts of its version"


def test_the_forms_of_a_message_lead_to_it(page: Page, world: World) -> None:
    room_id = world.room()
    said = [world.bob.say(room_id, f"wave {number}") for number in range(60)]
    page.goto(f"/rooms/{room_id}/messages/{said[20]['id']}")
    is_live(page)
    page.evaluate("window.isSame = true")
    page.locator("main").get_by_role("button", name="React with 🎉").first.click()
    expect(message(page, "wave 20").get_by_role("button", name=re.compile("🎉"))).to_be_visible()
    expect(message(page, "wave 20")).to_be_in_viewport()
    assert page.url.endswith(f"#message-{said[20]['seq']}")
    assert page.evaluate("window.isSame"), "nothing was loaded anew"

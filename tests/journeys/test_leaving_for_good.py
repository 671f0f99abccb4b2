"""What cannot be undone: a room that everybody reads from now on, an account that is deleted."""

from __future__ import annotations

import re
from secrets import token_hex

from playwright.sync_api import Route, expect

from tests.helpers.pages import is_live
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened


def test_a_private_room_is_opened_to_everybody_once_its_owner_said_yes(
    opened: Opened, world: World
) -> None:
    room_id = world.room(kind="private", name=f"Quay {token_hex(4)}")
    page = opened(world.alice)
    page.goto(f"/rooms/{room_id}/settings")
    is_live(page)
    for _ in range(2):
        page.get_by_label("Topic").fill("Ferries")
        page.get_by_label("Public").check()
        page.get_by_role("button", name="Save", exact=True).first.click()
        expect(page.get_by_role("heading", name="Let everyone read this room?")).to_be_visible()
        assert world.alice.get(f"/rooms/{room_id}").json()["kind"] == "private"
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_label("Private")).to_be_checked()
    page.get_by_label("Topic").fill("Ferries")
    page.get_by_label("Public").check()
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_role("button", name="Make it public").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    room = world.alice.get(f"/rooms/{room_id}").json()
    assert (room["kind"], room["topic"]) == ("public", "Ferries")


def test_whoever_deletes_their_account_reads_that_it_is_deleted(
    opened: Opened, world: World
) -> None:
    world.room()
    page = opened(world.carol)
    page.goto("/settings/delete-account")
    is_live(page)
    ended = []

    def answer_late(route: Route) -> None:
        """Let the page learn from its connection first that its session has ended."""
        answer = route.fetch(max_redirects=0)
        ended.append(world.carol.get("/me").status_code)
        page.wait_for_timeout(1000)
        route.fulfill(response=answer)

    page.route("**/settings/delete-account", answer_late)
    page.get_by_label("They stay in their rooms").check()
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page).to_have_url(re.compile(r"/login\?deleted=1"))
    assert ended == [401]
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()


def test_a_long_name_of_the_chat_is_shortened(opened: Opened, world: World) -> None:
    for width in (1440, 390):
        page = opened(world.bob, viewport={"width": width, "height": 800})
        page.goto("/rooms")
        page.locator(".chat-name").first.evaluate("(name) => (name.textContent = 'W'.repeat(64))")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sidebar = page.locator("nav.sidebar").bounding_box()
        search = page.locator(".sidebar-mark").first.bounding_box()
        assert sidebar
        assert search
        assert search["x"] + search["width"] <= sidebar["x"] + sidebar["width"]

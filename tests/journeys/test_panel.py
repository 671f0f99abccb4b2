"""The panel beside a room: its details and the search, on wide and on narrow windows."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import live
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
WIDE = {"viewport": {"width": 1440, "height": 900}}


def panel(page: Page) -> object:
    return page.locator("side-panel")


def test_details_open_beside_the_messages_and_back_and_escape_close_them(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "Boats are cheap today")
    assert world.alice.put(f"/messages/{said['id']}/pin").status_code == 200
    page = live(opened(world.alice, **WIDE), room_id)
    panel = page.get_by_role("complementary")
    picture(page, "panel-closed")
    page.get_by_role("link", name="Harbour", exact=True).last.click()
    expect(panel.get_by_role("heading", name="Harbour")).to_be_focused()
    expect(page.get_by_label("Message to")).to_be_visible()
    picture(page, "panel-about")
    for tab in ("People", "Pinned", "Pictures", "Settings"):
        panel.get_by_role("link", name=tab, exact=True).click()
        expect(panel.get_by_role("heading", name=re.compile(f"^{tab}"), level=2)).to_be_attached()
        picture(page, f"panel-{tab.lower()}")
    assert page.url.endswith(room_id)
    page.go_back()
    expect(panel).to_be_hidden()
    toggle = page.get_by_role("link", name="Details", exact=True)
    toggle.click()
    expect(panel.get_by_role("heading", name="Harbour")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(toggle).to_be_focused()

"""Finding one's way: favourites, people, rooms that one is not in yet, notes to oneself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import live, row
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


def test_a_star_puts_a_room_above_all_others_on_every_page_and_device(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id, other_id = world.room(), world.room(name="Market")
    page, elsewhere = live(opened(world.bob), room_id), live(opened(world.bob), other_id)
    star = page.get_by_role("button", name="Favourite")
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("heading", name="Favourites")).to_be_hidden()
    star.click()
    for each in (page, elsewhere):
        favourites = each.get_by_role("region", name="Favourites")
        expect(favourites.locator(".room-item-name")).to_have_text(["Harbour"])
    expect(star).to_have_attribute("aria-pressed", "true")
    picture(page, "favourite")

    # from the other device, where the page that comes back has heard nothing
    row(page, other_id).get_by_role("link").click()
    expect(page.locator(".room-header-name")).to_have_text("Market")
    live(elsewhere, room_id)
    elsewhere.keyboard.press("Control+k")
    elsewhere.keyboard.type(">remove from")
    elsewhere.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Favourites")).to_be_hidden()
    row(page, room_id).get_by_role("link").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "false")

"""Going to rooms, people and commands by the keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import live
from tests.helpers.world import World
from tests.journeys.conftest import Opened


def open_switcher(page: Page) -> Locator:
    page.keyboard.press("Control+k")
    text = page.get_by_role("combobox", name="Room, person or command")
    expect(text).to_be_focused()
    return text


def selected(page: Page) -> Locator:
    return page.get_by_role("option", selected=True)


def test_somebody_goes_to_rooms_people_commands_and_the_search_by_the_beginning_of_a_name(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    harbour = world.room()
    market = world.bob.make_room("Old Märket")
    page = live(opened(world.bob), harbour)
    composer = page.get_by_label("Message to")
    composer.fill("begun")

    page.get_by_title("Go to a room or a person").click()
    expect(page.get_by_role("combobox", name="Room, person or command")).to_be_focused()
    picture(page, "switcher")
    page.keyboard.press("Escape")
    composer.press("Control+k")
    page.keyboard.press("Escape")
    expect(composer).to_be_focused()

    text = open_switcher(page)
    text.press_sequentially("marekt")  # a slip
    expect(selected(page)).to_contain_text("Old Märket")
    text.press("Enter")
    page.wait_for_url(f"**/rooms/{market}")
    expect(page.get_by_label("Message to")).to_be_focused()
    open_switcher(page).press("Enter")  # back to the room before
    page.wait_for_url(f"**/rooms/{harbour}")
    expect(composer).to_have_value("begun")

    # the server has to find her, and Enter waits for that
    open_switcher(page).press_sequentially("carol")
    page.keyboard.press("Enter")
    expect(page.locator(".room-header-name")).to_have_text("Carol")

    text = open_switcher(page)
    text.press_sequentially(">")
    expect(page.get_by_role("option", name="Browse public rooms")).to_be_visible()
    expect(page.get_by_role("option", name="Administration")).to_have_count(0)
    picture(page, "switcher-commands")
    text.fill("status")
    expect(selected(page)).to_have_text("Set status")
    text.fill("dark")  # found without the sign, too
    expect(selected(page)).to_have_text("Theme: dark")
    text.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    text = open_switcher(page)
    text.press_sequentially("har heliotrope")
    expect(selected(page)).to_have_text("Search messages for “har heliotrope”")
    text.press("Enter")
    expect(page.locator("side-panel input[type=search]")).to_have_value("har heliotrope")


def test_on_a_narrow_screen_too_arrows_and_taps_choose_from_the_rooms(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    wharf = world.room(name="Wharf")
    market = world.bob.make_room("Wharf market")
    page = live(opened(world.bob, viewport={"width": 320, "height": 640}), wharf)
    text = open_switcher(page)
    text.press_sequentially("#wha")
    expect(selected(page)).to_contain_text("Wharf market")  # the room that is shown comes last
    picture(page, "switcher-narrow")
    for expected in ("Wharf", "Wharf market"):
        text.press("ArrowDown")
        expect(selected(page).locator(".suggestion-name")).to_have_text(expected)
    text.fill("#nowhere")
    expect(page.get_by_text("No one and nothing matches “nowhere”.")).to_be_visible()
    text.fill("")
    page.get_by_role("option", name="Wharf market").click()
    page.wait_for_url(f"**/rooms/{market}")

"""A sound tells of what notifies somebody who looks elsewhere, once in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.helpers.pages import live, message, row
from tests.helpers.servers import wait_until
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# Nobody hears a headless browser: each page counts the sounds that it begins.
COUNT = """
    window.notes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.notes += 1;
        return start.apply(this, when);
    };
"""
FORGET = "localStorage.removeItem('chat.sound')"  # so that the next one need not wait
NOTES = 2  # of a sound
QUIET = 1_000  # ms in which a sound would begin


def has_unread(page: Page, room_id: str, count: int) -> None:
    """Wait until a page knows how many messages are unread in a room."""
    expect(row(page, room_id)).to_have_attribute("data-unread", str(count))


def notes(*pages: Page) -> int:
    return sum(page.evaluate("window.notes") for page in pages)


def test_what_notifies_sounds_once_for_all_tabs_unless_its_room_is_looked_at_or_sounds_are_off(
    opened: Opened, world: World
) -> None:
    room_id, other = world.room(name="Garden"), world.room(name="Harbour")
    page = opened(world.bob)
    page.context.add_init_script(COUNT)
    live(page, other)
    tab = live(page.context.new_page(), other)
    for each in (page, tab):
        each.get_by_label("Message to").click()  # a browser lets no page sound that nobody used
    page.bring_to_front()

    call = f"@{world.bob.username} come"
    world.carol.say(room_id, call)
    wait_until(lambda: notes(page, tab) > 0, "it sounds")
    has_unread(page, room_id, 1)
    has_unread(tab, room_id, 1)
    page.wait_for_timeout(QUIET)
    assert notes(page, tab) == NOTES, "the other tab stays silent"

    tab.close()
    sounded = notes(page)
    page.evaluate(FORGET)
    page.get_by_role("link", name="Garden").first.click()
    expect(message(page, call)).to_be_visible()
    world.carol.say(room_id, "Hurry, @room")
    expect(message(page, "Hurry, @room")).to_be_visible()
    page.wait_for_timeout(QUIET)
    assert notes(page) == sounded, "its room is looked at"

    page.get_by_role("link", name="Harbour").first.click()
    assert world.bob.patch("/me/preferences", {"sounds": False}).ok
    expect(page.locator("html")).to_have_attribute("data-sounds", "false")
    world.carol.say(room_id, call)
    has_unread(page, room_id, 1)
    page.wait_for_timeout(QUIET)
    assert notes(page) == sounded, "sounds are off"

    page.goto("/settings/notifications")
    page.get_by_role("button", name="Play it").click()
    wait_until(lambda: notes(page) == NOTES, "it sounds")

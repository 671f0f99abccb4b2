"""An owner lets a room delete old messages: the page asks first, and the pages of others follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from chat.utils.clock import now
from tests.helpers.pages import live
from tests.helpers.world import World
from tests.journeys.conftest import Opened, SayThen

WIDE = {"viewport": {"width": 1440, "height": 900}}
NARROW = {"viewport": {"width": 390, "height": 844}}


def test_a_room_deletes_old_messages_once_its_owner_said_yes(
    opened: Opened, world: World, say_then: SayThen, picture: Callable[[Page, str], None]
) -> None:
    room_id, other = world.room(), world.room()
    say_then(world.carol, room_id, "Boats were cheap", now() - timedelta(days=40))
    world.alice.say(room_id, "Boats are dear")
    carols = live(opened(world.carol, **NARROW), room_id)
    expect(carols.get_by_text("Boats were cheap")).to_be_visible()
    bobs = live(opened(world.bob), other)
    badge = bobs.locator(f'.room-item[data-room-id="{room_id}"]')
    expect(badge).to_have_attribute("data-unread", "2")
    page = live(opened(world.alice, **WIDE), room_id)
    panel = page.get_by_role("complementary")
    page.get_by_role("link", name="Details", exact=True).click()
    panel.get_by_role("link", name="Settings").click()
    days = panel.get_by_label("Delete messages after so many days")
    days.fill("30")
    picture(page, "retention-settings")
    days.press("Enter")
    expect(page.get_by_role("heading", name="Delete up to one message?")).to_be_visible()
    picture(page, "retention-question")
    expect(carols.get_by_text("Boats were cheap")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Messages are deleted after 30 days.")).to_be_visible()
    picture(page, "retention-saved")
    expect(carols.get_by_text("Boats were cheap")).to_have_count(0)
    expect(carols.get_by_text("Boats are dear")).to_be_visible()
    expect(carols.get_by_text("older than this room keeps them")).to_be_visible()
    expect(badge).to_have_attribute("data-unread", "1")
    expect(carols.get_by_text("set how long messages stay")).to_be_visible()
    picture(carols, "retention-gone")
    page.goto("/admin/settings")
    page.set_viewport_size(NARROW["viewport"])
    page.get_by_label("Delete messages after so many days").scroll_into_view_if_needed()
    picture(page, "retention-chat")

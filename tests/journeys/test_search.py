"""Searching with the keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.world import World
from tests.journeys.conftest import Opened


def test_somebody_searches_with_the_keyboard_and_lands_at_the_message(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    found = world.bob.say(room_id, "The <i>heliotrope</i> blooms" + "\n\nand blooms" * 60)
    for number in range(80):
        world.bob.say(room_id, f"much else, {number}")
    page = opened(world.carol)
    page.goto(f"/rooms/{room_id}")
    field = page.get_by_role("searchbox", name="Search in your rooms")
    composer = page.get_by_role("textbox", name="Message to")
    composer.fill("either")
    composer.press("End")
    composer.press("/")
    expect(composer).to_have_value("either/")
    page.locator(".room-header").click()
    page.keyboard.press("/")
    field.press("Escape")
    expect(composer).to_be_focused()
    page.locator(".room-header").click()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.fill("HELIO")
    field.press("Enter")
    expect(page.locator("mark")).to_have_text("heliotrope")
    picture(page, "search")
    page.get_by_role("list", name="Messages found").get_by_role("link").click()
    there = page.locator(f"#message-{found['seq']}")
    expect(there).to_be_in_viewport()
    expect(there).to_contain_class("message-reached")
    expect(there.locator(".message-author")).to_be_in_viewport()


def test_on_a_narrow_screen_the_keyboard_leads_to_the_page(world: World, opened: Opened) -> None:
    page = opened(world.carol, viewport={"width": 390, "height": 800})
    page.goto(f"/rooms/{world.room()}")
    expect(page.get_by_role("searchbox", name="Search in your rooms")).to_be_hidden()
    page.locator("search-field:defined").wait_for(state="attached")
    page.get_by_role("region", name="Messages in Harbour").focus()
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    expect(page.get_by_role("searchbox", name="Search messages")).to_be_focused()


def test_the_days_that_somebody_asks_for_are_those_of_their_own_clock(
    world: World, opened: Opened
) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "The heliotrope blooms")
    page = opened(world.carol, timezone_id="Pacific/Kiritimati")
    page.goto(f"/rooms/{room_id}")
    there = datetime.fromisoformat(said["created_at"]).astimezone(ZoneInfo("Pacific/Kiritimati"))
    field = page.get_by_role("searchbox", name="Search in your rooms")
    for day, count in ((there.date(), 1), (there.date() + timedelta(days=1), 0)):
        field.fill(f"heliotrope on:{day}")
        with page.expect_response("**tz=Pacific%2FKiritimati*"):
            field.press("Enter")
        field = page.get_by_role("searchbox", name="Search messages")
        expect(field).to_have_value(f"heliotrope on:{day} ")
        expect(page.locator("mark")).to_have_count(count)


def test_the_search_stays_beside_the_room_and_is_narrowed_and_widened_by_a_click(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    harbour, quay = world.room(), world.room(name="Quay")
    world.carol.say(harbour, "just before")
    found = world.bob.say(harbour, "The heliotrope blooms")
    world.carol.say(harbour, "just after")
    world.bob.say(quay, "No heliotrope here")
    for number in range(60):
        world.bob.say(harbour, f"much else, {number}")
    page = opened(world.carol, viewport={"width": 1440, "height": 900})
    page.goto(f"/rooms/{quay}")
    panel = page.get_by_role("complementary")
    sidebar = page.get_by_role("searchbox", name="Search in your rooms")
    sidebar.fill("heliotrope")
    sidebar.press("Enter")
    results = panel.locator(".search-result")
    expect(results).to_have_count(2)
    expect(sidebar).to_have_value("")
    room = panel.get_by_role("button", name="Room")
    room.click()
    chip, menu = room.bounding_box(), panel.locator("#search-room").bounding_box()
    assert chip and menu
    assert menu["y"] == pytest.approx(chip["y"] + chip["height"], abs=1), "under the chip"
    assert menu["x"] == pytest.approx(chip["x"], abs=1)
    panel.get_by_role("link", name="Harbour").click()
    expect(results).to_have_count(1)
    expect(results).to_contain_text("just before")
    expect(results).to_contain_text("just after")
    field = panel.get_by_role("searchbox")
    expect(field).to_be_focused()
    expect(field).to_have_value('heliotrope in:"Harbour" ')
    expect(panel.locator(".chip-chosen")).to_have_text("Harbour")
    picture(page, "search-panel")
    field.press("ArrowDown")
    page.keyboard.press("Enter")
    there = page.locator(f"#message-{found['seq']}")
    expect(there).to_be_in_viewport()
    expect(there).to_contain_class("message-reached")
    expect(results).to_have_count(1)
    field.fill("heliotrope in:quay from:carol")
    field.press("Enter")
    expect(panel).to_contain_text("No messages in your rooms match “heliotrope in:quay from:carol”")
    picture(page, "search-nothing")
    panel.get_by_text("Search without “from:carol”").click()
    expect(results).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(f"{world.server.url}/rooms/{quay}")

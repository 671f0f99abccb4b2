"""Lists that are filtered while somebody types, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import live
from tests.helpers.world import World
from tests.journeys.conftest import Opened

WIDE = {"viewport": {"width": 1440, "height": 900}}


def caret(page: Page) -> int:
    return int(page.evaluate("document.activeElement.selectionStart"))


def test_rows_follow_what_is_typed_and_the_field_stays_as_it_is(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    for name in ("Zeppelin", "Zephyr", "Market"):
        world.alice.make_room(name)
    page = live(opened(world.bob, **WIDE), world.room("private", "Quay"))
    page.goto("/rooms/browse")
    rows, field = page.locator(".main .rows .row"), page.get_by_role("searchbox", name="Name")
    expect(page.get_by_role("button", name="Find")).to_be_hidden()
    expect(field).to_be_focused()
    field.press_sequentially("zep")
    expect(rows.filter(has_text="Market")).to_have_count(0)
    expect(rows.filter(has_text="Zephyr")).to_have_count(1)
    expect(page.locator(".list-filter-status")).to_have_text("2 found")
    page.wait_for_url("**/rooms/browse?q=zep")
    field.press("ArrowLeft")
    field.press_sequentially("x")
    expect(page.locator(".main .row-empty")).to_contain_text("No rooms match “zexp”.")
    expect(field).to_be_focused()
    assert caret(page) == 3
    field.fill("zeph")
    field.press("Enter")
    expect(rows).to_have_count(1)
    picture(page, "filtered")
    rows.get_by_role("link", name="Zephyr", exact=True).click()
    expect(page.get_by_role("button", name="Join Zephyr")).to_be_visible()
    expect(page.locator("h1")).to_have_text("Zephyr")
    page.go_back()
    expect(field).to_have_value("zeph")
    page.reload()
    expect(field).to_have_value("zeph")
    expect(rows).to_have_count(1)


def test_the_members_in_the_panel_are_those_whose_name_is_typed(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    page = live(opened(world.carol, **WIDE), world.room())
    page.locator(".room-header-people").click()
    panel = page.get_by_role("complementary")
    field, rows = panel.get_by_role("searchbox"), panel.locator(".row")
    expect(rows).to_have_count(3)
    field.press_sequentially(world.bob.username)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Bob")
    expect(field).to_be_focused()
    page.reload()
    expect(field).to_have_value(world.bob.username)
    expect(rows).to_have_count(1)
    field.fill("")
    expect(rows).to_have_count(3)


def test_whom_alice_finds_she_deactivates_there_and_finds_again_among_all(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    world.room()
    page = opened(world.alice, **WIDE)
    page.goto("/admin/people")
    rows, field = page.locator(".main .rows .row"), page.get_by_role("searchbox", name="Name")
    field.press_sequentially("bo")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="More about Bob").click()
    page.get_by_text("Deactivate…", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(page.locator(".main .row-empty")).to_contain_text("No one matches “bo”.")
    page.get_by_role("link", name="All", exact=True).click()
    expect(rows).to_contain_text(["deactivated"])
    expect(field).to_have_value("bo")
    picture(page, "deactivated")
    rows.get_by_role("button", name="More about Bob").click()
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(rows).to_contain_text(["seen within the last hour"])
    rows.get_by_role("button", name="More about Bob").click()
    page.get_by_role("button", name="Create reset link").click()
    expect(page.get_by_role("textbox", name="Link")).to_have_value(re.compile(r"/reset/[\w-]{22,}"))

"""People export a room, or their own data, and get the file on the same page."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live
from tests.helpers.world import World

Opened = Callable[..., Page]
MADE_WITHIN = 60_000  # ms: a program starts for it


def test_an_owner_exports_a_room_and_gets_its_file_without_a_reload(
    opened: Opened, world: World, tmp_path: Path
) -> None:
    room_id = world.room(name="Ferry")
    world.bob.say(room_id, "The heliotrope blooms")
    page = opened(world.alice)
    page.goto(f"/rooms/{room_id}/settings")
    page.get_by_role("button", name="Export this room").click()
    expect(page.get_by_role("heading", name="Exports", level=1)).to_be_visible()
    is_live(page)
    page.evaluate("window.stays = true")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click(timeout=MADE_WITHIN)
    assert page.evaluate("window.stays"), "the page was not loaded again"
    downloading.value.save_as(tmp_path / "ferry.zip")
    with zipfile.ZipFile(tmp_path / "ferry.zip") as file:
        assert b"heliotrope" in file.read(f"rooms/{room_id}.json")

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete export").click()
    expect(page.get_by_text("You have no exports.")).to_be_visible()
    page.goto(f"/rooms/{room_id}")
    expect(page.locator(".room-line-text", has_text="exported the room")).to_be_visible()


def test_without_scripts_a_person_exports_their_own_data(opened: Opened, world: World) -> None:
    page = opened(world.bob, java_script_enabled=False)
    page.goto("/settings/exports")
    page.get_by_role("button", name="Export my data").click()
    row = page.locator(".rows .row")
    expect(row).to_contain_text("Your data")
    for _ in range(60):
        if page.get_by_role("link", name="Download").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    assert zipfile.is_zipfile(downloading.value.path())

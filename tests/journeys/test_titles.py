"""People are found by what they do here, wherever somebody looks for people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.form_browser import Browser
from tests.helpers.pages import live
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


@pytest.fixture
def room_id(world: World) -> str:
    assert world.carol.patch("/me", {"title": "Harbour pilot"}).ok
    assert world.mallory.patch("/me", {"title": "Pilot of airships"}).ok
    return world.room(name="Quay")


def test_the_lists_of_people_name_those_with_a_title_without_javascript_too(
    opened: Opened, world: World, room_id: str, picture: Picture
) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    for path in ("/people?q=pilot", "/direct-rooms/new?q=pilot"):
        page = bob.get(path).text
        assert "Harbour pilot" in page and "Pilot of airships" in page
        assert world.alice.username not in page.split('class="rows"')[1].split("</ul>")[0]
    members = bob.get(f"/rooms/{room_id}/members?q=pilot").text
    assert "Harbour pilot" in members
    window = opened(world.bob)
    window.goto("/people")
    window.get_by_role("search", name="People").get_by_role("searchbox").fill("carol harb")
    found = window.get_by_role("list", name="People").get_by_role("listitem")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(f"@{world.carol.username} · Harbour pilot")
    picture(window, "titles-people")


def test_ctrl_k_finds_by_title_whom_one_wrote_to_and_others(
    opened: Opened, world: World, room_id: str, picture: Picture
) -> None:
    talk = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    world.bob.say(talk, "good morning")
    page = live(opened(world.bob), room_id)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("pilot")
    offered = page.get_by_role("option")
    expect(offered.filter(has_text="Pilot of airships")).to_be_visible()
    expect(offered.filter(has_text="Carol")).to_contain_text("Carol Harbour pilot")
    expect(offered.filter(has_text="Search messages")).to_be_visible()
    picture(page, "titles-switcher")
    page.get_by_role("combobox").fill("harbour")
    expect(offered.filter(has_text="airships")).to_have_count(0)
    expect(offered.first).to_contain_text("Carol")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rooms/{talk}")


def test_an_at_sign_suggests_members_by_title_and_writes_their_username(
    opened: Opened, world: World, room_id: str, picture: Picture
) -> None:
    page = live(opened(world.bob), room_id)
    field = page.get_by_label("Message to")
    field.press_sequentially("@pilo")
    offered = page.get_by_role("option")
    expect(offered).to_have_count(2)
    expect(offered.first).to_contain_text(f"@{world.carol.username} · Harbour pilot")
    expect(offered.first.locator(".suggestion-absent")).to_be_hidden()
    expect(offered.last.locator(".suggestion-absent")).to_be_visible()
    picture(page, "titles-mention")
    field.press("Enter")
    expect(field).to_have_value(f"@{world.carol.username} ")

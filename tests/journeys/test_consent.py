"""bob decides on an open page what others may do to him."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.helpers.world import World
from tests.journeys.conftest import Opened


def test_an_invitation_comes_while_the_page_is_open_and_is_accepted(
    world: World, opened: Opened
) -> None:
    page = opened(world.bob)
    page.goto("/rooms")
    link = page.get_by_role("link", name="Invitations")
    invited = page.locator(".welcome-invitations")
    expect(page.locator("main h1")).to_have_text("Hello, Bob")
    expect(invited).to_be_hidden()
    expect(link).to_be_hidden()
    rooms = {name: world.mallory.make_room(name, kind="private") for name in ("Quay", "Trap")}
    world.mallory.post(f"/rooms/{rooms['Trap']}/members", {"user_id": world.bob.id})
    expect(link).to_have_text("Invitations 1 waiting")
    expect(invited.get_by_role("button", name="Accept the invitation to Trap")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("main h1")).to_be_in_viewport()
    expect(invited).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 720})
    link.click()
    expect(page.locator("main")).to_contain_text("Trap")
    world.mallory.post(f"/rooms/{rooms['Quay']}/members", {"user_id": world.bob.id})
    expect(page.locator("main")).to_contain_text("Quay")
    expect(link).to_have_text("Invitations 2 waiting")
    page.evaluate("window.isSame = true")
    page.get_by_role("button", name="Decline the invitation to Trap").click()
    expect(page.locator("main")).not_to_contain_text("Trap")
    expect(link).to_have_text("Invitations 1 waiting")
    page.get_by_role("button", name="Accept the invitation to Quay").click()
    expect(page.locator("h1")).to_have_text("Quay")
    expect(link).to_be_hidden()
    assert page.evaluate("window.isSame"), "nothing was loaded anew"


def test_a_conversation_is_hidden_and_comes_back_when_something_is_said(
    world: World, opened: Opened
) -> None:
    talk = world.bob.post("/direct-rooms", {"user_ids": [world.mallory.id]}).json()["id"]
    world.bob.say(talk, "hello")
    page = opened(world.bob)
    page.goto(f"/rooms/{talk}/settings")
    item = page.locator(f'.room-item[data-room-id="{talk}"]')
    expect(item).to_have_count(1)
    page.get_by_role("button", name="Hide this conversation").click()
    expect(page.locator("h1")).to_have_text("Hello, Bob")
    expect(item).to_have_count(0)
    world.mallory.say(talk, "hello bob")
    expect(item.locator(".badge-count")).to_have_text("1")


def test_to_block_asks_first_and_the_list_unblocks_at_once(world: World, opened: Opened) -> None:
    page = opened(world.bob)
    page.goto(f"/people?q={world.mallory.username}")
    row = page.get_by_role("list", name="People").get_by_role("listitem")
    expect(row).to_have_count(1)
    row.click()  # anywhere but on its button
    card = page.get_by_role("dialog", name="Profile")
    expect(card.get_by_role("button", name="Block", exact=True)).to_have_count(0)
    card.get_by_role("link", name="Block Mallory").click()
    card.get_by_role("button", name="Block", exact=True).click()
    expect(card.get_by_role("button", name="Unblock Mallory")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Blocked people").click()
    expect(page.get_by_role("heading", name="Privacy")).to_be_visible()
    page.get_by_role("button", name="Unblock Mallory").click()
    expect(page.locator("main")).to_contain_text("You haven’t blocked anyone.")

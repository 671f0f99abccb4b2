"""What a device shows of the chat without a connection, and what it must not keep."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, expect

from chat.routes.headers import CONTENT_SECURITY_POLICY
from tests.helpers.pages import KEPT, choose, keeps, live, message, sign_out
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened, sign_in


def test_a_reload_without_a_connection_shows_the_last_rooms_and_what_is_written_there_is_sent_later(
    opened: Opened, world: World
) -> None:
    garden, harbour = world.room(name="Garden"), world.room(name="Harbour")
    world.carol.say(garden, "The roses bloom")
    world.carol.say(harbour, "The ferry leaves")
    bob = live(opened(world.bob), harbour)
    keeps(bob, "The ferry leaves")
    bob.get_by_role("link", name="Garden").first.click()
    expect(message(bob, "The roses bloom")).to_be_visible()
    world.carol.say(garden, "And the tulips")
    expect(message(bob, "And the tulips")).to_be_visible()
    keeps(bob, "And the tulips")

    bob.context.set_offline(True)
    bob.reload()
    expect(message(bob, "The roses bloom")).to_be_visible()
    expect(message(bob, "And the tulips")).to_be_visible()
    expect(bob.get_by_text("You are offline; messages will be sent").last).to_be_visible()
    choose(bob, "The roses bloom", "React")
    bob.locator(".picker-frequent .picker-emoji").first.click()
    expect(bob.get_by_text("This was not sent. Try again")).to_be_visible()
    bob.locator("message-composer textarea").fill("Written in a tunnel")
    bob.keyboard.press("Enter")
    bob.reload()
    expect(message(bob, "Written in a tunnel")).to_be_visible()
    bob.get_by_role("link", name="Harbour").first.click()
    expect(message(bob, "The ferry leaves")).to_be_visible()
    expect(bob.locator(".room-list [aria-current]")).to_contain_text("Harbour")
    shown = bob.goto("/mentions")
    assert shown
    assert shown.from_service_worker
    assert shown.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    expect(bob.get_by_role("heading", name="You’re offline")).to_be_visible()
    expect(bob.get_by_role("link", name="Garden").first).to_be_visible()

    # From the page itself: it leaves as soon as it has a connection.
    bob.evaluate("setInterval(() => dispatchEvent(new Event('online')), 100)")
    bob.context.set_offline(False)
    expect(bob.get_by_role("heading", name="Mentions")).to_be_visible()
    wait_until(
        lambda: "Written in a tunnel" in [each["body"] for each in said(world.carol, garden)],
        "it is sent",
    )
    bob.goto(f"/rooms/{garden}")
    expect(message(bob, "Written in a tunnel")).to_have_count(1)
    assert bob.locator("#main[data-kept]").count() == 0


def test_what_is_deleted_goes_from_the_device_and_signing_out_removes_all(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.carol.say(room_id, "The ferry leaves")
    wrong = world.carol.say(room_id, "The password is quincunx")
    bob = live(opened(world.bob), room_id)
    keeps(bob, "quincunx")
    assert world.carol.delete(f"/messages/{wrong['id']}").status_code == 200
    wait_until(lambda: "quincunx" not in bob.evaluate(KEPT), "it is gone")

    live(bob, room_id)  # else the page is fetched again within half a minute
    wrong = world.carol.say(room_id, "The code is obelisk")
    bob.reload()  # else it is fetched again within half a minute
    keeps(bob, "obelisk")
    bob.goto("about:blank")
    assert world.carol.delete(f"/messages/{wrong['id']}").status_code == 200
    bob.goto("/rooms")
    wait_until(lambda: "obelisk" not in bob.evaluate(KEPT), "it is gone, though bob was away")

    bob.goto(f"/rooms/{room_id}")
    keeps(bob, "The ferry leaves")
    sign_out(bob)
    bob.wait_for_url("**/login")
    assert bob.evaluate(KEPT) == ""
    bob.context.set_offline(True)
    with pytest.raises(Error, match="ERR_"):
        bob.goto(f"/rooms/{room_id}")


def test_another_person_on_the_same_device_finds_nothing(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.carol.say(room_id, "The ferry leaves")
    page = live(opened(world.bob), room_id)
    keeps(page, "The ferry leaves")
    sign_in(page, world.mallory)
    page.goto("/rooms")
    wait_until(lambda: world.mallory.id in page.evaluate(KEPT), "her own pages are kept")
    kept = page.evaluate(KEPT)
    assert "The ferry leaves" not in kept
    assert world.bob.id not in kept
    page.context.set_offline(True)
    page.goto(f"/rooms/{room_id}")
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    expect(page.get_by_text("The ferry leaves")).to_have_count(0)


def test_a_session_that_ended_leaves_nothing(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.carol.say(room_id, "The ferry leaves")
    bob = live(opened(world.bob), room_id)
    keeps(bob, "The ferry leaves")
    world.bob.post("/auth/logout")
    bob.wait_for_url("**/login**")
    wait_until(lambda: bob.evaluate(KEPT) == "", "nothing is kept")


def said(person: Person, room_id: str) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = person.reads(room_id)["messages"]
    return messages

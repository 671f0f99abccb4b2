"""Read receipts, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import is_live, live, message, say
from tests.helpers.servers import wait_until
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


def readers(page: Page, text: str) -> Locator:
    return message(page, text).locator(".receipts-text")


def test_who_has_read_is_shown_under_the_newest_message_they_have_read(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "The ferry leaves at seven")
    alice = live(opened(world.alice), room_id)
    expect(alice.locator(".receipts")).to_have_count(0)
    bob = live(opened(world.bob), room_id)
    expect(readers(alice, "The ferry leaves at seven")).to_have_text("Read by Bob")
    live(opened(world.carol), room_id).close()
    expect(readers(alice, "The ferry leaves at seven")).to_have_text("Read by Bob and Carol")
    picture(alice, "receipts")

    world.alice.say(room_id, "Bring the keys")
    expect(readers(alice, "Bring the keys")).to_have_text("Read by Bob")
    expect(readers(alice, "The ferry leaves at seven")).to_have_text("Read by Carol")
    alice.locator(".receipts-summary").last.focus()
    alice.keyboard.press("Enter")
    expect(message(alice, "Bring the keys").locator(".receipts-names")).to_have_text("Bob")
    picture(alice, "receipts-open")
    expect(message(alice, "Bring the keys").locator(".receipts-names")).to_be_in_viewport()
    say(bob, "I have them")
    expect(readers(alice, "Bring the keys")).to_have_count(0)
    expect(message(alice, "Bring the keys")).to_be_focused()
    expect(readers(bob, "I have them")).to_have_text("Read by Alice")
    expect(alice.locator(".receipts")).to_have_count(1)

    alice.reload()
    is_live(alice)
    expect(readers(alice, "The ferry leaves at seven")).to_have_text("Read by Carol")
    expect(alice.locator(".receipts")).to_have_count(1)
    alice.goto(f"/rooms/{room_id}/messages/{world.alice.reads(room_id)['messages'][0]['id']}")
    expect(alice.get_by_text(re.compile("Read by (Bob, Carol|Carol, Bob)"))).to_be_visible()


def test_somebody_else_s_reading_moves_no_text(opened: Opened, world: World) -> None:
    room_id = world.room()
    seqs = [world.alice.say(room_id, text)["seq"] for text in ("one", "two", "three")]
    page = live(opened(world.alice), room_id)
    place = "(element) => element.offsetTop - element.previousElementSibling.offsetTop"
    apart = [message(page, text).evaluate(place) for text in ("two", "three")]
    for seq, text in zip(seqs, ("one", "two", "three"), strict=True):
        world.bob.put(f"/rooms/{room_id}/read", {"seq": seq})
        expect(readers(page, text)).to_have_text("Read by Bob")
        assert [message(page, each).evaluate(place) for each in ("two", "three")] == apart


def test_who_switches_it_off_is_not_shown_and_is_shown_nobody(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Who is awake?")
    alice, bob = live(opened(world.alice), room_id), opened(world.bob, color_scheme="dark")
    bob.goto("/settings/privacy")
    switch = bob.get_by_role("switch", name="Share read receipts")
    expect(switch).to_be_checked()
    switch.click()
    expect(bob.get_by_role("status").get_by_text("Saved")).to_be_visible()
    picture(bob, "receipts-choice-dark")
    bob.reload()
    expect(switch).not_to_be_checked()
    live(bob, room_id)
    live(opened(world.carol), room_id)
    expect(readers(alice, "Who is awake?")).to_have_text("Read by Carol")
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "he has read it")
    say(alice, "Good")
    expect(message(bob, "Good")).to_be_visible()
    expect(readers(alice, "Good")).to_have_text("Read by Carol")
    expect(bob.locator(".receipts")).to_have_count(0)


def test_on_a_phone_receipts_open_under_a_finger_and_nothing_sticks_out(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Where is everybody?")
    live(opened(world.bob), room_id)
    live(opened(world.carol), room_id)
    phone = live(
        opened(
            world.alice, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark"
        ),
        room_id,
    )
    expect(readers(phone, "Where is everybody?")).to_have_text("Read by Bob and Carol")
    phone.locator(".receipts-summary").tap()
    expect(phone.locator(".receipts-names")).to_have_text("Bob and Carol")
    picture(phone, "phone-receipts-dark")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing sticks out"
    )

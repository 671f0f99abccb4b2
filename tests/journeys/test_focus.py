"""Keyboard focus stays in the page when something changes there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.helpers import pictures
from tests.helpers.pages import choose, is_live, live, message
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened


def focus_is_on_the_message(page: Page, seq: int) -> None:
    expect(page.locator(f"#message-{seq}")).to_be_focused()


def show_picture(person: Person, room_id: str, body: str) -> dict[str, str]:
    image = person.ask(
        "POST",
        f"/rooms/{room_id}/images",
        files={"image": pictures.written(pictures.gradient(40, 30), "PNG")},
    ).json()
    shown: dict[str, str] = person.post(
        f"/rooms/{room_id}/messages", {"client_id": "c1", "body": body, "image_ids": [image["id"]]}
    ).json()
    return shown


def test_a_link_with_the_focus_gives_it_to_its_message_when_that_is_edited(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, "see https://example.org/a")
    page = live(opened(world.bob), room_id)
    page.locator("#message-1 .message-body a").focus()
    world.carol.put(f"/messages/{said['id']}/reactions/👍")
    expect(page.locator(".reaction")).to_be_visible()
    expect(page.locator("#message-1 .message-body a")).to_be_focused()
    world.alice.patch(f"/messages/{said['id']}", {"body": "see https://example.org/b"})
    focus_is_on_the_message(page, 1)


def test_what_is_deleted_under_the_focus_gives_it_to_its_message(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    said = [world.alice.say(room_id, f"see https://example.org/{number}") for number in range(2)]
    page = live(opened(world.bob), room_id)
    for seq, selector in ((1, ".message-body a"), (2, "[data-action=react]")):
        page.locator(f"#message-{seq}").hover()
        page.locator(f"#message-{seq} {selector}").focus()
        world.alice.delete(f"/messages/{said[seq - 1]['id']}")
        focus_is_on_the_message(page, seq)


def test_a_picture_keeps_the_focus_when_its_message_is_edited(opened: Opened, world: World) -> None:
    room_id = world.room()
    said = show_picture(world.alice, room_id, "look")
    page = live(opened(world.bob), room_id)
    page.locator(".message-image").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    world.alice.patch(f"/messages/{said['id']}", {"body": "look here"})
    expect(page.get_by_text("look here")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator(".message-image")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    world.alice.delete(f"/messages/{said['id']}")
    expect(page.locator(".message-gone")).to_be_attached()
    page.keyboard.press("Escape")
    focus_is_on_the_message(page, 1)


def test_a_click_beside_a_menu_or_the_emoji_and_cancel_lead_back_to_the_message(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "words")
    page = live(opened(world.alice), room_id)
    message(page, "words").hover()
    for opener, opened_one in (
        (".message-more", "message-menu .menu"),
        ("[data-action=react]", ".picker"),
    ):
        for place in (".sidebar-header", ".room-header", ".timeline-scroll"):
            message(page, "words").hover()
            page.locator(f"#message-1 {opener}").click()
            expect(page.locator(opened_one)).to_be_visible()
            page.locator(place).click(position={"x": 3, "y": 3})
            expect(page.locator(opened_one)).to_be_hidden()
            focus_is_on_the_message(page, 1)
    choose(page, "words", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    focus_is_on_the_message(page, 1)
    page.locator("#message-1 .message-more").click()
    page.get_by_label("Message to").click()
    expect(page.locator("message-menu .menu")).to_be_hidden()
    expect(page.get_by_label("Message to")).to_be_focused()


def test_the_link_to_the_newest_messages_gives_the_focus_to_the_composer(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(120):
        world.alice.say(room_id, f"number {number}")
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}?around=10#message-10")
    is_live(page)
    page.get_by_role("link", name="Jump to latest").focus()
    page.keyboard.press("Enter")
    expect(message(page, "number 119")).to_be_in_viewport()
    expect(page.get_by_label("Message to Harbour")).to_be_focused()
    expect(page.locator(".messages")).to_have_attribute("aria-busy", "false")

"""Read is what was seen: a room opens at the first unread message and is read by reading."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, live, look_away, look_back, message
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, Person, World

Opened = Callable[..., Page]


@pytest.fixture
def room_id(world: World) -> str:
    """Return a room in which bob has read "number 0" and not the 80 that follow."""
    room_id = world.room()
    seq = world.alice.say(room_id, "number 0")["seq"]
    world.bob.put(f"/rooms/{room_id}/read", {"seq": seq})
    for number in range(1, 81):
        world.alice.say(room_id, f"number {number}")
    return room_id


def unread(world: World, room_id: str) -> int:
    (item,) = world.bob.get(f"/rooms?ids={room_id}").json()["rooms"]
    return int(item["unread"])


def test_a_room_opens_at_the_first_unread_message_and_nothing_else_is_read(
    opened: Opened, world: World, room_id: str, picture: Callable[[Page, str], None]
) -> None:
    page = opened(world.bob)
    page.goto("/rooms")
    is_live(page)
    page.locator(".room-item-link", has_text="Harbour").click()
    expect(message(page, "number 1")).to_be_in_viewport()
    expect(message(page, "number 1").locator(".message-new")).to_be_visible()
    expect(page.locator(".unread-bar-text")).to_contain_text("80 new since")
    expect(page.get_by_role("link", name="Jump to latest")).to_be_visible()
    picture(page, "unread")
    wait_until(lambda: 0 < unread(world, room_id) < 80, "what is in sight is read")
    world.alice.say(room_id, "number 81")
    expect(page.locator(".unread-bar-text")).to_contain_text("81 new since")
    assert unread(world, room_id) > 40, "what is below was not seen"


def test_who_signs_in_to_a_room_on_a_new_device_has_read_what_is_in_sight_alone(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened()
    page.goto(f"/rooms/{room_id}")
    page.get_by_label("Username").fill(world.bob.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    is_live(page)
    expect(message(page, "number 1")).to_be_in_viewport()
    expect(message(page, "number 40")).not_to_be_in_viewport()
    wait_until(lambda: unread(world, room_id) < 80, "what is in sight is read")
    assert unread(world, room_id) > 40, "what is below was not seen"


def test_scrolling_reads_what_was_in_sight_up_to_the_end(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    expect(message(page, "number 1")).to_be_in_viewport()
    page.locator(".timeline-scroll").hover()
    for _ in range(40):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(20)
    expect(message(page, "number 80")).to_be_in_viewport()
    wait_until(lambda: unread(world, room_id) == 0, "all is read")
    expect(page.locator(".unread-bar")).to_be_hidden()
    expect(page.get_by_role("link", name="Jump to latest")).to_be_hidden()


def test_escape_marks_everything_as_read_and_shows_the_newest(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    expect(page.locator(".unread-bar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(message(page, "number 80")).to_be_in_viewport()
    expect(page.locator(".unread-bar")).to_be_hidden()
    wait_until(lambda: unread(world, room_id) == 0, "all is read")


def test_a_link_to_a_message_beyond_the_unread_shows_it_and_reads_nothing(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}?around=45#message-45")
    is_live(page)
    expect(page.locator("#message-45")).to_be_in_viewport()
    page.locator(".timeline-scroll").hover()
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(500)
    assert unread(world, room_id) == 80
    page.get_by_role("link", name="Jump to latest").click()
    wait_until(lambda: unread(world, room_id) == 0, "all is read")
    expect(page.get_by_role("textbox", name="Message to")).to_be_focused()


def test_from_above_what_is_new_one_comes_to_its_beginning_before_the_end(
    opened: Opened, world: World, room_id: str
) -> None:
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 81})
    page = live(opened(world.bob, viewport={"width": 1280, "height": 500}), room_id)
    text = page.locator(".unread-bar-text")
    jump = page.get_by_role("button", name="Jump", exact=True)
    line = page.locator(".message-new:visible")

    def goes_up_and_waits_for(name: str, author: Person) -> None:
        page.locator(".timeline-scroll").hover()
        page.mouse.wheel(0, -1500)
        expect(page.get_by_role("link", name="Jump to latest")).to_be_visible()
        for number in range(24):
            author.say(room_id, f"{name} {number}")
        expect(text).to_contain_text("24 new since")

    goes_up_and_waits_for("wave", world.carol)
    expect(page.locator(".timeline-newest-count")).to_be_hidden()  # the bar has said it
    page.get_by_role("link", name="Jump to the first new message").click()
    expect(message(page, "wave 0")).to_be_focused()
    expect(line).to_be_in_viewport()
    expect(jump).to_be_hidden()
    assert unread(world, room_id) > 0
    page.get_by_role("link", name="Jump to latest").click()
    expect(message(page, "wave 23")).to_be_in_viewport()
    wait_until(lambda: unread(world, room_id) == 0, "all is read")

    goes_up_and_waits_for("tide", world.alice)
    jump.click()
    expect(message(page, "tide 0")).to_be_focused()
    expect(line).to_be_in_viewport()
    page.get_by_role("link", name="Jump to latest").click()
    wait_until(lambda: unread(world, room_id) == 0, "all is read")

    page.goto(f"/rooms/{room_id}?around=10#message-10")
    is_live(page)
    world.alice.say(room_id, "after the past")
    expect(text).to_have_text("1 new")
    jump.click()
    expect(message(page, "after the past")).to_be_focused()
    expect(line).to_be_in_viewport()


def test_the_first_new_message_is_in_reach_although_the_page_has_let_go_of_it(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened(world.bob)
    page.add_init_script("document.hasFocus = () => false")
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    look_away(page)
    text, jump = page.locator(".unread-bar-text"), page.get_by_role("button", name="Jump").first
    expect(text).to_contain_text("80 new since")
    page.get_by_role("link", name="Jump to latest").evaluate("(link) => link.click()")  # unseen
    expect(message(page, "number 80")).to_be_in_viewport()
    expect(message(page, "number 1")).not_to_be_attached()
    expect(text).to_contain_text("80 new since")
    look_back(page)
    wait_until(lambda: unread(world, room_id) == 0, "all is read")
    world.alice.say(room_id, "one more")
    expect(text).to_contain_text("81 new since")
    jump.click()
    expect(message(page, "number 1")).to_be_focused()
    expect(message(page, "number 1").locator(".message-new")).to_be_in_viewport()
    expect(message(page, "number 80")).not_to_be_attached()
    expect(jump).to_be_hidden()


def test_a_room_that_comes_back_is_shown_where_what_is_new_begins(
    opened: Opened, world: World
) -> None:
    room_id, other_id = world.room(), world.room(name="Garden")
    world.alice.say(room_id, "the beginning")
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    page.locator(".room-item-link", has_text="Garden").click()
    expect(page.locator("main h1")).to_have_text("Garden")
    for number in range(40):
        world.alice.say(room_id, f"wave {number}")
    page.locator(".room-item-link", has_text="Harbour").click()
    expect(message(page, "wave 0").locator(".message-new")).to_be_visible()
    expect(message(page, "wave 0")).to_be_in_viewport()
    expect(message(page, "wave 39")).not_to_be_in_viewport()
    assert unread(world, room_id) > 0
    assert other_id in page.content()


def test_without_a_script_what_a_page_shows_is_read_page_by_page(
    opened: Opened, world: World, room_id: str
) -> None:
    page = opened(world.bob, java_script_enabled=False)
    page.goto(f"/rooms/{room_id}")
    expect(message(page, "number 1").locator(".message-new")).to_be_visible()
    assert 0 < unread(world, room_id) < 80
    page.get_by_role("link", name="Later messages").click()
    assert unread(world, room_id) == 0


def test_scrolling_far_leaves_at_most_300_messages_in_the_page_and_nothing_jumps(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(450):
        world.alice.say(room_id, f"number {number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 450})
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    scroll = page.locator(".timeline-scroll")
    shown = page.locator(".messages > .message")

    def scroll_to(end: str, text: str) -> None:
        while not message(page, text).count():
            scroll.evaluate(f"(scroll) => {{ scroll.scrollTop = {end}; }}")
            page.wait_for_timeout(20)

    scroll_to("0", "number 0")
    expect(page.get_by_text("This is the beginning of Harbour.")).to_be_visible()
    expect(shown).to_have_count(250)
    expect(shown.last.locator(".message-body")).to_have_text("number 249")
    scroll_to("scroll.scrollHeight", "number 449")
    expect(shown).to_have_count(250)
    expect(shown.first.locator(".message-body")).to_have_text("number 200")
    for place in (".message-day", ".message-author"):
        expect(shown.first.locator(place)).to_be_visible()
    scroll_to("0", "number 100")
    page.get_by_role("link", name="Jump to latest").click()
    expect(message(page, "number 449")).to_be_in_viewport()
    world.alice.say(room_id, "and now")
    expect(message(page, "and now")).to_be_in_viewport()


def test_who_comes_back_goes_on_at_what_is_new_and_back_leads_from_a_quote_to_its_reply(
    opened: Opened, world: World, room_id: str
) -> None:
    world.room(name="Quay")
    page = opened(world.bob, viewport={"width": 1280, "height": 720})
    page.goto("/rooms")
    is_live(page)
    page.locator(".room-item-link", has_text="Harbour").click()
    wait_until(lambda: unread(world, room_id) < 80, "what is in sight is read")
    page.locator(".room-item-link", has_text="Quay").click()
    expect(page.get_by_role("textbox", name="Message to Quay")).to_be_focused()
    page.locator(".room-item-link", has_text="Harbour").click()
    expect(page.locator(".message-new:visible")).to_be_in_viewport()
    expect(message(page, "number 1")).not_to_be_in_viewport()

    answered = world.bob.reads(room_id)["messages"][-20]
    page.keyboard.press("Escape")
    expect(message(page, "number 80")).to_be_in_viewport()
    reply = {"client_id": "0123456789abcdef", "body": "an answer", "reply_to_id": answered["id"]}
    assert world.alice.post(f"/rooms/{room_id}/messages", reply).status_code == 201
    answer = message(page, "an answer")
    answer.locator(".message-reply").click()
    expect(page.locator(f"#message-{answered['seq']}")).to_be_in_viewport()
    expect(answer).not_to_be_in_viewport()
    expect(page.get_by_role("link", name="Jump to latest")).to_be_visible()
    page.go_back()
    expect(answer).to_be_in_viewport()


def test_where_one_begins_the_unread_rooms_follow_what_is_said_and_read(
    opened: Opened, world: World
) -> None:
    harbour, quay = world.room(name="Harbour"), world.room(name="Quay")
    page = opened(world.bob)
    page.goto("/rooms")
    is_live(page)
    expect(page.get_by_text("You have read everything.")).to_be_visible()
    said = world.alice.say(harbour, "Who comes?")
    expect(page.get_by_text("You have read everything.")).to_have_count(0)
    link = page.locator("unread-rooms").get_by_role("link", name="Harbour")
    link.focus()
    world.alice.say(quay, "Or here?")
    expect(page.locator("unread-rooms").get_by_role("link")).to_have_text(["Harbour", "Quay"])
    expect(link).to_be_focused()
    world.bob.put(f"/rooms/{harbour}/read", {"seq": said["seq"]})
    expect(page.locator("unread-rooms").get_by_role("link")).to_have_text(["Quay"])

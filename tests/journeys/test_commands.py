"""Commands: offered after a slash, given by keys alone, answered to their author alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened


def test_commands_are_offered_given_and_answered_by_keys_alone(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Who is there?")
    page, other = live(opened(world.bob), room_id), live(opened(world.alice), room_id)
    field = page.get_by_label("Message to")
    offered = page.get_by_role("option")

    field.press_sequentially("/")
    expect(offered.filter(has_text="/leave")).to_be_visible()
    expect(offered.filter(has_text="/topic")).to_have_count(0)  # it is not for bob
    picture(page, "offered")
    field.press_sequentially("he")
    expect(offered).to_have_count(1)
    field.press("Tab")
    expect(field).to_have_value("/help ")
    field.press("Enter")
    answer = page.locator(".command-answer")
    expect(answer).to_contain_text("Only you can see this")
    expect(answer).to_contain_text("/shrug text")
    expect(field).to_have_value("")
    picture(page, "answered")

    field.press_sequentially("/me waves")
    field.press("Enter")
    expect(message(other, "waves").locator("em")).to_have_text("waves")
    expect(other.locator(".command-answer")).to_have_count(0)
    field.press_sequentially("/s")
    expect(offered.filter(has_text="/status")).to_be_visible()
    field.press_sequentially("hrug")  # nobody waits for what is suggested
    field.press("Enter")
    expect(message(page, r"¯\_(ツ)_/¯")).to_be_visible()
    field.press_sequentially("/shrgu")
    field.press("Enter")
    expect(page.locator(".composer-problem")).to_contain_text("no command /shrgu")
    expect(field).to_have_value("/shrgu")
    picture(page, "refused")
    field.fill("/tmp is full")
    field.press("Enter")
    expect(message(other, "/tmp is full")).to_be_visible()
    expect(page.locator(".composer-problem")).to_be_hidden()
    answer.get_by_role("button", name="Dismiss").press("Enter")
    expect(answer).to_have_count(0)
    expect(field).to_be_focused()


def test_an_answer_is_shown_to_whoever_reads_further_up(world: World, opened: Opened) -> None:
    room_id = world.room()
    for number in range(40):
        world.alice.say(room_id, f"A line to scroll past, number {number}")
    page = live(opened(world.bob), room_id)
    page.locator(".message-body").first.scroll_into_view_if_needed()
    expect(page.locator(".message-body").last).not_to_be_in_viewport()
    field = page.get_by_label("Message to")
    field.fill("/help")
    field.press("Enter")
    answer = page.locator(".command-answer")
    expect(answer).to_be_in_viewport()


def test_a_command_typed_whole_is_given_before_the_suggestions_follow(
    world: World, opened: Opened
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    field = page.get_by_label("Message to")
    field.press_sequentially("/s")
    expect(page.get_by_role("option").filter(has_text="/shrug")).to_be_visible()
    field.evaluate("""(field) => {
        field.setRangeText("hrug", 2, 2, "end");
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        const enter = { key: "Enter", bubbles: true, cancelable: true };
        field.dispatchEvent(new KeyboardEvent("keydown", enter));
    }""")
    expect(message(page, r"¯\_(ツ)_/¯")).to_be_visible()
    expect(field).to_have_value("")
    expect(page.get_by_role("option")).to_have_count(0)


def test_reminders_are_listed_where_they_are_made_and_deleted_on_their_page(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    field = page.get_by_label("Message to")
    answer = page.locator(".command-answer").last
    for text in ("/remind here in 2 days pack the ropes", "/remind me tomorrow check the oven"):
        field.fill(text)
        field.press("Enter")
        expect(field).to_have_value("")
        expect(answer).to_contain_text("Reminder set for")
    field.fill("/remind list")
    field.press("Enter")
    expect(answer).to_contain_text("pack the ropes")
    picture(page, "reminders-listed")
    path = urlsplit(answer.get_by_role("link").get_attribute("href") or "").path
    page.goto(path)
    is_live(page)
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(2)
    picture(page, "reminders")
    page.get_by_role("link", name="Delete check the oven").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("check the oven")
    picture(page, "reminders-question")
    question.get_by_role("button", name="Delete reminder").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("pack the ropes")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    expect(rows).to_have_count(1)
    picture(page, "reminders-phone")

"""Commands: offered after a slash, given by keys alone, answered to their author alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import live, message
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

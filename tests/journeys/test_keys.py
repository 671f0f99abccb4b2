"""The Enter key in a real browser: on a keyboard, on a touch screen, and in an input method."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import choose, live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}

# How browsers tell that Enter ended a word: most with isComposing, some with the number of the key
# alone, and Safari after the word has ended.
ENDINGS = {
    "most": """(field) => field.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""",
    "by number": """(field) => field.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))""",
    "Safari": """(field) => {
        field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", keyCode: 13, bubbles: true, cancelable: true }));
    }""",
}


def end_a_word(page: Page, field: Locator, ending: str) -> None:
    page.evaluate("dispatchEvent(new KeyboardEvent('keyup'))")  # no key is down any more
    field.evaluate(ENDINGS[ending])


def test_an_enter_that_ends_a_composed_word_does_nothing_else(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "before")
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    search = page.get_by_label("Search emoji by name")
    for ending in ENDINGS:
        composer.fill("にほんご")
        end_a_word(page, composer, ending)
        expect(composer).to_have_value("にほんご")

        composer.fill("")
        composer.press("ArrowUp")
        composer.fill("にほんごで")
        end_a_word(page, composer, ending)
        expect(page.get_by_role("button", name="Save")).to_be_visible()
        composer.press("Escape")

        composer.fill("")
        composer.press_sequentially("@caro")
        expect(page.get_by_role("option")).to_have_count(1)
        end_a_word(page, composer, ending)
        expect(composer).to_have_value("@caro")
        composer.fill("")

        choose(page, "before", "React")
        search.fill("ship")
        expect(page.get_by_role("button", name="ship", exact=True)).to_be_visible()
        end_a_word(page, search, ending)
        expect(search).to_be_visible()
        search.press("Escape")
    [said] = world.alice.reads(room_id)["messages"]
    assert (said["body"], said["reactions"]) == ("before", [])


def test_after_a_composed_word_enter_sends_and_a_korean_word_is_sent_by_the_enter_that_ends_it(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    composer.fill("にほんご")
    end_a_word(page, composer, "Safari")
    composer.press("Enter")
    expect(message(page, "にほんご")).to_be_visible()
    composer.fill("한국어")
    composer.evaluate("""(field) => {
        const press = (details) => field.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", bubbles: true, cancelable: true, ...details }));
        press({ keyCode: 229, isComposing: true });
        field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
        press({ keyCode: 13 });
    }""")
    expect(message(page, "한국어")).to_be_visible()


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter"])
def test_a_keyboard_at_a_tablet_sends_with_ctrl_and_enter_and_glass_breaks_the_line(
    opened: Opened, world: World, keys: str
) -> None:
    room_id = world.room()
    page = live(opened(world.bob, **TABLET), room_id)
    composer = page.get_by_label("Message to")
    composer.press_sequentially("one")
    composer.press("Enter")
    composer.press_sequentially("two")
    expect(composer).to_have_value("one\ntwo")
    composer.press(keys)
    expect(page.locator(".message-sent .message-body")).to_have_text("onetwo")
    composer.press("ArrowUp")
    composer.press("End")
    composer.press_sequentially(" and more")
    composer.press(keys)
    expect(page.locator(".message-edited:visible")).to_have_count(1)


def test_ctrl_and_enter_sends_though_somebody_is_suggested(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    composer.press_sequentially("@caro")
    expect(page.get_by_role("option")).to_have_count(1)
    composer.press("Control+Enter")
    expect(message(page, "@caro")).to_be_visible()

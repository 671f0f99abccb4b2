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


def tap_enter(field: Locator) -> None:
    """Press Enter on glass, where keys have no code."""
    field.focus()
    devtools = field.page.context.new_cdp_session(field.page)
    key = {"key": "Enter", "windowsVirtualKeyCode": 13}
    devtools.send("Input.dispatchKeyEvent", key | {"type": "keyDown", "text": "\r"})
    devtools.send("Input.dispatchKeyEvent", key | {"type": "keyUp"})


def test_an_enter_that_ends_a_composed_word_does_nothing_else(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "before")
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    editor = page.get_by_label("Edit message")
    search = page.get_by_label("Search emoji by name")
    for ending in ENDINGS:
        composer.fill("にほんご")
        end_a_word(page, composer, ending)
        expect(composer).to_have_value("にほんご")

        composer.fill("")
        composer.press("ArrowUp")
        editor.fill("にほんごで")
        end_a_word(page, editor, ending)
        expect(editor).to_be_visible()
        editor.press("Escape")

        composer.press_sequentially("@caro")
        expect(page.get_by_role("option").first).to_be_visible()
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


@pytest.mark.parametrize("keys", ["Enter", "Control+Enter", "Meta+Enter"])
def test_a_keyboard_at_a_tablet_sends_and_glass_breaks_the_line(
    opened: Opened, world: World, keys: str
) -> None:
    room_id = world.room()
    page = live(opened(world.bob, **TABLET), room_id)
    composer = page.get_by_label("Message to")
    composer.press_sequentially("- one")
    tap_enter(composer)
    composer.press_sequentially("two")
    expect(composer).to_have_value("- one\n- two")
    composer.press(keys)
    expect(page.locator(".message-sent li")).to_have_text(["one", "two"])
    composer.press("ArrowUp")
    editor = page.get_by_label("Edit message")
    expect(editor).to_have_value("- one\n- two")
    editor.press_sequentially(" and more")
    editor.press(keys)
    expect(page.locator(".message-edited:visible")).to_have_count(1)


def test_a_key_on_glass_that_has_a_code_breaks_the_line_while_a_keyboard_covers_the_page(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob, **TABLET)
    page.add_init_script("""Object.defineProperty(visualViewport, "height", { get: () => 700 })""")
    composer = live(page, world.room()).get_by_label("Message to")
    composer.press_sequentially("one")
    composer.press("Enter")
    expect(composer).to_have_value("one\n")


def test_enter_breaks_lines_in_a_fence_and_a_list_goes_on_until_an_empty_item(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    for line in ("```", "  let a", "- b", "```"):
        composer.press_sequentially(line)
        composer.press("Enter")
    # an editor of code keeps the indentation
    expect(page.locator(".message-sent pre")).to_have_text("  let a\n  - b\n")
    expect(composer).to_have_value("")

    composer.press_sequentially("1. one")
    composer.press("Shift+Enter")
    composer.press_sequentially("two")
    composer.press("Shift+Enter")
    expect(composer).to_have_value("1. one\n2. two\n3. ")
    composer.press("Shift+Enter")
    expect(composer).to_have_value("1. one\n2. two\n")
    composer.press("Control+z")
    expect(composer).to_have_value("1. one\n2. two\n3. ")
    composer.press("Control+z")
    expect(composer).to_have_value("1. one\n2. two")


def test_keys_format_the_selection_a_pasted_address_links_it_and_undo_takes_that_back(
    opened: Opened, world: World
) -> None:
    page = live(opened(world.bob), world.room())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    composer = page.get_by_label("Message to")
    composer.press_sequentially("see the map")
    composer.press("Control+Shift+ArrowLeft")
    for keys, shown in (
        ("Control+b", "see the **map**"),
        ("Control+i", "see the **_map_**"),
        ("Control+i", "see the **map**"),
        ("Control+b", "see the map"),
        ("Control+Shift+x", "see the ~~map~~"),
        ("Control+z", "see the map"),
    ):
        composer.press(keys)
        expect(composer).to_have_value(shown)
    page.evaluate("navigator.clipboard.writeText('https://map.example/x')")
    composer.press("Control+v")
    expect(composer).to_have_value("see the [map](https://map.example/x)")
    composer.press("Control+z")
    expect(composer).to_have_value("see the map")


def test_ctrl_and_enter_sends_though_somebody_is_suggested(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    composer.press_sequentially("@caro")
    expect(page.get_by_role("option").first).to_be_visible()
    composer.press("Control+Enter")
    expect(message(page, "@caro")).to_be_visible()


def test_letters_that_nothing_else_takes_go_to_the_composer(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.carol.say(room_id, "Who comes?")
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    page.locator(".room-header").click()
    expect(composer).not_to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("End")
    expect(composer).not_to_be_focused()
    page.keyboard.type("I do")
    expect(composer).to_have_value("I do")

    composer.press("Shift+Tab")
    message(page, "Who comes?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.type("!")
    expect(composer).to_have_value("I do")
    page.keyboard.type("x")
    expect(composer).to_have_value("I dox")

    page.get_by_role("searchbox", name="Search in your rooms").focus()
    page.keyboard.type("y")
    expect(composer).to_have_value("I dox")

"""The composer by mouse, by touch, and at every width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import are_uploaded, is_live, live, message, photo
from tests.helpers.touch import hold
from tests.helpers.world import World
from tests.journeys.conftest import Opened

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def box(place: Locator) -> dict[str, float]:
    found = place.bounding_box()
    assert found
    return dict(found) | {"right": found["x"] + found["width"], "end": found["y"] + found["height"]}


def test_a_phone_writes_with_tools_and_the_composer_neither_jumps_nor_is_covered(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room(name="Harbour of the long name, where everybody meets on Sundays")
    page = live(opened(world.bob, **PHONE), room_id)
    text, card = page.get_by_label("Message to"), page.locator(".composer-form")
    send = page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    empty = box(card)
    assert empty["end"] <= 844
    assert box(text)["height"] < 40, "one line, however long the name of the room"
    for tool in page.locator(".composer-tools > :is(.composer-tool, .composer-send)").all():
        assert min(box(tool)["width"], box(tool)["height"]) >= 44

    text.tap()
    page.get_by_role("button", name="Mention someone").tap()
    expect(text).to_have_value("@")
    expect(page.get_by_role("option")).to_have_count(3)
    assert box(page.get_by_role("listbox"))["end"] <= box(card)["y"]
    picture(page, "phone-suggestions")
    page.get_by_role("option", name="Carol").tap()
    expect(text).to_have_value(f"@{world.carol.username} ")
    page.get_by_role("button", name="Emoji").tap()
    page.get_by_role("button", name="Insert 🎉").tap()
    expect(text).to_have_value(f"@{world.carol.username} 🎉")
    expect(text).to_be_focused()
    assert box(card) == empty

    page.get_by_role("button", name="Formatting").tap()
    page.get_by_role("button", name="Bold").tap()
    page.keyboard.type("now")
    expect(text).to_have_value(f"@{world.carol.username} 🎉**now**")
    picture(page, "phone-formats")
    page.get_by_role("button", name="Formatting").tap()
    send.tap()
    expect(message(page, f"@{world.carol.username} 🎉now").locator("strong")).to_have_text("now")
    assert box(card) == empty
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_what_is_said_and_where_one_writes_have_the_same_edges_at_every_width(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.carol.say(room_id, "word " * 200)
    world.bob.say(room_id, "word " * 200)
    page = live(opened(world.bob), room_id)
    editor = page.get_by_label("Edit message")
    page.get_by_label("Message to").press("ArrowUp")
    expect(editor).to_be_editable()
    for width in (1700, 1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        card = box(page.locator(".composer-form"))
        assert card["x"] == box(page.locator(".message-avatar").last)["x"]
        assert box(editor)["right"] == pytest.approx(card["right"], abs=1)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_limit_is_told_before_it_is_passed(opened: Opened, world: World) -> None:
    page = live(opened(world.bob), world.room())
    text = page.get_by_label("Message to")
    text.fill("x" * 7199)
    expect(page.get_by_text("801 left")).to_be_hidden()
    text.press("End")
    text.press_sequentially("x")
    expect(page.get_by_text("800 left")).to_be_visible()
    text.fill("🦩" * 8001)
    expect(page.get_by_text("1 character too many")).to_be_visible()


def test_without_javascript_the_composer_offers_only_what_works(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob, java_script_enabled=False)
    page.goto(f"/rooms/{world.room()}")
    expect(page.get_by_label("Add pictures")).to_be_attached()
    for name in ("Emoji", "Mention someone", "Formatting"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_text("Shift+Enter new line")).to_be_hidden()
    page.get_by_label("Message to").fill("no script needed")
    page.get_by_role("button", name="Send").click()
    expect(message(page, "no script needed")).to_be_visible()


def test_a_reply_shows_whom_and_what_it_answers_and_escape_ends_it(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    world.carol.say(room_id, ":coffee: at nine?")
    message(page, "☕ at nine?").hover()
    page.get_by_role("button", name="Reply").click()
    context = page.locator(".composer-context")
    expect(context).to_contain_text("Replying to Carol ☕ at nine?")
    expect(context.locator(".avatar")).to_have_text("C")
    picture(page, "reply")
    page.keyboard.type("Yes")
    page.keyboard.press("Escape")
    expect(context).to_be_hidden()
    expect(page.get_by_label("Message to")).to_be_focused()
    message(page, "☕ at nine?").hover()
    page.get_by_role("button", name="Reply").click()
    page.keyboard.press("Enter")
    quote = message(page, "Yes").locator(".message-reply-excerpt")
    expect(quote).to_have_text("☕ at nine?")
    expect(page.locator(".message-pending")).to_have_count(0)
    page.reload()
    expect(quote).to_have_text("☕ at nine?")


def test_the_page_of_a_message_leads_to_an_answer(opened: Opened, world: World) -> None:
    room_id = world.room()
    asked = world.carol.say(room_id, "at nine?")
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}/messages/{asked['id']}")
    page.get_by_role("link", name="Reply").click()
    expect(page.get_by_text("Replying to Carol")).to_be_visible()
    page.get_by_label("Message to").fill("Yes")
    page.get_by_label("Message to").press("Enter")
    expect(message(page, "Yes").locator(".message-reply")).to_contain_text("Carol at nine?")


def test_the_field_grows_in_a_browser_whose_styles_cannot_do_that(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob)
    page.add_init_script("""
        CSS.supports = () => false;
        addEventListener("DOMContentLoaded", () => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("textarea { field-sizing: fixed !important }");
            document.adoptedStyleSheets = [sheet];
        });
    """)
    composer = live(page, world.room()).get_by_label("Message to")
    before = box(composer)["height"]
    for line in "abcd":
        composer.press_sequentially(line)
        composer.press("Shift+Enter")
    assert box(composer)["height"] >= before + 4 * 20
    composer.press_sequentially("e")
    composer.press("Enter")
    expect(page.locator(".message-body")).to_have_count(1)
    assert box(composer)["height"] == before


def test_an_edit_that_a_reload_interrupts_goes_on(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "The fery leaves")
    page = live(opened(world.bob), room_id)
    composer, editor = page.get_by_label("Message to"), page.get_by_label("Edit message")
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves")
    editor.press_sequentially(" soon")
    page.reload()
    is_live(page)
    expect(composer).to_have_value("")
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves soon")
    editor.press("Escape")
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves")


def test_an_emoji_is_written_by_its_name_from_the_keyboard_alone(
    opened: Opened, world: World
) -> None:
    page = live(opened(world.bob), world.room())
    text = page.get_by_label("Message to")
    text.press_sequentially("done !")
    text.press("ArrowLeft")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Emoji")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search emoji by name")).to_be_focused()
    expect(page.get_by_role("button", name="Animals and nature")).to_be_visible()
    assert box(page.locator(".picker"))["end"] < box(page.locator(".composer-form"))["y"] + 1
    page.keyboard.type("tada")
    found = page.locator(".picker-results .picker-emoji").first
    expect(found).to_be_visible()
    assert box(found)["y"] - box(page.locator(".picker-search"))["end"] < 16, "no empty row"
    page.keyboard.press("Enter")
    expect(text).to_have_value("done 🎉!")
    expect(text).to_be_focused()
    page.keyboard.press("Control+z")
    expect(text).to_have_value("done !")


def test_whatever_the_composer_holds_a_phone_shows_all_of_its_tools(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    world.carol.say(room_id, "Pictures?")
    page = live(opened(world.bob, **PHONE), room_id)
    hold(message(page, "Pictures?"))
    page.get_by_role("menuitem", name="Reply", exact=True).tap()
    files = [photo(f"{number}.jpg") for number in range(10)]
    texts = [{"name": f"{each}.txt", "mimeType": "text/plain", "buffer": b"x"} for each in "abcd"]
    page.locator(".composer-files").set_input_files([*files, *texts])  # type: ignore[misc]
    are_uploaded(page, 10)
    page.get_by_label("Message to").fill("word " * 1700)
    page.get_by_label("Message to").press("Control+Enter")
    expect(page.get_by_text("the limit is 8000")).to_be_visible()
    page.get_by_role("button", name="Formatting").tap()
    picture(page, "phone-full")
    for name in ("Bold", "Emoji", "Send"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Message to")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Harbour")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Remove this picture").last.scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Remove this picture").last).to_be_in_viewport()

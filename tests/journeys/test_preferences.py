"""What people prefer shows from the first paint, and live on their other pages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import bodies, live, message, say
from tests.helpers.servers import wait_until
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
GROUND = "getComputedStyle(document.body).backgroundColor"
# the colours of the browser's own bar, of which one applies
BAR = """[...document.querySelectorAll("meta[name=theme-color]")]
  .filter(({ media }) => matchMedia(media).matches)
  .map(({ content }) => content)"""
SIZE = "getComputedStyle(document.documentElement).fontSize"


def brightness(page: Page) -> int:
    """Return how bright a page's ground is, 0 to 255."""
    red: str = page.evaluate(GROUND)
    return int(red.partition("(")[2].partition(",")[0])


def test_a_theme_shows_from_the_first_paint_without_javascript_and_live_in_other_tabs(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    plain = opened(world.bob, java_script_enabled=False, color_scheme="light")
    plain.goto("/rooms")
    assert brightness(plain) > 200, "as the system has it"
    tab = live(opened(world.bob, color_scheme="light"), room_id)
    alices = live(opened(world.alice, color_scheme="light"), room_id)
    world.bob.patch("/me/preferences", {"theme": "dark", "font_size": "large"})
    wait_until(lambda: brightness(tab) < 80, "the open tab is dark")
    assert tab.evaluate(SIZE) == "18px"
    assert tab.evaluate(BAR) == ["#16181b"]
    plain.goto("/rooms")
    assert (brightness(plain) < 80, plain.evaluate(SIZE)) == (True, "18px")
    assert plain.evaluate(BAR) == ["#16181b"]
    assert brightness(alices) > 200
    world.bob.patch("/me/preferences", {"theme": "system", "font_size": "medium"})
    wait_until(lambda: brightness(tab) > 200, "the open tab follows the system again")
    assert tab.evaluate(BAR) == ["#ffffff"]
    tab.emulate_media(color_scheme="dark")
    wait_until(lambda: brightness(tab) < 80, "it follows the system")


def test_what_changes_while_a_tab_is_offline_shows_when_it_is_back(
    opened: Opened, world: World
) -> None:
    tab = live(opened(world.bob, color_scheme="light"), world.room())
    tab.context.set_offline(True)
    expect(tab.locator(".main connection-notice")).to_be_visible(timeout=30_000)
    world.bob.patch("/me/preferences", {"theme": "dark"})
    tab.context.set_offline(False)
    wait_until(lambda: brightness(tab) < 80, "hello says what changed", seconds=30)


def test_compact_rooms_show_more_and_times_by_the_preferred_clock(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    for number in range(6):
        world.alice.say(room_id, f"number {number}")
        world.carol.say(room_id, f"answer {number}")
    bob = live(opened(world.bob, locale="en-US"), room_id)
    expect(bob.locator(".message-time").first).to_contain_text("M")
    before = message(bob, "number 3").bounding_box()
    picture(bob, "comfortable")
    world.bob.patch("/me/preferences", {"density": "compact", "time_format": "24"})
    expect(bob.locator("html")).to_have_attribute("data-density", "compact")
    expect(bob.locator(".message-time").first).not_to_contain_text("M")
    after = message(bob, "number 3").bounding_box()
    picture(bob, "compact")
    assert before and after
    assert after["height"] < before["height"] * 0.6
    expect(message(bob, "number 3").locator(".message-avatar")).to_be_hidden()
    expect(message(bob, "number 3").locator(".message-author")).to_be_visible()
    world.alice.say(room_id, "🎉")
    parts = message(bob, "🎉").locator(".message-time, .message-author, .message-body p")
    expect(parts).to_have_count(3)
    boxes = [box for part in parts.all() if (box := part.bounding_box())]
    middles = [box["y"] + box["height"] / 2 for box in boxes]
    assert max(middles) - min(middles) < 4, "time, name and emoji are in one line"
    world.carol.say(room_id, "thank you")
    world.carol.say(room_id, "and so on")
    shared = message(bob, "and so on").locator(".message-author")
    width = "(author) => author.getBoundingClientRect().width"
    assert shared.evaluate(width) == 1, "the name above is for both"


def test_who_prefers_it_breaks_lines_with_enter_and_sends_with_ctrl(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "before")
    bob = live(opened(world.bob), room_id)
    world.bob.patch("/me/preferences", {"enter_sends": False})
    expect(bob.locator("html")).to_have_attribute("data-enter-sends", "false")
    say(bob, "first")
    bob.keyboard.type("second")
    assert bob.get_by_label("Message to").input_value() == "first\nsecond"
    bob.keyboard.press("Control+Enter")
    expect(bob.locator(".message-body")).to_have_count(2)
    assert bodies(bob)[-1].split() == ["first", "second"]

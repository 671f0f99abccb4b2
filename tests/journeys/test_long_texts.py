"""Long texts are folded until somebody wants to read them, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.looks import differences, markup
from tests.helpers.pages import live, say
from tests.helpers.servers import wait_until
from tests.helpers.world import World
from tests.journeys.conftest import Opened

LOG = "\n".join(f"line {number}" for number in range(1, 61))


def height_of(text: Locator) -> float:
    box = text.bounding_box()
    assert box
    return box["height"]


def top_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_a_long_text_is_folded_the_same_live_after_a_reload_and_without_javascript(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    bob = live(opened(world.bob), room_id)
    world.alice.say(room_id, "\n".join(f"short {number}" for number in range(30)))
    world.alice.say(room_id, f"```\n{LOG}\n```")
    world.alice.say(room_id, "and the end")
    fold = bob.locator(".message-fold")
    expect(bob.get_by_text("and the end")).to_be_in_viewport()
    expect(fold).to_have_count(1)
    text = bob.locator(".message-body:has(~ .message-fold)")
    folded = height_of(text)
    assert folded < 500
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "Bob has read it")
    while_live = markup(bob)
    picture(bob, "folded")

    first = top_of(text)
    expect(fold).to_have_text("Show allShow less")
    fold.click()
    assert height_of(text) > 60 * 15
    assert abs(top_of(text) - first) < 2, "what one reads stays where it is"
    below = top_of(bob.get_by_text("and the end"))
    fold.evaluate("(label) => label.click()")
    assert height_of(text) == folded
    assert below > top_of(bob.get_by_text("and the end"))

    live(bob, room_id)
    after_reload = markup(bob)
    plain = opened(world.bob, java_script_enabled=False)
    plain.goto(f"/rooms/{room_id}")
    assert differences(while_live, after_reload) == ""
    assert differences(after_reload, markup(plain)) == ""
    plain.locator(".message-fold").click()
    assert height_of(plain.locator(".message-body:has(~ .message-fold)")) > 60 * 15


def test_what_one_wrote_and_what_a_link_leads_to_is_shown_whole_and_keys_fold_it(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    long = world.alice.say(room_id, LOG)
    for number in range(60):
        world.alice.say(room_id, f"{number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 61})
    bob = live(opened(world.bob), room_id)
    say(bob, LOG)
    written = bob.locator(".message-body", has_text="line 60").last
    expect(bob.locator(".message-fold")).to_have_count(1)
    assert height_of(written) > 60 * 15
    bob.goto(f"/rooms/{room_id}?around={long['seq']}#message-{long['seq']}")
    message = bob.locator(f"#message-{long['seq']}")
    assert height_of(message.locator(".message-body")) > 60 * 15
    bob.goto(f"/rooms/{room_id}?before={long['seq'] + 5}")
    expect(message.locator(".message-tool").first).to_be_attached()
    switch = message.get_by_role("checkbox", name="Show all")
    assert height_of(message.locator(".message-body")) < 500
    switch.focus()
    bob.keyboard.press("Space")
    assert height_of(message.locator(".message-body")) > 60 * 15


def test_an_edit_that_makes_a_text_short_leaves_nothing_to_unfold(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    sent = world.alice.say(room_id, LOG)
    bob = live(opened(world.bob), room_id)
    expect(bob.locator(".message-fold")).to_have_count(1)
    world.alice.patch(f"/messages/{sent['id']}", {"body": "never mind"})
    expect(bob.get_by_text("never mind")).to_be_visible()
    expect(bob.locator(".message-fold")).to_have_count(0)

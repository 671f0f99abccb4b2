"""What an edit leaves in sight, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers import pictures
from tests.helpers.pages import live, message, say
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]

# How many px of the messages do not fit.
EXCESS = "({scrollHeight, clientHeight}) => scrollHeight - clientHeight"
TO_THE_END = "(e) => e.scrollHeight - e.clientHeight - e.scrollTop"
# Whether the faces below a message are painted down to their lower edge.
IS_WHOLE = """(faces) => {
  const {left, width, bottom} = faces.getBoundingClientRect();
  return faces.contains(document.elementFromPoint(left + width / 2, bottom - 2));
}"""

# Whether nothing lies over the word at the end of a line.
IS_LABEL_FREE = """(label) => {
  const {right, top, height} = label.getBoundingClientRect();
  return label.contains(document.elementFromPoint(right - 8, top + height / 2));
}"""


def test_the_last_message_stays_in_sight_when_it_is_edited_and_so_does_who_has_read_it(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    for number in range(12):
        world.bob.say(room_id, f"Boat {number} is in")
    alice, bob = live(opened(world.alice), room_id), live(opened(world.bob), room_id)
    say(alice, "The fery leaves at seven")
    expect(message(bob, "The fery leaves at seven")).to_be_visible()
    faces = alice.locator(".message").last.locator(".receipts-faces")
    expect(faces).to_be_visible()
    scroll = alice.locator(".timeline-scroll")
    for excess in (34, 60, 88):
        size = alice.viewport_size
        assert size
        size["height"] += scroll.evaluate(EXCESS) - excess
        alice.set_viewport_size(size)
        expect(alice.get_by_label("Message to")).to_be_focused()
        alice.keyboard.press("ArrowUp")
        editor = alice.get_by_label("Edit message")
        expect(editor).not_to_have_attribute("readonly", "")
        expect(faces).to_be_hidden()
        text = f"The ferry leaves at seven, {excess}"
        editor.fill(text)
        editor.press("Enter")
        expect(editor).to_have_count(0)
        expect(message(bob, text)).to_be_visible()
        assert scroll.evaluate(TO_THE_END) < 1
        assert faces.evaluate(IS_WHOLE)
    picture(alice, "edited-last")


def test_what_is_said_of_a_message_is_beside_its_own_words(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "Have you seen her?")
    image = world.alice.ask(
        "POST",
        f"/rooms/{room_id}/images",
        files={"image": pictures.written(pictures.gradient(400, 200), "PNG")},
    ).json()
    shown = world.alice.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "c1", "body": "The fery", "image_ids": [image["id"]]},
    ).json()
    world.alice.patch(f"/messages/{shown['id']}", {"body": "The ferry"})
    for number in range(40):
        world.alice.say(room_id, f"Boat {number} is in, with many fish, and more than yesterday")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 1})
    bob = live(opened(world.bob), room_id)
    seen = message(bob, "The ferry")
    edges = [
        seen.locator(part).evaluate(f"e => e.getBoundingClientRect().{edge}")
        for part, edge in ((".message-edited", "bottom"), (".message-images", "top"))
    ]
    assert edges[0] <= edges[1], "beside the text, above a picture"
    seen.locator(".message-author").hover()
    expect(seen.get_by_role("button", name="Reply")).to_be_visible()
    new = seen.get_by_text("New", exact=True)
    picture(bob, "new-hovered")
    assert new.evaluate(IS_LABEL_FREE)
    bob.set_viewport_size({"width": 390, "height": 700})
    bob.locator(".timeline-scroll").evaluate("e => (e.scrollTop = 900)")
    expect(bob.locator(".sticky-day")).to_be_visible()
    picture(bob, "sticky-day-phone")

"""Pages that are read from right to left are the mirror of the others.

The chat speaks English and German, so that the tests turn its pages; names and messages are Arabic
and Hebrew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.looks import covered
from tests.helpers.pages import live, message, shares
from tests.helpers.touch import finger_on
from tests.helpers.uploads import uploaded
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OF_ROOM = ("", "/about", "/members", "/pins", "/images", "/settings")
PAGES = (
    *("/rooms", "/rooms/all", "/rooms/new", "/rooms/browse", "/people"),
    *("/direct-rooms/new", "/share", "/mentions"),
    *("/search?q=%D7%A1%D7%A4%D7%99%D7%A0%D7%94", "/settings/profile", "/settings/appearance"),
    *("/settings/notifications", "/settings/privacy", "/settings/devices"),
)
# Turns a page, and tells what is not where a mirror shows it. What is within texts has a direction
# of its own.
TURNED = """() => {
  const within =
    ".message-body *, .message-reply *, .message-image *, .visually-hidden, p *, svg *";
  const boxes = [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(within))
    .filter((each) => getComputedStyle(each).display !== "inline" || each.matches("img"))
    .map((each) => [each, each.getBoundingClientRect()]);
  document.documentElement.dir = "rtl";
  return boxes
    .map(([each, { left, right }]) => [each, innerWidth - right, innerWidth - left])
    .filter(([each, left, right]) => {
      const box = each.getBoundingClientRect();
      return Math.abs(box.left - left) > 2 || Math.abs(box.right - right) > 2;
    })
    .map(([each]) => `${each.tagName} ${each.className} ${each.textContent.trim()}`);
}"""


def story(world: World) -> str:
    """Return a room in which people write Arabic and Hebrew, with everything that a room shows."""
    names = {world.alice: "ليلى الحداد", world.bob: "דוד לוי", world.carol: "نور"}
    for person, name in names.items():
        assert person.patch("/me", {"display_name": name}).status_code == 200
    room_id = world.room(name="الميناء")
    world.bob.make_room("ספינות")
    first = world.alice.say(room_id, "متى تبحر السفينة إلى Haifa؟")
    answer = {"client_id": "a", "body": "ספינה 7:30 (רציף 4)", "reply_to_id": first["id"]}
    world.bob.post(f"/rooms/{room_id}/messages", answer)
    world.carol.put(f"/messages/{first['id']}/reactions/👍")
    world.carol.put(f"/messages/{first['id']}/pin")
    world.carol.say(room_id, f"@{world.bob.username} شكراً\n\n- واحد\n- اثنان\n\n> قال\n\n`ls -l`")
    world.carol.say(room_id, "and one in English, to the left")
    image = uploaded(world.alice, room_id)
    world.alice.post(
        f"/rooms/{room_id}/messages", {"client_id": "b", "body": "صورة", "image_ids": [image["id"]]}
    )
    world.alice.post("/direct", {"user_ids": [world.bob.id]})
    return room_id


@pytest.mark.parametrize("options", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_mirrored_and_nothing_is_cut_off_or_covered(
    opened: Opened, world: World, options: dict[str, object], picture: Picture
) -> None:
    room_id = story(world)
    page = opened(world.alice, reduced_motion="reduce", **options)
    shares(page)
    size = options["viewport"]["width"]
    faults = {}
    for path in [*(f"/rooms/{room_id}{rest}" for rest in OF_ROOM), *PAGES]:
        page.goto(path)
        found = page.evaluate(TURNED) + covered(page)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > size:
            found.append(f"{wide} px wide")
        if found:
            faults[path] = found
        picture(page, f"rtl-{size}-{path.replace('/', '_')[:60].replace(room_id, 'room')}")
    assert not faults


def test_a_finger_and_arrow_keys_follow_the_direction_of_the_page(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "ספינה שניה")
    page = live(opened(world.bob, **PHONE), room_id)
    page.evaluate("document.documentElement.dir = 'rtl'")
    back = page.locator(".room-header-back .icon")
    expect(back).to_have_css("scale", "-1 1")
    said = message(page, "ספינה שניה")
    body = said.locator(".message-body")
    before = body.evaluate("e => e.getBoundingClientRect().left")
    with finger_on(body) as finger:
        finger.move(40)  # as somebody who scrolls badly
    expect(page.locator(".composer-context")).to_be_hidden()
    with finger_on(body) as finger:
        finger.move(-90)
        assert body.evaluate("e => e.getBoundingClientRect().left") == before - 64
        picture(page, "rtl-swipe")
    expect(page.locator(".composer-context")).to_contain_text("ספינה שניה")
    page.keyboard.press("Escape")
    said.focus()
    page.keyboard.press("ArrowLeft")
    expect(said.locator(".message-author")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(said).to_be_focused()


def test_a_name_in_a_hebrew_text_has_its_sign_before_it(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, f"שלום @{world.bob.username}, מה שלומך?")
    page = live(opened(world.bob, **WIDE), room_id)
    page.evaluate("document.documentElement.dir = 'rtl'")
    left = """(mention) => [0, 1].map((at) => {
      const range = document.createRange();
      range.setStart(mention.firstChild, at);
      range.setEnd(mention.firstChild, at + 1);
      return range.getBoundingClientRect().left;
    })"""
    sign, letter = page.locator(".message-body .mention").evaluate(left)
    assert sign < letter

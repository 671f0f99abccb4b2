"""The frame around what people say stands still, fits every screen, and shows where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.helpers import pictures
from tests.helpers.crowded import put_into_rooms
from tests.helpers.pages import is_live, is_unread, live, message, row, say, shares, sign_out
from tests.helpers.uploads import uploaded
from tests.helpers.world import World
from tests.journeys.conftest import Opened

SCROLLED = """() => {
  const page = document.scrollingElement;
  page.scrollTop = 1_000; // as an anchor does
  return [page.scrollTop, page.scrollHeight - innerHeight];
}"""
ROOM_PAGES = ("", "/about", "/members", "/pins", "/images", "/settings")
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).position !== "absolute")
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .filter((each) => !each.closest(".message-table, .code, .day"))
  .map((each) => `${each.tagName} ${each.className}`)"""


WIDER_INSIDE = """() => [...document.querySelectorAll("main")]
  .filter((each) => each.scrollWidth > each.clientWidth).length"""
# Fields whose longest choice does not fit; an arrow and its distance take some 24 px.
CUT_CHOICES = """() => [...document.querySelectorAll("select")].filter((each) => {
  if (!each.checkVisibility()) return false;
  const { font, paddingInlineStart } = getComputedStyle(each);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const widest = Math.max(...[...each.options].map(({ text }) => pen.measureText(text).width));
  return widest > each.clientWidth - parseFloat(paddingInlineStart) - 24;
}).map((each) => each.name)"""
TELEPHONES = (390, 320)  # px wide


def fits_telephones(page: Page, path: str) -> None:
    for width in TELEPHONES:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width, (path, width)
        assert page.evaluate(TOO_WIDE) == [], (path, width)
        assert page.evaluate(WIDER_INSIDE) == 0, (path, width)
        assert page.evaluate(CUT_CHOICES) == [], (path, width)


def stands_still(page: Page) -> None:
    assert page.evaluate(SCROLLED) == [0, 0]
    expect(page.locator(".room-header")).to_be_in_viewport(ratio=1)
    expect(page.locator(".sidebar-mark")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("width", "height"), [(1440, 900), (720, 450)]
)  # the latter: enlarged twice
def test_nothing_but_the_lists_scrolls_however_many_rooms_there_are(
    opened: Opened, world: World, width: int, height: int
) -> None:
    ids = put_into_rooms(world.bob, 40, world.alice)
    world.alice.say(ids[0], "below the fold")
    page = opened(world.bob, viewport={"width": width, "height": height})
    live(page, ids[-1])
    is_unread(page, ids[0], 1)
    stands_still(page)
    row(page, ids[0]).get_by_role("link").click()
    expect(page.locator(".room-header-name")).to_have_text("Room 0")
    is_live(page)
    stands_still(page)


def test_the_room_where_one_is_stays_marked_whatever_waits_in_it(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    first = world.alice.say(room_id, "the first")
    world.alice.say(room_id, "@room the second")
    page = live(opened(world.bob), room_id)
    read = row(page, room_id).get_by_role("link")
    ground = "e => getComputedStyle(e).backgroundColor"
    marked = read.evaluate(ground)
    other = world.room()
    assert row(page, other).get_by_role("link").evaluate(ground) != marked
    page.evaluate("document.querySelector('.composer-body').blur()")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": first["seq"]})
    expect(row(page, room_id).locator(".badge-count")).to_have_text("1")
    expect(read).to_have_attribute("aria-current", "page")
    assert read.evaluate(ground) == marked


def test_the_list_does_not_move_when_a_message_is_sent(opened: Opened, world: World) -> None:
    page = live(opened(world.bob), world.room())
    height = "e => e.getBoundingClientRect().height"
    say(page, "one")
    expect(page.locator(".message-sent .message-body")).to_have_text("one")
    alone = message(page, "one").evaluate(height)
    say(page, "two")
    pending = message(page, "two").evaluate(height)
    expect(page.locator(".message-sent .message-body")).to_have_text("two")
    assert message(page, "two").evaluate(height) == pending
    assert message(page, "one").evaluate(height) == alone
    expect(message(page, "two").get_by_title("Sent")).to_be_visible()
    expect(message(page, "one").get_by_title("Sent")).to_be_hidden()


def test_one_message_at_a_time_offers_its_tools(opened: Opened, world: World) -> None:
    room_id = world.room()
    for text in ("one", "two"):
        world.alice.say(room_id, text)
    page = live(opened(world.bob), room_id)
    tools = page.locator(".message-tools:visible")
    message(page, "two").focus()
    expect(tools).to_have_count(1)
    message(page, "one").hover()
    expect(message(page, "one").locator(".message-tools")).to_be_visible()
    expect(tools).to_have_count(1)
    message(page, "one").get_by_role("link", name="More").click()
    expect(page.get_by_role("menu")).to_be_visible()
    message(page, "two").hover(force=True)
    expect(message(page, "one").locator(".message-tools")).to_be_visible()
    expect(tools).to_have_count(1)


def test_no_page_is_wider_than_a_telephone(opened: Opened, world: World) -> None:
    room_id = world.room(kind="private", name="Harbour of the long name")
    said = world.bob.say(room_id, f"https://example.org/{'x' * 200} and `{'y' * 200}`")
    assert world.alice.put(f"/messages/{said['id']}/pin").status_code == 200
    assert world.carol.post(f"/messages/{said['id']}/report", {"reason": "a badge"}).ok
    world.alice.say(room_id, "| a | b |\n|---|---|\n| " + "wide " * 60 + "| c |")
    page = opened(world.alice, viewport={"width": 390, "height": 800}, has_touch=True)
    shares(page)
    of_room = [f"/rooms/{room_id}{rest}" for rest in ROOM_PAGES]
    paths = ["/rooms", "/rooms/all", "/rooms/new", "/rooms/browse", "/people", "/mentions"]
    paths += ["/direct-rooms/new", "/share"]
    paths += ["/invitations", "/search", "/search?q=wide", "/settings"]
    paths += [f"/settings/{each}" for each in ("profile", "appearance", "notifications")]
    paths += [
        "/settings/privacy",
        "/settings/security",
        "/settings/devices",
        "/admin/people?state=all",
        "/admin",
        "/admin/audit",
        "/admin/invitations",
        "/admin/rooms",
    ]
    for path in [*of_room, f"/rooms/{room_id}/messages/{said['id']}", *paths, "/nothing"]:
        page.goto(path)
        fits_telephones(page, path)
    stranger = opened(viewport={"width": 390, "height": 800})
    for path in ("/login", "/register", "/nothing"):
        stranger.goto(path)
        fits_telephones(stranger, path)


def test_the_owner_changes_a_role_on_a_telephone(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.alice, viewport={"width": 390, "height": 800}, has_touch=True)
    page.goto(f"/rooms/{room_id}/members")
    member = page.locator(".row", has_text=f"@{world.bob.username}")
    more = member.get_by_role("button", name="More about Bob")
    more.tap()
    for control in (member.get_by_role("button"), member.get_by_role("link", name="Remove")):
        expect(control.last).to_be_in_viewport(ratio=1)
    member.get_by_role("button", name="Make moderator").tap()
    expect(member).to_contain_text("moderator")
    page.reload()
    expect(member).to_contain_text("moderator")


def test_the_viewer_counts_the_pictures_of_a_message_and_closes_beside_them(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    data = pictures.written(pictures.gradient(300, 200), "JPEG")
    ids = [uploaded(world.alice, room_id, data)["id"] for _ in range(3)]
    body = {"client_id": "three", "body": "look", "image_ids": ids}
    assert world.alice.post(f"/rooms/{room_id}/messages", body).status_code == 201
    page = live(opened(world.bob), room_id)
    page.locator(".message-image").nth(1).click()
    count = page.locator(".viewer-count")
    expect(count).to_have_text("2 / 3")
    expect(page.locator(".viewer-source")).to_have_text(re.compile(r"^Alice \S"))
    page.get_by_role("button", name="Next picture").click()
    expect(count).to_have_text("3 / 3")
    expect(page.get_by_role("button", name="Next picture")).to_be_hidden()
    page.locator(".viewer-picture").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.mouse.click(200, 500)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".message-image").nth(2)).to_be_focused()


def test_signing_out_is_two_steps_and_escape_closes_the_menu(opened: Opened, world: World) -> None:
    page = live(opened(world.bob), world.room())
    out = page.get_by_role("button", name="Sign out", exact=True)
    expect(out).to_be_hidden()
    page.locator(".account-menu-summary").click()
    expect(out).to_be_visible()
    expect(page.get_by_role("link", name="Settings")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Set status")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(out).to_be_focused()
    page.keyboard.press("Escape")
    expect(out).to_be_hidden()
    expect(page.locator(".account-menu-summary")).to_be_focused()
    page.locator(".account-menu-summary").click()
    page.locator(".room-header").click(position={"x": 300, "y": 5})
    expect(out).to_be_hidden()
    page.locator(".account-menu-summary").click()
    page.get_by_role("link", name="Pause notifications").click()
    for button in ("For 30 minutes", "For 2 hours"):
        pause = page.locator("#do-not-disturb")
        expect(pause).to_be_focused()
        expect(pause.get_by_role("status")).to_be_in_viewport()
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("button", name="Notify me again")).to_be_in_viewport()
    sign_out(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_page_that_does_not_exist_keeps_the_rooms_of_who_is_signed_in(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = opened(world.bob)
    page.goto("/nothing")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    row(page, room_id).get_by_role("link").click()
    expect(page.locator(".room-header-name")).to_have_text("Harbour")
    stranger = opened()
    stranger.goto("/nothing")
    expect(stranger.get_by_role("heading", name="Page not found")).to_be_visible()
    expect(stranger.locator(".sidebar")).to_have_count(0)


TEXT_BELOW_TOOLS = """(message) => {
  const tools = message.querySelector(".message-tools").getBoundingClientRect();
  const body = message.querySelector(".message-body");
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const found = [];
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    found.push(...range.getClientRects());
  }
  return found.filter(({ left, right, top, bottom }) =>
    left < tools.right && right > tools.left && top < tools.bottom && bottom > tools.top).length;
}"""


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_tools_of_a_message_cover_none_of_its_text(
    opened: Opened, world: World, width: int
) -> None:
    room_id = world.room()
    texts = ["first", "full lines " * 40, "- a long item " * 20, "\u05e9\u05dc\u05d5\u05dd " * 60]
    seqs = [world.alice.say(room_id, text)["seq"] for text in texts]
    page = live(opened(world.bob, viewport={"width": width, "height": 900}), room_id)
    for seq in seqs:
        shown = page.locator(f"#message-{seq}")
        shown.hover(position={"x": 200, "y": 5})
        expect(shown.locator(".message-tools")).to_be_visible()
        assert shown.evaluate(TEXT_BELOW_TOOLS) == 0, f"{seq}"

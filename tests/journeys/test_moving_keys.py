"""Keys that lead around, in a real browser: from room to room and from part to part of a page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, is_unread, live, message, row
from tests.helpers.world import World
from tests.journeys.conftest import Opened


def test_alt_and_arrows_lead_to_the_rooms_above_and_below_and_with_shift_to_unread_ones(
    opened: Opened, world: World
) -> None:
    names = ["one", "two", "three", "four"]
    ids = {name: world.bob.make_room(name) for name in reversed(names)}
    world.alice.join(ids["three"])
    page = live(opened(world.bob), ids["one"])
    world.alice.say(ids["three"], "news")
    is_unread(page, ids["three"], 1)
    # in the order of the sidebar, where the news went nowhere
    shown = page.locator(".room-item[data-room-id] .room-item-name").all_inner_texts()
    title, composer = page.locator(".room-header-name"), page.get_by_label("Message to")
    for keys, name in (
        ("Alt+ArrowDown", after(shown, "one", 1)),
        ("Alt+ArrowDown", after(shown, "one", 2)),
        ("Alt+ArrowUp", after(shown, "one", 1)),
        ("Alt+ArrowUp", "one"),
        ("Alt+ArrowUp", after(shown, "one", -1)),
        ("Alt+Shift+ArrowUp", "three"),
        ("Alt+Shift+ArrowDown", "three"),  # nothing else is unread
    ):
        page.keyboard.press(keys)
        expect(title).to_have_text(name)
        expect(composer).to_be_focused()


def after(names: list[str], name: str, step: int) -> str:
    return names[(names.index(name) + step) % len(names)]


def test_f6_leads_from_the_rooms_to_the_messages_to_the_text_and_back(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.carol.say(room_id, "Ahoy")
    page = live(opened(world.bob), room_id)
    places = [
        row(page, room_id).get_by_role("link"),
        message(page, "Ahoy"),
        page.get_by_label("Message to"),
    ]
    expect(places[2]).to_be_focused()
    for place in places:
        page.keyboard.press("F6")
        expect(place).to_be_focused()
    for place in (places[1], places[0], places[2]):
        page.keyboard.press("Shift+F6")
        expect(place).to_be_focused()
    page.goto("/mentions")
    is_live(page)
    for place in (page.get_by_role("link", name="Mentions"), page.locator("main")):
        page.keyboard.press("F6")
        expect(place).to_be_focused()


def test_f6_leads_on_from_the_text_after_a_reload_with_the_panel_open(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = live(opened(world.bob, viewport={"width": 1440, "height": 900}), room_id)
    page.get_by_role("link", name="Details", exact=True).click()
    title = page.get_by_role("complementary").get_by_role("heading", name="Harbour")
    expect(title).to_be_focused()
    live(page, room_id)
    expect(title).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.get_by_label("Message to").focus()
    page.keyboard.press("F6")
    expect(title).to_be_focused()
    expect(title).to_have_css("outline-style", "solid")
    page.keyboard.press("F6")
    expect(page.locator(".room-item-link[aria-current]")).to_be_focused()


def test_the_rooms_are_one_stop_and_arrows_ends_and_letters_lead_to_the_others(
    opened: Opened, world: World
) -> None:
    names = ["Alder", "Birch", "Cedar"]
    ids = {name: world.bob.make_room(name) for name in reversed(names)}
    page = live(opened(world.bob), ids["Birch"])
    link = {name: row(page, ids[name]).get_by_role("link") for name in names}
    expect(page.locator("[data-room-id] > .room-item-link[tabindex='0']")).to_have_count(1)
    link["Birch"].focus()
    for key, name in (
        ("ArrowDown", "Cedar"),
        ("Home", "Alder"),
        ("c", "Cedar"),
        ("ArrowUp", "Birch"),
        ("a", "Alder"),
    ):
        page.keyboard.press(key)
        expect(link[name]).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".room-item-link:focus")).to_have_count(0)
    world.carol.join(ids["Cedar"])
    world.carol.say(ids["Cedar"], "hello")
    is_unread(page, ids["Cedar"], 1)
    expect(page.locator("[data-room-id] > .room-item-link[tabindex='0']")).to_have_count(1)


def test_shift_escape_marks_all_as_read_and_the_notice_takes_it_back(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    here, harbour, quay = world.room(), world.room(), world.room(name="Quay")
    page = live(opened(world.bob), here)
    for room_id in (harbour, quay):
        world.alice.say(room_id, "news")
        is_unread(page, room_id, 1)
    composer, notice = page.get_by_label("Message to"), page.locator(".page-notice")
    composer.fill("not sent yet")
    page.keyboard.press("Shift+Escape")
    expect(notice).to_contain_text("2 rooms marked as read.")
    picture(page, "read-all")
    for room_id in (harbour, quay):
        is_unread(page, room_id, 0)
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_have_text("Your unread messages are back.")
    for room_id in (harbour, quay):
        is_unread(page, room_id, 1)
    page.keyboard.press("Control+k")
    page.keyboard.type(">mark")
    page.keyboard.press("Enter")
    is_unread(page, quay, 0)
    expect(composer).to_have_value("not sent yet")


def test_a_question_mark_shows_all_keys_where_nobody_types(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    world.carol.say(room_id, "Ahoy")
    page = live(opened(world.bob), room_id)
    composer = page.get_by_label("Message to")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    composer.press("?")
    expect(composer).to_have_value("?")
    expect(sheet).to_be_hidden()
    page.keyboard.press("Control+/")
    expect(sheet).to_be_visible()
    picture(page, "keys")
    page.keyboard.press("Control+k")  # one dialog at a time
    page.keyboard.press("Escape")
    expect(composer).to_be_focused()
    page.keyboard.press("Shift+F6")
    page.keyboard.press("?")
    sheet.get_by_role("button", name="Close").click()
    expect(message(page, "Ahoy")).to_be_focused()

    page.locator(".account-menu-summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.set_viewport_size({"width": 320, "height": 640})
    picture(page, "keys-narrow")
    assert page.evaluate("document.querySelector('.keys').scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 720})
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu-summary")).to_be_focused()


def test_one_message_is_a_stop_of_tab_and_arrows_lead_to_what_is_in_it(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(12):
        said = world.carol.say(room_id, f"[map {number}](https://map.example/{number}) here")
    world.carol.put(f"/messages/{said['id']}/reactions/👍")
    page = live(opened(world.bob), room_id)
    composer, newest = page.get_by_label("Message to"), message(page, "map 11 here")
    keys = page.keyboard
    expect(composer).to_be_focused()
    keys.press("Shift+Tab")
    expect(newest).to_be_focused()
    keys.press("Shift+Tab")
    expect(page.get_by_role("region", name="Messages in Harbour")).to_be_focused()
    for place in (newest, composer):
        keys.press("Tab")
        expect(place).to_be_focused()

    keys.press("Shift+Tab")
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    link, thumb = newest.get_by_role("link", name="map 11"), newest.locator(".reaction")
    tools = [newest.get_by_role("button", name=name) for name in ("React", "Reply")]
    more = newest.get_by_role("link", name="More about this message")
    keys.press("ArrowRight")
    while not link.evaluate("(link) => link === document.activeElement"):
        expect(newest.locator(".message-time")).to_be_focused()
        keys.press("ArrowRight")
    for place in (thumb, *tools, more):
        keys.press("ArrowRight")
        expect(place).to_be_focused()
    keys.press("ArrowLeft")
    expect(tools[1]).to_be_focused()
    keys.press("Escape")
    expect(newest).to_be_focused()
    # what comes later is no stop either, and a text that did not change stays
    newest.evaluate("(item) => (item.querySelector('.message-body a').isSame = true)")
    world.alice.say(room_id, "https://map.example")
    expect(
        page.locator(".message").last.locator("a[href='https://map.example']")
    ).to_have_attribute("tabindex", "-1")
    world.alice.put(f"/messages/{said['id']}/reactions/👍")
    expect(thumb).to_contain_text("2")
    expect(thumb).to_have_attribute("tabindex", "-1")
    assert newest.evaluate("(item) => item.querySelector('.message-body a').isSame")
    keys.press("Escape")
    expect(composer).to_be_focused()
    world.alice.say(room_id, "```\nshort\n```")
    expect(page.locator("pre")).to_have_attribute("tabindex", "-1")
    keys.press("Shift+Tab")
    keys.press("Shift+F10")
    expect(page.get_by_role("menu")).to_be_visible()
    keys.press("m")
    expect(page.get_by_role("menuitem", name="Mark unread from here")).to_be_focused()

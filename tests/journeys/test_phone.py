"""On a telephone: places at the bottom, messages under a finger, and nothing cut."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.form_browser import Browser
from tests.helpers.pages import is_live, live, message, row, shares
from tests.helpers.servers import Server, wait_until
from tests.helpers.touch import finger_on, hold
from tests.helpers.uploads import uploaded
from tests.helpers.world import World
from tests.journeys.conftest import Opened

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# What is smaller than a finger: neither within a sentence, nor a box whose label is its target.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => getComputedStyle(each).display !== "inline")
  .filter((each) => !each.matches("[type=radio], [type=checkbox], [type=file], .composer *"))
  .filter((each) => !each.closest(".skip-link, .message-tools, .message-header, .message-reply"))
  .filter((each) => {
    const { x, y, width, height } = each.getBoundingClientRect();
    const at = (shift) => document.elementFromPoint(x + width / 2, y + height / 2 + shift);
    const isIn = y > 60 && y < innerHeight - 120;
    return width < 44 || (height < 40 && isIn && [-20, 20].some((to) => !each.contains(at(to))));
  })
  .map((each) => `${each.tagName}.${each.className} ${each.textContent.trim()}`)"""
Picture = Callable[[Page, str], None]


def test_the_places_are_at_the_bottom_and_say_what_waits(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    page = opened(world.bob, **PHONE)
    page.goto("/rooms")
    is_live(page)
    places = page.get_by_role("navigation", name="Places")
    rooms, mentions, search, you = places.get_by_role("link").all()
    expect(rooms).to_have_attribute("aria-current", "page")
    expect(places.locator(".badge:visible")).to_have_count(0)
    world.alice.say(room_id, f"@{world.bob.username} the ferry leaves")
    expect(rooms).to_have_accessible_name("Rooms 1 unread")
    expect(mentions).to_have_accessible_name("Mentions 1 unread")
    picture(page, "phone-rooms")
    page.evaluate("window.isSame = true")
    for tab, address in ((mentions, "/mentions"), (search, "/search"), (you, "/settings")):
        tab.tap()
        page.wait_for_url(f"**{address}")
        expect(places.locator("[aria-current]")).to_have_count(1)
        expect(tab).to_have_attribute("aria-current", "page")
    picture(page, "phone-you")
    page.get_by_role("link", name="Privacy").tap()
    expect(you).to_have_attribute("aria-current", "true")
    rooms.tap()
    page.get_by_role("link", name="Browse public rooms").tap()
    expect(page.get_by_role("heading", name="Public rooms")).to_be_visible()
    expect(page.locator("main")).to_be_focused()  # the field would open a keyboard over the list
    rooms.tap()
    row(page, room_id).get_by_role("link").tap()
    expect(page.locator(".room-header")).to_be_visible()
    expect(places).to_be_hidden()
    world.alice.say(world.room(name="Garden"), f"@{world.bob.username} come over")
    announcement = page.get_by_role("status").filter(has_text="Alice mentioned you")
    expect(announcement).to_contain_text("come over")
    assert page.evaluate("window.isSame"), "no tab reloads the page"


def test_one_signs_out_on_a_telephone(opened: Opened, world: World) -> None:
    page = opened(world.bob.second_device(), **PHONE)
    page.goto("/settings")
    page.get_by_role("button", name="Sign out", exact=True).tap()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_places_need_no_script(server: Server, world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, f"@{world.bob.username} the ferry leaves")
    page = Browser(server).sign_in(world.bob).get("/settings/privacy").text
    places = page.partition('aria-label="Places"')[2].partition("</nav>")[0]
    assert places.count("<a") == 4
    assert places.count('aria-current="true"') == places.count("aria-current") == 1
    assert places.count('<span class="badge-count">1</span>') == 2


def test_a_finger_that_is_held_on_a_message_opens_its_menu_from_below(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    for text in ("the ferry leaves at seven", "a second one", "https://example.org"):
        world.alice.say(room_id, text)
    page = live(opened(world.bob, **PHONE), room_id)
    menu = page.get_by_role("menu")
    for tools in page.locator(".messages .message-tools").all():
        expect(tools).to_have_css("clip-path", "inset(50%)")
    hold(message(page, "a second one"))
    expect(menu).to_be_in_viewport(ratio=1)
    assert menu.bounding_box() == {"x": 0, "width": 390} | {
        key: value for key, value in (menu.bounding_box() or {}).items() if key in ("y", "height")
    }
    expect(menu.locator(".menu-message")).to_have_text(re.compile(r"Alice\s+a second one"))
    picture(page, "phone-sheet")
    assert page.evaluate("getSelection().toString()") == "", "the finger selects nothing"
    menu.get_by_role("menuitem", name="👍").tap()
    expect(menu).to_be_hidden()
    expect(message(page, "a second one").locator(".reaction")).to_contain_text("👍")
    hold(message(page, "a second one"))
    menu.get_by_role("menuitem", name="Select text").tap()
    assert page.evaluate("getSelection().toString()").strip() == "a second one"
    with finger_on(message(page, "a second one").locator(".message-body")):
        page.wait_for_timeout(700)  # the browser has a menu for what is selected
        expect(menu).to_be_hidden()


def test_a_finger_beside_a_menu_only_closes_it(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "the ferry leaves at seven")
    page = live(opened(world.bob, **PHONE), room_id)
    menu, back = page.get_by_role("menu"), page.locator(".room-header-back")
    below = back.bounding_box()
    assert below
    hold(message(page, "the ferry leaves at seven"))
    page.touchscreen.tap(below["x"] + 10, below["y"] + 10)
    expect(menu).to_be_hidden()
    page.wait_for_timeout(300)  # nothing else happens
    assert page.url.endswith(f"/rooms/{room_id}")
    back.tap()
    page.wait_for_url("**/rooms")


def test_a_finger_that_is_held_on_a_picture_or_a_link_opens_the_menu_too(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    photo = uploaded(world.alice, room_id)
    sent = {"client_id": "a-picture-1", "body": "https://example.org", "image_ids": [photo["id"]]}
    assert world.alice.post(f"/rooms/{room_id}/messages", sent).ok
    page = live(opened(world.bob, **PHONE), room_id)
    menu, save = page.get_by_role("menu"), page.get_by_role("menuitem", name="Save picture")
    with finger_on(page.locator(".message-body a")):
        expect(menu).to_be_visible()
    expect(save).to_be_hidden()
    page.keyboard.press("Escape")
    with finger_on(page.locator(".message-image")):
        expect(menu).to_be_visible()
    expect(page.locator(".viewer")).to_be_hidden()
    with page.expect_download() as saved:
        save.tap()
    assert saved.value.suggested_filename
    expect(menu).to_be_hidden()


def test_a_message_swiped_to_the_right_is_replied_to(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    for number in range(30):
        world.alice.say(room_id, f"number {number}")
    page = live(opened(world.bob, **PHONE), room_id)
    page.locator(".timeline-scroll").evaluate("scroll => scroll.scrollTop = 200")
    swiped, context = message(page, "number 9"), page.locator(".composer-context")
    swiped.scroll_into_view_if_needed()
    body = swiped.locator(".message-body")
    left = "e => e.getBoundingClientRect().left"
    before = body.evaluate(left)
    with finger_on(body) as finger:
        finger.move(40)
        expect(swiped).to_contain_class("message-swiped")
        expect(swiped).to_have_attribute("style", "--swipe: 40px;")
        assert body.evaluate(left) == before + 40, "it follows the finger"
    expect(context).to_be_hidden()
    with finger_on(body) as finger:
        finger.move(10, -80)  # that scrolls
        finger.move(120, -80)
    expect(context).to_be_hidden()
    with finger_on(body) as finger:
        finger.move(90)
        picture(page, "phone-swipe")
    expect(context).to_contain_text("number 9")
    expect(page.get_by_role("menu")).to_be_hidden()
    assert page.evaluate("document.querySelector('.timeline-scroll').scrollLeft") == 0


def test_the_way_back_says_how_many_other_rooms_are_unread(
    opened: Opened, world: World, picture: Picture
) -> None:
    here, there = world.room(), world.room()
    page = live(opened(world.bob, **PHONE), here)
    back = page.get_by_role("link", name="All rooms")
    expect(back).to_have_accessible_name("All rooms")
    world.alice.say(there, "news")
    expect(back).to_have_accessible_name("All rooms 1 unread")
    world.alice.say(here, "read at once")
    expect(message(page, "read at once")).to_be_visible()
    expect(back).to_have_accessible_name("All rooms 1 unread")
    picture(page, "phone-back")
    back.locator(".badge").tap()
    row(page, there).get_by_role("link").tap()
    expect(message(page, "news")).to_be_visible()
    expect(back).to_have_accessible_name("All rooms")
    wait_until(lambda: world.bob.standing(there)["unread"] == 0, "who stays has read it")
    page.go_back()
    page.go_back()  # the room as it was left
    expect(message(page, "read at once")).to_be_visible()
    expect(back).to_have_accessible_name("All rooms")


def test_nothing_is_under_the_edges_of_the_screen(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob, **PHONE)
    insets = {"top": 47, "bottom": 34, "left": 0, "right": 0}
    page.context.new_cdp_session(page).send(
        "Emulation.setSafeAreaInsetsOverride", {"insets": insets}
    )
    page.goto("/rooms")
    for tab in page.locator(".tab").all():
        box = tab.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844 - 34
    live(page, room_id)
    header = page.locator(".room-header").bounding_box()
    composer = page.locator(".composer-form").bounding_box()
    assert header
    assert composer
    assert header["y"] == 47
    assert composer["y"] + composer["height"] <= 844 - 34


def test_what_a_finger_touches_is_as_large_as_a_finger(opened: Opened, world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "hello")
    world.carol.put(f"/messages/{said['id']}/reactions/👍")
    page = opened(world.alice, **PHONE)
    shares(page)
    of_room = [
        f"/rooms/{room_id}{rest}"
        for rest in ("", "/about", "/members", "/settings", f"/messages/{said['id']}")
    ]
    pages = ("/rooms", "/rooms/all", "/rooms/new", "/people", "/search?q=hello", "/settings")
    pages += ("/direct-rooms/new", "/share")
    settings = ("profile", "appearance", "notifications", "privacy", "devices")
    for path in [*of_room, *pages, *(f"/settings/{each}" for each in settings)]:
        page.goto(path)
        assert page.evaluate(TOO_SMALL) == [], path


def test_a_phone_on_its_side_has_as_large_targets_and_room_for_messages(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "the ferry leaves at seven")
    page = live(opened(world.bob, **PHONE | {"viewport": {"width": 844, "height": 390}}), room_id)
    assert page.evaluate(TOO_SMALL) == []
    expect(page.get_by_text("Ctrl K")).to_be_hidden()
    picture(page, "phone-side")
    box = page.locator(".timeline").bounding_box()
    assert box
    assert box["height"] > 390 * 0.6
    hold(message(page, "the ferry leaves at seven"))
    menu = page.get_by_role("menu").bounding_box()
    assert menu
    assert menu["height"] > 390 * 0.8, "a menu may cover its message"
    expect(page.get_by_role("menu")).to_be_in_viewport(ratio=1)
    page.get_by_role("menuitem", name="Copy link").scroll_into_view_if_needed()
    picture(page, "phone-side-menu")


def test_an_enlarged_phone_shows_whole_names_and_can_send(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    page = live(opened(world.bob, **PHONE | {"viewport": {"width": 195, "height": 422}}), room_id)
    for name in ("Send", "Formatting"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    picture(page, "phone-enlarged")
    page.goto("/people?q=alice")
    name = page.locator(".person-link strong", has_text="Alice").first
    expect(name).to_be_in_viewport(ratio=1)
    picture(page, "phone-enlarged-people")
    page.goto("/rooms")
    picture(page, "phone-enlarged-rooms")
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto("/people")
    picture(page, "phone-small-people")
    page.get_by_role("main").get_by_role("link", name="Rooms", exact=True).tap()
    page.wait_for_url("**/rooms")


def test_fingers_turn_enlarge_and_close_a_picture(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    ids = [uploaded(world.alice, room_id)["id"] for _ in range(2)]
    sent = {"client_id": "two-pictures", "body": "", "image_ids": ids}
    assert world.alice.post(f"/rooms/{room_id}/messages", sent).ok
    page = live(opened(world.bob, **PHONE), room_id)
    page.locator(".message-image").first.tap()
    viewer, shown = page.locator(".viewer"), page.locator(".viewer-picture")
    count = page.locator(".viewer-count")
    expect(count).to_have_text("1 / 2")
    with finger_on(shown) as finger:
        finger.move(-90)
    expect(count).to_have_text("2 / 2")
    with finger_on(shown) as finger:
        finger.move(90)
    expect(count).to_have_text("1 / 2")
    shown.tap()
    page.wait_for_timeout(400)  # one tap does nothing
    expect(viewer).not_to_contain_class("viewer-zoomed")
    box = shown.bounding_box()
    assert box
    for _ in range(2):
        page.touchscreen.tap(box["x"] + 50, box["y"] + 50)
    expect(viewer).to_contain_class("viewer-zoomed")
    for _ in range(2):
        page.touchscreen.tap(box["x"] + 50, box["y"] + 50)
    expect(viewer).not_to_contain_class("viewer-zoomed")
    with finger_on(shown) as finger:
        finger.move(0, 120)
    expect(viewer).to_be_hidden()


def test_a_reaction_that_is_held_says_whose_it_is(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, "the ferry leaves at seven")
    world.carol.put(f"/messages/{said['id']}/reactions/👍")
    page = live(opened(world.bob, **PHONE), room_id)
    reaction = page.locator(".reaction")
    with finger_on(reaction):
        expect(page.get_by_text("👍 Carol", exact=True)).to_be_visible()
        picture(page, "phone-reaction")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("menu")).to_be_hidden()

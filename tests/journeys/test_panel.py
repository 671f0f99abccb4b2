"""The panel beside a room: its details and the search, on wide and on narrow windows."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import is_live, live
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
WIDE = {"viewport": {"width": 1440, "height": 900}}


def test_details_open_beside_the_messages_and_back_and_escape_close_them(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "Boats are cheap today")
    assert world.alice.put(f"/messages/{said['id']}/pin").status_code == 200
    page = live(opened(world.alice, **WIDE), room_id)
    panel = page.get_by_role("complementary")
    picture(page, "panel-closed")
    page.get_by_role("link", name="Harbour", exact=True).last.click()
    expect(panel.get_by_role("heading", name="Harbour")).to_be_focused()
    expect(page.get_by_label("Message to")).to_be_visible()
    picture(page, "panel-about")
    for tab in ("People", "Pinned", "Pictures", "Settings"):
        panel.get_by_role("link", name=tab, exact=True).click()
        expect(panel.get_by_role("heading", name=re.compile(f"^{tab}"), level=2)).to_be_attached()
        picture(page, f"panel-{tab.lower()}")
    assert page.url.endswith(room_id)
    page.go_back()
    expect(panel).to_be_hidden()
    toggle = page.get_by_role("link", name="Details", exact=True)
    toggle.click()
    expect(panel.get_by_role("heading", name="Harbour")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(toggle).to_be_focused()
    page.get_by_role("link", name="Pinned messages").click()
    expect(panel.get_by_text("Boats are cheap today")).to_be_visible()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(panel.locator("#details-about")).to_have_attribute("aria-current", "page")
    toggle.click()
    expect(panel).to_be_hidden()


def test_forms_in_the_panel_say_what_was_refused_and_keep_the_page(
    opened: Opened, world: World, picture: Picture
) -> None:
    world.room(name="Quay")
    room_id = world.room()
    page = live(opened(world.alice, **WIDE), room_id)
    panel = page.get_by_role("complementary")
    page.evaluate("window.samePage = true")
    page.get_by_label("Message to").fill("not sent yet")
    page.get_by_role("link", name="Details", exact=True).click()
    panel.get_by_role("link", name="Settings").click()
    name = panel.get_by_label("Name", exact=True)
    name.fill("quay")
    name.press("Enter")
    expect(panel.locator("#name-note")).to_contain_text("“Quay”")
    expect(name).to_be_focused()
    expect(name).to_have_value("quay")
    picture(page, "panel-refused")
    name.fill("Docks")
    name.press("Enter")
    expect(panel.get_by_text("Saved")).to_be_visible()
    expect(page.locator("room-title")).to_have_text("Docks")
    panel.get_by_role("link", name="People").click()
    bob = panel.locator(".row", has_text=f"@{world.bob.username}")
    bob.get_by_role("button", name="More about Bob").click()
    picture(page, "panel-row-menu")
    panel.get_by_role("button", name="Make moderator").click()
    expect(bob.locator(".row-note")).to_contain_text("moderator")
    assert world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id}).ok
    panel.get_by_label("Name", exact=True).fill(world.mallory.username)
    expect(panel.locator(".row")).to_have_count(1)
    expect(page.get_by_label("Message to")).to_have_value("not sent yet")
    assert page.evaluate("window.samePage"), "nothing was loaded anew"


def test_people_are_added_in_a_row_and_an_invitation_is_withdrawn(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id, quay = world.bob.make_room("Pier"), world.room(name="Quay")  # whom bob knows
    page = live(opened(world.bob, **WIDE), room_id)
    mallory = live(opened(world.mallory), world.mallory.make_room("Cove"))
    panel = page.get_by_role("complementary")
    page.get_by_role("link", name="Add people").click()
    for person, does in ((world.alice, "Add"), (world.carol, "Add"), (world.mallory, "Invite")):
        expect(panel.get_by_role("searchbox")).to_be_focused()
        expect(panel.get_by_role("searchbox")).to_have_value("")
        page.keyboard.type(person.username)
        name = person.name.capitalize()
        expect(panel.get_by_role("button", name=f"{does} {name}")).to_have_count(1)
        expect(panel.locator(".row")).to_have_count(1)
        panel.get_by_role("button", name=f"{does} {name}").click()
        expect(panel.get_by_role("status").filter(has_text=name)).to_be_visible()
    picture(page, "panel-added")
    link = mallory.get_by_role("link", name="Invitations")
    expect(link).to_be_visible()
    panel.get_by_role("link", name="Done").click()
    expect(panel.locator(".row")).to_have_count(4)
    panel.get_by_role("button", name="More about Mallory").click()
    picture(page, "panel-withdraw")
    panel.get_by_role("button", name="Withdraw invitation").click()
    expect(panel.locator(".row")).to_have_count(3)
    expect(link).to_be_hidden()
    assert not world.mallory.get(f"/rooms/{quay}").ok


def test_to_delete_a_room_one_types_its_name(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    page = live(opened(world.alice, **WIDE), room_id)
    bob = live(opened(world.bob), room_id)
    panel = page.get_by_role("complementary")
    page.get_by_role("link", name="Details", exact=True).click()
    panel.get_by_role("link", name="Settings").click()
    panel.get_by_role("link", name="Delete this room").click()
    dialog = page.get_by_role("dialog", name="Delete #Harbour?")
    delete = dialog.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()
    dialog.get_by_role("textbox").fill("Harbor")
    expect(delete).to_be_disabled()
    picture(page, "panel-delete")
    dialog.get_by_role("textbox").fill("Harbour")
    delete.click()
    page.wait_for_url("**/rooms")
    expect(panel).to_be_hidden()
    expect(bob.locator(f'.room-item[data-room-id="{room_id}"]')).to_have_count(0)


def test_a_wide_window_keeps_the_panel_and_others_lie_below_it(
    opened: Opened, world: World, picture: Picture
) -> None:
    harbour, quay = world.room(), world.room(name="Quay")
    world.bob.say(quay, "Boats are cheap today")
    page = live(opened(world.alice, **WIDE), harbour)
    panel = page.get_by_role("complementary")
    page.get_by_role("link", name="Pinned messages").click()
    expect(panel).to_contain_text("No pinned messages yet.")
    page.get_by_role("navigation").get_by_role("link", name="Quay").click()
    expect(panel.get_by_role("heading", name="Quay")).to_be_visible()
    said = world.bob.reads(quay)["messages"][0]
    assert world.carol.put(f"/messages/{said['id']}/pin").ok
    expect(panel.locator(".message-body")).to_have_text("Boats are cheap today")
    page.goto(f"/rooms/{harbour}")
    expect(panel.get_by_role("heading", name="Harbour")).to_be_visible()
    page.get_by_role("link", name="Mentions").click()
    expect(panel).to_be_hidden()
    page.go_back()
    expect(panel).to_be_visible()
    page.set_viewport_size({"width": 1024, "height": 768})
    picture(page, "panel-1024")
    panel.get_by_role("link", name="Pictures").click()
    expect(panel.get_by_role("heading", name="Pictures")).to_be_attached()
    page.mouse.click(400, 700)  # on what it covers
    expect(panel).to_be_hidden()
    page.get_by_role("link", name="Pinned messages").click()
    expect(panel).to_be_visible()
    page.get_by_role("navigation", name="Rooms and").get_by_role("link", name="Quay").click()
    expect(page.locator("room-title")).to_have_text("Quay")
    expect(panel).to_be_hidden()


def test_the_panel_has_its_column_before_any_script_runs(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = live(opened(world.alice, service_workers="block", **WIDE), room_id)
    main = page.locator("#main")
    alone = main.bounding_box()
    page.get_by_role("link", name="Details", exact=True).click()
    expect(page.get_by_role("complementary").get_by_role("heading", level=2).first).to_be_visible()
    beside = main.bounding_box()
    assert beside != alone
    page.route("**/scripts/app.js", lambda route: route.abort())
    page.reload()
    assert main.bounding_box() == beside
    page.set_viewport_size({"width": 1024, "height": 900})
    assert main.evaluate("each => each.getBoundingClientRect().right") == 1024
    page.set_viewport_size(WIDE["viewport"])
    page.unroute("**/scripts/app.js")
    live(page, room_id)
    page.get_by_role("complementary").get_by_role("link", name="Back to Harbour").click()
    expect(page.get_by_role("complementary")).to_be_hidden()
    assert main.bounding_box() == alone
    page.route("**/scripts/app.js", lambda route: route.abort())
    page.reload()
    assert main.bounding_box() == alone


def test_on_a_phone_the_panel_takes_the_place_of_the_room(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    view = {"width": 390, "height": 844}
    page = live(opened(world.alice, viewport=view, has_touch=True, color_scheme="dark"), room_id)
    panel = page.get_by_role("complementary")
    page.locator(".room-header-text").tap(position={"x": 60, "y": 40})  # below the name, too
    expect(panel.get_by_role("heading", name="Harbour")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Message to")).to_be_visible()
    expect(panel).to_be_hidden()
    page.locator(".room-header-name").get_by_role("link").tap()
    panel.get_by_role("link", name="People", exact=True).tap()
    expect(page.get_by_label("Message to")).to_be_hidden()
    picture(page, "panel-phone-people")
    panel.get_by_role("button", name="More about Bob").tap()
    picture(page, "panel-phone-menu")
    page.keyboard.press("Escape")
    for tab in ("About", "Settings"):
        panel.get_by_role("link", name=tab).tap()
        expect(panel.get_by_role("heading", name=tab)).to_be_attached()
        picture(page, f"panel-phone-{tab.lower()}")
    page.set_viewport_size({"width": 320, "height": 640})
    picture(page, "panel-320")
    root = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.evaluate(root) == [320, 640], "the panel scrolls, the page does not"
    panel.get_by_role("link", name="Back to Harbour").tap()
    expect(panel).to_be_hidden()
    expect(page.get_by_label("Message to")).to_be_visible()


def test_the_menu_of_a_mention_and_of_a_pin_opens_in_place(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, f"@{world.carol.username} look")
    page = opened(world.carol)
    page.goto("/mentions")
    is_live(page)

    def more(within: Page | Locator) -> None:
        within.get_by_role("link", name="More about this message").click()

    more(page.locator(".mentioned"))
    picture(page, "mentions-menu")
    page.get_by_role("menuitem", name="Pin", exact=True).click()
    expect(page.locator(".mentioned").get_by_text("Pinned")).to_be_visible()
    more(page.locator(".mentioned"))
    page.get_by_role("menuitem", name="👍").click()
    expect(page.locator(".mentioned .reaction")).to_contain_text("1")
    expect(page).to_have_url(f"{world.server.url}/mentions")
    more(page.locator(".mentioned"))
    page.get_by_role("menuitem", name="Reply").click()
    expect(page.get_by_label("Message to Harbour")).to_be_visible()
    expect(page.locator(".composer")).to_contain_text("Alice")
    page.get_by_role("link", name="Pinned messages").click()
    pins = page.get_by_role("complementary")
    more(pins)
    picture(page, "pins-menu")
    page.get_by_role("menuitem", name="Unpin").click()
    expect(pins).to_contain_text("No pinned messages yet.")
    bob = live(opened(world.bob), room_id)
    assert world.carol.put(f"/messages/{said['id']}/pin").ok
    bob.get_by_role("link", name="Pinned messages").click()
    more(bob.get_by_role("complementary"))
    expect(bob.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(bob.get_by_role("menuitem", name="Unpin")).to_be_hidden()
    expect(bob.get_by_role("menuitem", name="Delete")).to_be_hidden()

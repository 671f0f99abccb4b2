"""The settings in a real browser: what is switched is saved at once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.helpers.axe import faults
from tests.helpers.pages import is_live, live, photo
from tests.helpers.pictures import written
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


def is_saved(page: Page) -> None:
    expect(page.get_by_role("status").get_by_text("Saved", exact=True)).to_be_visible()


def test_a_choice_is_saved_at_once_and_shows_here_and_in_another_tab(
    opened: Opened, world: World, picture: Picture
) -> None:
    bob = opened(world.bob, color_scheme="light")
    tab = live(bob.context.new_page(), world.room())
    bob.goto("/settings/appearance")
    twin = bob.context.new_page()
    twin.goto("/settings/appearance")
    expect(bob.get_by_role("button", name="Save", exact=False)).to_be_hidden()
    bob.get_by_role("radio", name="Dark").check()
    is_saved(bob)
    picture(bob, "settings-saved")
    for page in (bob, tab, twin):
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(twin.get_by_role("radio", name="Dark")).to_be_checked()
    bob.get_by_role("radio", name="Comfortable").focus()
    bob.keyboard.press("ArrowRight")
    wait_until(
        lambda: world.bob.get("/me/preferences").json()["density"] == "compact", "it is saved"
    )
    bob.get_by_role("switch", name="Enter sends the message").press("Space")
    expect(tab.locator("html")).to_have_attribute("data-enter-sends", "false")
    expect(twin.get_by_role("switch")).not_to_be_checked()
    bob.reload()
    expect(bob.get_by_role("radio", name="Compact")).to_be_checked()


def test_what_cannot_be_saved_goes_back_and_says_why(opened: Opened, world: World) -> None:
    bob = opened(world.bob)
    bob.goto("/settings/privacy")
    bob.route("**/api/v1/me", lambda route: route.abort())
    switch = bob.get_by_role("switch", name="Share read receipts")
    switch.click()
    expect(bob.get_by_text("Not saved: the chat could not be reached.")).to_be_visible()
    expect(switch).to_be_checked()
    bob.unroute("**/api/v1/me")
    switch.click()
    is_saved(bob)
    assert world.bob.get("/me").json()["read_receipts"] is False

    bob.goto("/settings/profile")
    bob.get_by_label("Display name").fill("\u200b")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator(".setting-problem")).not_to_be_empty()
    expect(bob.get_by_label("Display name")).to_have_value("\u200b")
    bob.get_by_label("Display name").fill("x" * 64)
    bob.get_by_role("button", name="Save").click()
    is_saved(bob)
    assert world.bob.get("/me").json()["display_name"] == "x" * 64


def test_a_switch_that_was_changed_while_the_page_loads_goes_back_when_it_is_refused(
    opened: Opened, world: World
) -> None:
    bob = opened(world.bob)
    held: list[Route] = []
    bob.route("**/scripts/later/other_pages.js", lambda route: held.append(route))  # noqa: PLW0108
    bob.route("**/api/v1/me", lambda route: route.abort())
    with bob.expect_request("**/scripts/later/other_pages.js"):
        bob.goto("/settings/privacy")
    switch = bob.get_by_role("switch", name="Share read receipts")
    switch.click()
    expect(switch).not_to_be_checked()
    held.pop().continue_()
    expect(bob.get_by_text("Not saved: the chat could not be reached.")).to_be_visible()
    expect(switch).to_be_checked()


def test_the_level_of_a_room_is_chosen_without_opening_it(opened: Opened, world: World) -> None:
    room_id = world.room()
    bob = opened(world.bob)
    bob.goto("/settings/notifications")
    bob.get_by_label("Notifications for Harbour").select_option("nothing")
    is_saved(bob)
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "nothing"
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "mentions"})
    expect(bob.get_by_label("Notifications for Harbour")).to_have_value("mentions")
    bob.get_by_role("radio", name="Mentions only").check()
    wait_until(
        lambda: world.bob.get("/me/preferences").json()["notify"] == "mentions", "it is saved"
    )


def test_what_is_chosen_before_the_scripts_of_a_page_are_there_is_saved(
    opened: Opened, world: World
) -> None:
    world.room()
    bob = opened(world.bob)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    bob.route("**/scripts/later/*", hold)
    bob.goto("/settings/notifications", wait_until="commit")
    expect(bob.locator(".room-item[data-seq]").first).to_be_attached()
    bob.get_by_label("Notifications for Harbour").select_option("nothing")
    wait_until(lambda: bool(held) or bob.wait_for_timeout(50), "it is asked for")
    held[0].continue_()
    is_saved(bob)


def test_the_bell_above_a_room_is_crossed_out_on_each_device_while_nothing_notifies(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    phone = live(opened(world.bob.second_device(), viewport={"width": 800, "height": 700}), room_id)
    bob = live(opened(world.bob), room_id)
    bell = bob.get_by_role("button", name="Notifications")
    bell.click()
    picture(bob, "bell")
    bob.keyboard.press("ArrowDown")
    bob.keyboard.press("ArrowDown")
    bob.keyboard.press("Enter")
    for page in (bob, phone):
        expect(page.locator(".room-bell-off")).to_be_visible()
        expect(page.locator(".room-bell-on")).to_be_hidden()
    expect(bell).to_be_focused()
    expect(bell).to_have_attribute("title", "Notifications: Nothing (mute)")
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "nothing"
    live(bob, world.room(name="Quay"))
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    expect(phone.locator(".room-bell-on")).to_be_visible()
    bob.go_back()
    expect(bob.locator(".room-bell-on")).to_be_visible()


def test_signing_out_everywhere_else_asks_first_and_ends_the_other_devices_page(
    opened: Opened, world: World, picture: Picture
) -> None:
    phone = live(opened(world.bob.second_device()), world.room())
    bob = opened(world.bob)
    bob.goto("/settings/devices")
    is_live(bob)
    opener = bob.get_by_role("link", name="Sign out everywhere else")
    opener.focus()
    bob.keyboard.press("Enter")
    question = bob.get_by_role("dialog", name="Sign out everywhere else?")
    expect(question).to_contain_text("One other device will be signed out at once.")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    picture(bob, "settings-question")
    bob.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(opener).to_be_focused()
    expect(phone.get_by_label("Message to")).to_be_visible()
    opener.click()
    question.get_by_role("button", name="Sign out").click()
    expect(bob.get_by_text("You’re not signed in on any other device.")).to_be_visible()
    phone.wait_for_url(re.compile("/login"))


def test_on_a_phone_the_list_and_each_page_are_screens_of_their_own(
    opened: Opened, world: World
) -> None:
    world.bob.make_room("Harbour of the long name, where everybody meets")
    world.bob.patch("/me/preferences", {"font_size": "extra-large"})
    phone = opened(world.bob, viewport={"width": 320, "height": 640})
    phone.goto("/settings")
    expect(phone.get_by_role("heading", name="Settings")).to_be_visible()
    expect(phone.get_by_label("Display name")).to_be_hidden()
    for name in ("Profile", "Appearance", "Notifications", "Privacy", "Security", "Devices"):
        phone.get_by_role("link", name=re.compile(f"^{name}")).click()
        expect(phone.get_by_role("heading", name=name, exact=True)).to_be_visible()
        wide = "document.documentElement.scrollWidth > innerWidth || (main => main.scrollWidth >"
        assert not phone.evaluate(f"{wide} main.clientWidth)(document.querySelector('main'))"), name
        phone.get_by_role("link", name="‹ Settings").click()


def test_a_status_is_picked_and_others_see_it_outside_of_rooms_at_once(
    opened: Opened, world: World
) -> None:
    world.room()
    alice, bob = opened(world.alice), opened(world.bob)
    alice.goto(f"/people/{world.bob.username}")
    is_live(alice)
    bob.goto("/settings/profile")
    bob.get_by_role("button", name="Choose an emoji").click()
    bob.keyboard.type("palm tree")
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("textbox", name="Emoji")).to_have_value("🌴")
    bob.get_by_label("What you are up to").fill("Off")
    bob.get_by_role("button", name="Set status").click()
    expect(alice.locator(".profile-status")).to_have_text(re.compile("🌴 Off · until the end of"))
    alice.goto(f"/people?q={world.bob.username}")
    is_live(alice)
    status = alice.get_by_role("list", name="People").locator(".person-status")
    expect(status).to_have_text("🌴")
    world.bob.patch("/me", {"status": {"emoji": "🎨", "text": "Painting"}})
    expect(status).to_have_text("🎨")


def test_a_status_is_given_a_date_on_which_it_ends(
    opened: Opened, world: World, picture: Picture
) -> None:
    world.room()
    options = {"timezone_id": "America/New_York", "bypass_csp": True}
    bob = opened(world.bob, viewport={"width": 390, "height": 844}, **options)
    bob.goto("/settings/profile")
    is_live(bob)
    moment = bob.get_by_label("Date and time")
    expect(moment).to_be_hidden()
    bob.get_by_label("What you are up to").fill("On holiday")
    bob.get_by_label("Ends", exact=True).select_option(label="On a date…")
    expect(moment).to_be_visible()
    bob.get_by_role("button", name="Set status").click()
    expect(moment).to_have_accessible_description("Choose a date and a time.")
    moment.fill("2098-12-24T18:00")
    picture(bob, "status-until")
    assert not faults(bob)
    bob.get_by_role("button", name="Set status").click()
    expect(bob.locator("#status")).to_contain_text("On holiday · until Dec 24, 2098, 6:00 PM")
    assert world.bob.get("/me").json()["status"]["until"] == "2098-12-24T23:00:00.000Z"


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_the_pages_of_administration_are_named_in_one_row_or_in_even_rows(
    opened: Opened, world: World, language: str
) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "quite rude")
    assert world.carol.post(f"/messages/{said['id']}/report", {"reason": "rude"}).ok
    page = opened(world.alice, locale=language)
    for width, in_row in ((1440, 8), (1024, 4), (390, 4), (320, 2)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/admin/audit")
        tabs = page.locator(".segments-many .segment")
        expect(tabs.locator(".badge-count:visible")).to_have_count(1)
        tops = tabs.evaluate_all("(tabs) => tabs.map((tab) => tab.offsetTop)")
        assert [tops.count(top) for top in dict.fromkeys(tops)] == [in_row] * (8 // in_row)
        heights = tabs.evaluate_all("(tabs) => tabs.map((tab) => tab.offsetHeight)")
        assert len(set(heights)) == 1, "no word is broken"
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_name_that_becomes_too_long_says_so(opened: Opened, world: World) -> None:
    for page, path, label, most in (
        (opened(world.bob), "/rooms/new", "Name", 80),
        (opened(), "/register", "Username", 32),
    ):
        page.goto(path)
        expect(page.locator("length-note:defined")).to_have_count(2)
        name, note = page.get_by_label(label, exact=True), page.get_by_text("longest it can be")
        name.fill("x" * (most - 1))
        expect(note).to_be_hidden()
        name.press("y")
        expect(note).to_have_text(f"That is the longest it can be: {most} characters.")
        name.press("Backspace")
        expect(note).to_be_hidden()


def test_a_password_is_shown_to_who_asks_and_is_hidden_when_it_is_sent(
    opened: Opened, world: World
) -> None:
    visitor = opened()
    visitor.goto("/login")
    visitor.get_by_label("Username").fill(world.bob.username)
    password = visitor.get_by_label("Password", exact=True)
    password.fill("wrong horse battery staple")
    expect(password).to_have_attribute("type", "password")
    visitor.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    visitor.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    visitor.get_by_role("button", name="Show password").press("Space")
    visitor.evaluate(
        "document.querySelector('form').addEventListener('submit', (event) => {"
        " event.preventDefault(); setTimeout(() => document.title = password.type); })"
    )
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor).to_have_title("password")

    plain = opened(world.bob, java_script_enabled=False)
    plain.goto("/settings/profile")
    expect(plain.get_by_label("New password")).to_be_visible()
    expect(plain.get_by_role("button", name="Show password")).to_have_count(0)


def two_colours(width: int, height: int) -> bytes:
    """Return a picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return written(picture, "PNG")


def colours(person: Person) -> tuple[str, str]:
    """Return the colours at the left and the right of a person's picture, as they are stored."""
    answer = person.get(f"/users/{person.id}/avatar", params={"size": 256})
    picture = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert picture.size == (256, 256)
    pixels = [picture.getpixel((x, 128)) for x in (8, 247)]
    left, right = ("red" if red > blue else "blue" for red, _, blue in pixels)  # type: ignore[misc]
    return left, right


def test_which_part_of_a_picture_is_shown_is_chosen_by_keys_and_by_pointer(
    opened: Opened, world: World, picture: Picture
) -> None:
    bob = opened(world.bob)
    tab = live(bob.context.new_page(), world.room())
    bob.goto("/settings/profile")
    file = photo("two.png", two_colours(1200, 600))
    with bob.expect_file_chooser() as chooser:
        bob.locator(".avatar-change").click()
    chooser.value.set_files(file)  # type: ignore[arg-type]
    stage = bob.get_by_role("application", name="Part of the picture")
    expect(bob.get_by_role("dialog", name="Choose what is shown")).to_be_visible()
    picture(bob, "settings-crop")
    bob.keyboard.press("Escape")
    expect(stage).to_be_hidden()
    expect(bob.get_by_label("Profile picture")).to_be_focused()
    assert world.bob.get("/me").json()["avatar_url"] is None, "nothing was uploaded"

    bob.get_by_label("Profile picture").set_input_files(file)  # type: ignore[arg-type]
    bob.get_by_role("button", name="Save picture").click()
    expect(bob.get_by_text("Your picture is changed.")).to_be_visible()
    assert colours(world.bob) == ("red", "blue"), "the middle"
    for page in (bob, tab):
        expect(page.locator(".account-menu-summary .avatar-picture")).to_be_visible()

    bob.get_by_label("Profile picture").set_input_files(file)  # type: ignore[arg-type]
    stage.focus()
    for _ in range(5):
        bob.keyboard.press("Shift+ArrowRight")
    bob.keyboard.press("+")
    expect(bob.get_by_label("Zoom")).not_to_have_value("1")
    bob.get_by_role("button", name="Save picture").click()
    expect(stage).to_be_hidden()
    wait_until(lambda: colours(world.bob) == ("blue", "blue"), "the right half is shown")

    bob.get_by_label("Profile picture").set_input_files(file)  # type: ignore[arg-type]
    box = stage.bounding_box()
    assert box
    bob.mouse.move(box["x"] + 20, box["y"] + 90)
    bob.mouse.down()
    bob.mouse.move(box["x"] + box["width"] - 10, box["y"] + 90, steps=4)
    bob.mouse.up()
    bob.get_by_role("button", name="Save picture").click()
    expect(stage).to_be_hidden()
    wait_until(lambda: colours(world.bob) == ("red", "red"), "the left half is shown")


def test_a_link_is_copied_also_where_plain_http_gives_pages_no_clipboard(
    opened: Opened, world: World
) -> None:
    world.room()
    page = opened(world.bob)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/settings/invites")
    page.get_by_role("button", name="Create link").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status").get_by_text("Copied", exact=True)).to_be_visible()
    link = page.get_by_label("Link", exact=True).input_value()
    page.get_by_role("link", name="Create another link").click()
    note = page.get_by_label("Note to yourself (optional)")
    note.focus()
    page.keyboard.press("Control+v")
    expect(note).to_have_value(link)


def test_commands_that_are_shown_once_are_copied_by_a_button(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.carol)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def copied_beside(number: int) -> str:
        field = page.locator("copy-field").filter(has=page.locator("pre")).nth(number)
        field.get_by_role("button", name="Copy", exact=True).click()
        expect(field.get_by_role("status").get_by_text("Copied", exact=True)).to_be_visible()
        return str(page.evaluate("navigator.clipboard.readText()"))

    page.goto(f"/rooms/{room_id}/integrations")
    page.get_by_label("Name of the tool").fill("Deploys")
    page.get_by_role("button", name="Create address").click()
    address = page.get_by_label("Address", exact=True).input_value()
    assert copied_beside(0) == f'curl -d \'{{"text": "deploy done"}}\' {address}'
    page.goto("/settings/programs")
    page.locator("summary").filter(has_text="New token").click()
    page.get_by_label("What it is for").fill("Deploys")
    page.get_by_role("button", name="Create token").click()
    token = page.get_by_label("Token", exact=True).input_value()
    asks = f'curl -H "Authorization: Bearer {token}" http://localhost:{world.server.port}/api/v1'
    assert copied_beside(0) == f"{asks}/me"
    assert " ".join(copied_beside(1).split()) == (
        f"{asks}/rooms/ROOM/messages \\ --json "
        """'{"client_id": "'$(date +%s)'", "body": "hello"}'"""
    )

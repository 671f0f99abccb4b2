"""The whole chat by the keyboard alone: no mouse, no finger, and the focus never gets lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.keyboard import MOST_STOPS, Keyboard
from tests.helpers.pages import is_live, message
from tests.helpers.uploads import uploaded
from tests.helpers.world import PASSWORD, Person, World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
WIDE = {"viewport": {"width": 1440, "height": 900}}
MOST_KEYS = 3  # from anywhere to the text


def test_somebody_without_a_mouse_does_everything(
    opened: Opened, world: World, picture: Picture
) -> None:
    names = [f"{name} of {world.bob.username}" for name in ("Harbour", "Market")]
    public = [world.alice.make_room(name) for name in names]
    page = opened(**WIDE)
    keys = Keyboard(page)
    signs_in(keys, world.bob)
    room_id = creates_a_room(keys)
    joins_rooms(keys, *names)
    assert all(world.alice.get(f"/rooms/{each}").json()["member_count"] == 2 for each in public)
    keys.goes_to_room("Workshop")
    writes_and_answers(keys)
    reacts_pins_edits_and_deletes(keys)
    picture(page, "walk-messages")
    changes_the_room(keys, world.alice)
    picture(page, "walk-panel")
    looks_at_a_picture(keys, world.alice, room_id)
    finds_a_message(keys)
    makes_it_a_favourite(keys)
    meets_somebody(keys)
    changes_the_settings(keys)
    picture(page, "walk-settings")
    signs_out(keys)


def signs_in(keys: Keyboard, person: Person) -> None:
    keys.page.goto("/login")
    keys.is_at("textbox", "Username").type(person.username)
    keys.goes_to("textbox", "Password").type(PASSWORD)
    keys.page.keyboard.press("Enter")
    expect(keys.page.get_by_role("heading", name="Hello, Bob")).to_be_visible()


def creates_a_room(keys: Keyboard) -> str:
    keys.goes_to("link", "Skip to the content").press("Enter").goes_to("link", "Create a room")
    keys.press("Enter").is_at("textbox", "Name").type("Workshop")
    keys.press("Enter").is_at("textbox", "Message to Workshop")
    is_live(keys.page)
    return keys.page.url.rpartition("/")[2]


def joins_rooms(keys: Keyboard, listed: str, named: str) -> None:
    """Join one room from the list of all, and one by its name."""
    keys.press("Control+k").type(">browse").press("Enter")
    expect(keys.page.get_by_role("heading", name="Public rooms")).to_be_visible()
    keys.is_at("searchbox", "Name").type(listed).press("Enter")
    expect(keys.page.locator(".row")).to_have_count(1)
    keys.goes_to("button", f"Join {listed}")
    keys.press("Enter").is_at("textbox", f"Message to {listed}")
    keys.press("Control+k").type(f"#{named}")
    expect(keys.page.get_by_role("option", name=named)).to_be_visible()
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", name=named)).to_be_visible()
    keys.goes_to("button", f"Join {named}")
    keys.press("Enter").is_at("textbox", f"Message to {named}")


def writes_and_answers(keys: Keyboard) -> None:
    keys.says("Who has the saw?")
    keys.opens_menu().goes_to("menuitem", "Reply", "ArrowDown")
    keys.press("Enter").is_at("textbox", "Message to")
    keys.says("I do")
    expect(message(keys.page, "I do").locator(".message-reply")).to_contain_text("Who has the saw?")
    keys.opens_menu().goes_to("menuitem", "Reply", "ArrowDown")
    keys.press("Enter").is_at("textbox", "Message to")
    keys.press("Escape").is_at("textbox", "Message to")
    expect(keys.page.locator(".composer-context")).to_be_hidden()


def reacts_pins_edits_and_deletes(keys: Keyboard) -> None:
    page = keys.page
    newest = message(page, "I do")
    keys.opens_menu().press("Escape")
    expect(newest).to_be_focused()
    keys.press("Enter").goes_to("menuitem", "Reply", "ArrowDown").goes_to(
        "menuitem", "React", "ArrowUp"
    )
    keys.press("Enter").is_at("searchbox", "Search emoji by name").press("Escape")
    expect(newest).to_be_focused()
    keys.press("Enter", "Enter").is_at("searchbox", "Search emoji by name").type("hammer")
    expect(page.get_by_role("button", name="hammer", exact=True)).to_be_visible()
    keys.goes_to("button", "hammer").press("Enter")
    expect(newest.locator(".reaction")).to_have_count(1)
    expect(newest).to_be_focused()
    keys.press("Enter").goes_to("menuitem", "Pin", "ArrowDown").press("Enter")
    expect(newest.get_by_text("Pinned")).to_be_visible()
    expect(newest).to_be_focused()
    keys.press("Escape").is_at("textbox", "Message to")
    keys.press("ArrowUp").is_at("textbox", "Edit message").type(", in the shed").press("Enter")
    keys.is_at("textbox", "Message to")
    expect(message(page, "I do, in the shed")).to_be_visible()
    keys.says("A slip")
    keys.opens_menu().goes_to("menuitem", "Delete", "ArrowUp")
    keys.press("Enter").is_at("button", "Cancel").goes_to("button", "Delete").press("Enter")
    expect(page.locator(".message-gone")).to_have_count(1)
    reaches_the_text(keys)


def changes_the_room(keys: Keyboard, alice: Person) -> None:
    """Set its topic, add somebody and make her moderator, in the panel beside the messages."""
    page, panel = keys.page, keys.page.get_by_role("complementary")
    keys.goes_to("link", "Details", "Shift+Tab").press("Enter").is_at("heading", "Workshop")
    keys.press("Escape").is_at("link", "Details")
    keys.press("Enter").is_at("heading", "Workshop")
    keys.goes_to("link", "Set a topic").press("Enter").is_at("heading", "Workshop")
    keys.goes_to("textbox", "Topic").type("Wood and glue").press("Enter")
    expect(page.locator(".room-header-topic")).to_have_text("Wood and glue")
    keys.goes_to("link", "People", "Shift+Tab").press("Enter")
    expect(panel.get_by_role("searchbox")).to_be_visible()
    keys.goes_to("searchbox", "Name").type(alice.username).press("Enter")
    expect(panel.get_by_role("button", name="Add Alice")).to_be_visible()
    keys.goes_to("button", "Add Alice").press("Enter")
    expect(panel.get_by_role("button", name="More about Alice")).to_be_visible()
    keys.goes_to("button", "More about Alice").press("Enter")
    keys.is_at("button", "Make moderator").press("Enter")
    expect(panel.get_by_text("· moderator")).to_be_visible()
    reaches_the_text(keys)


def looks_at_a_picture(keys: Keyboard, alice: Person, room_id: str) -> None:
    image = uploaded(alice, room_id)
    said = {"client_id": "saw", "body": "This one?", "image_ids": [image["id"]]}
    assert alice.post(f"/rooms/{room_id}/messages", said).status_code == 201
    shown = message(keys.page, "This one?")
    expect(shown.locator(".message-image")).to_be_visible()
    keys.press("Shift+Tab")
    expect(shown).to_be_focused()
    while not shown.locator(".message-image").evaluate("e => e === document.activeElement"):
        keys.press("ArrowRight")
    keys.press("Enter").is_at("button", "Close")
    keys.press("Escape")
    expect(shown.locator(".message-image")).to_be_focused()
    keys.press("Escape", "Escape").is_at("textbox", "Message to")


def finds_a_message(keys: Keyboard) -> None:
    page = keys.page
    keys.press("Shift+Tab", "/").is_at("searchbox", "Search in your rooms").type("saw")
    keys.press("Enter").is_at("searchbox", "Search messages")
    found = page.get_by_role("list", name="Messages found, newest first")
    expect(found).to_contain_text("Who has the saw?")
    keys.press("ArrowDown")
    expect(found.get_by_role("link").first).to_be_focused()
    keys.press("Enter")
    expect(message(page, "Who has the saw?")).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Message to")).to_be_focused()


def makes_it_a_favourite(keys: Keyboard) -> None:
    keys.goes_to("button", "Favourite", "Shift+Tab").press("Space")
    expect(keys.page.locator("[data-section=favourites]")).to_contain_text("Workshop")
    reaches_the_text(keys)


def meets_somebody(keys: Keyboard) -> None:
    """See who wrote, from the name beside a message, and write to her alone."""
    page = keys.page
    keys.press("Shift+Tab").goes_to("link", "Alice", "ArrowRight")
    card = page.get_by_role("dialog", name="Profile")
    keys.press("Enter")
    expect(card).to_contain_text("Moderator of Workshop")
    keys.press("Escape")
    expect(card).to_be_hidden()
    keys.is_at("link", "Alice").press("Enter")
    expect(card).to_contain_text("Moderator of Workshop")
    keys.is_at("button", "Message").press("Enter").is_at("textbox", "Message to Alice")
    keys.says("The saw is in the shed")


def changes_the_settings(keys: Keyboard) -> None:
    """Choose the dark theme and another name, and be two keys away from the last room."""
    page = keys.page
    keys.press("Control+k").type(">settings").press("Enter")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    keys.goes_to("link", "Appearance").press("Enter")
    expect(page.get_by_role("group", name="Theme")).to_be_visible()
    keys.goes_to("radio", "System").goes_to("radio", "Dark", "ArrowRight")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    keys.goes_to("link", "Profile", "Shift+Tab").press("Enter")
    expect(page.get_by_label("Display name")).to_be_visible()
    keys.goes_to("textbox", "Display name").press("Control+a").type("Robert").press("Enter")
    expect(page.locator(".account-menu-name")).to_have_text("Robert")
    keys.press("Control+k", "Enter").is_at("textbox", "Message to")


def signs_out(keys: Keyboard) -> None:
    page = keys.page
    keys.press("F6")
    summary = page.locator(".account-menu-summary")
    for _ in range(MOST_STOPS):
        if summary.evaluate("e => e === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    keys.press("Escape")
    expect(summary).to_be_focused()
    keys.press("Enter").goes_to("button", "Sign out").press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def reaches_the_text(keys: Keyboard) -> None:
    """Press F6 until the text has the focus: no part of a page is far from it."""
    for _ in range(MOST_KEYS + 1):
        if keys.here.is_called("textbox", "Message to"):
            return
        keys.press("F6")
    raise AssertionError("the text is far away")

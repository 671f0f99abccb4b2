"""What people do around a message, in a real browser: each deed is seen live by the others."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Opened
from tests.journeys.test_two_people_talk import is_live, say
from tests.world import World

Picture = Callable[[Page, str], None]


def message(page: Page, text: str) -> Locator:
    """The message that says so; what it answers does not count."""
    return page.locator(".message", has=page.locator(".message-body", has_text=re.compile(f"^{re.escape(text)}$")))


def choose(page: Page, text: str, deed: str) -> None:
    """From the menu of a message."""
    message(page, text).hover()
    message(page, text).get_by_role("link", name="More about this message").click()
    page.get_by_role("menuitem", name=deed, exact=True).click()


def offered(page: Page, text: str) -> list[str]:
    """What the menu of a message holds."""
    message(page, text).hover()
    message(page, text).get_by_role("link", name="More about this message").click()
    expect(page.get_by_role("menu")).to_be_visible()
    deeds = page.get_by_role("menuitem").all_inner_texts()
    page.keyboard.press("Escape")
    return deeds


def live(page: Page, room_id: str) -> Page:
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    return page


def test_a_reaction_is_put_on_joined_and_taken_off_before_everybodys_eyes(opened: Opened, world: World, picture: Picture) -> None:
    room_id = world.room()
    world.alice.say(room_id, "The ferry leaves at seven")
    alice, bob = live(opened(world.alice), room_id), live(opened(world.bob, color_scheme="dark"), room_id)
    message(bob, "The ferry leaves at seven").hover()
    message(bob, "The ferry leaves at seven").get_by_role("button", name="React").click()
    expect(bob.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    picture(bob, "picker-dark")
    bob.get_by_label("Search emoji by name").fill("ship")
    bob.get_by_role("button", name="ship", exact=True).click()
    theirs = message(alice, "The ferry leaves at seven").locator(".reaction")
    expect(theirs).to_have_text(re.compile("🚢 1 Bob"))
    expect(theirs).to_have_attribute("aria-pressed", "false")
    theirs.click()
    own = message(bob, "The ferry leaves at seven").locator(".reaction")
    expect(own).to_have_text(re.compile("🚢 2 Bob and Alice"))
    expect(own).to_have_attribute("aria-pressed", "true")
    expect(theirs).to_have_attribute("title", "Bob and Alice")
    rendered = own.inner_text()
    bob.reload()
    assert own.inner_text() == rendered, "the server shows it as JavaScript does"
    is_live(bob)
    own.click()
    expect(theirs).to_have_text(re.compile("🚢 1 Alice"))
    theirs.click()
    expect(own).to_have_count(0)
    assert world.carol.reads(room_id)["messages"][0]["reactions"] == []


def test_an_answer_shows_what_it_answers_and_follows_its_edit_and_deletion(opened: Opened, world: World, picture: Picture) -> None:
    room_id = world.room()
    world.bob.say(room_id, "Who has the keys?")
    alice, bob = live(opened(world.alice), room_id), live(opened(world.bob), room_id)
    message(alice, "Who has the keys?").hover()
    message(alice, "Who has the keys?").get_by_role("button", name="Reply").click()
    expect(alice.get_by_text("Replying to Bob")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.get_by_text("Replying to Bob")).to_be_hidden()
    choose(alice, "Who has the keys?", "Reply")
    picture(alice, "replying")
    alice.keyboard.type("I do")
    alice.keyboard.press("Enter")
    expect(alice.get_by_text("Replying to Bob")).to_be_hidden()
    quotes = [message(page, "I do").locator(".message-reply") for page in (alice, bob)]
    for quote in quotes:
        expect(quote).to_contain_text("Bob Who has the keys?")

    choose(bob, "Who has the keys?", "Edit")
    expect(bob.get_by_label("Message to")).to_have_value("Who has the keys?")
    bob.get_by_label("Message to").fill("Who has the keys of the boat?")
    bob.get_by_role("button", name="Save").click()
    expect(message(alice, "Who has the keys of the boat?").get_by_text("(edited")).to_be_visible()
    for quote in quotes:
        expect(quote).to_contain_text("Bob Who has the keys of the boat?")
    picture(alice, "answered")
    quotes[0].click()
    expect(alice).to_have_url(re.compile(r"#message-1$"))

    choose(bob, "Who has the keys of the boat?", "Delete")
    bob.get_by_role("button", name="Delete", exact=True).click()
    expect(message(alice, "This message was deleted.")).to_be_visible()
    for quote in quotes:
        expect(quote).to_contain_text("Bob This message was deleted.")
    alice.reload()
    expect(quotes[0]).to_contain_text("Bob This message was deleted.")


def test_the_last_own_message_is_edited_with_the_arrow_key_and_what_was_begun_is_kept(opened: Opened, world: World) -> None:
    room_id = world.room()
    alice, bob = live(opened(world.alice), room_id), live(opened(world.bob), room_id)
    say(bob, "The fery leaves")
    say(alice, "At seven?")
    expect(message(bob, "At seven?")).to_be_visible()
    expect(bob.locator(".message-pending")).to_have_count(0)
    composer = bob.get_by_label("Message to")
    composer.press("ArrowUp")
    expect(composer).to_have_value("The fery leaves")
    composer.press("Escape")
    expect(composer).to_have_value("")
    composer.press("ArrowUp")
    expect(composer).to_have_value("The fery leaves")
    composer.fill("The ferry leaves")
    composer.press("Enter")
    expect(message(alice, "The ferry leaves")).to_be_visible()
    expect(composer).to_have_value("")
    composer.fill("begun")
    choose(bob, "The ferry leaves", "Edit")
    composer.press("Escape")
    expect(composer).to_have_value("begun")
    choose(bob, "The ferry leaves", "Earlier versions")
    expect(bob.get_by_role("dialog").get_by_text("The fery leaves")).to_be_visible()


def test_a_moderator_deletes_and_pins_what_others_said_and_a_member_is_not_offered_it(opened: Opened, world: World, picture: Picture) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Boats are cheap today")
    alice, bob, carol = (live(opened(person), room_id) for person in (world.alice, world.bob, world.carol))
    say(bob, "Mine too")
    expect(message(carol, "Mine too")).to_be_visible()
    expect(message(alice, "Mine too")).to_be_visible()
    expect(bob.locator(".message-sent")).to_have_count(1)
    assert offered(bob, "Boats are cheap today") == ["React", "Reply", "Copy link", "Mark unread from here"]
    assert offered(bob, "Mine too") == ["React", "Reply", "Edit", "Copy link", "Mark unread from here", "Delete"]
    assert offered(carol, "Mine too") == ["React", "Reply", "Pin", "Copy link", "Mark unread from here", "Delete"]

    choose(carol, "Mine too", "Pin")
    expect(message(bob, "Mine too").get_by_text("Pinned")).to_be_visible()
    bob.get_by_role("link", name="Pinned").click()
    expect(bob.get_by_role("heading", name="Pinned in Harbour")).to_be_visible()
    expect(message(bob, "Mine too")).to_be_visible()
    picture(bob, "pins")
    bob.get_by_role("link", name="Back to Harbour").click()
    is_live(bob)
    choose(carol, "Mine too", "Delete")
    carol.get_by_role("button", name="Keep it").click()
    choose(carol, "Mine too", "Delete")
    carol.get_by_role("button", name="Delete", exact=True).click()
    expect(message(bob, "This message was deleted.")).to_be_visible()
    expect(message(alice, "This message was deleted.").get_by_text("Pinned")).to_be_hidden()
    assert offered(carol, "This message was deleted.") == ["Copy link", "Mark unread from here"]
    assert world.bob.reads(room_id)["messages"][1]["body"] == ""

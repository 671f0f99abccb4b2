"""In a real browser: every action on a message appears live to the others."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import choose, is_live, is_unread, live, message, say
from tests.helpers.servers import wait_until
from tests.helpers.touch import hold
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


def offered(page: Page, text: str) -> list[str]:
    """Return the items of a message's menu."""
    message(page, text).hover()
    message(page, text).get_by_role("link", name="More about this message").click()
    expect(page.get_by_role("menu")).to_be_visible()
    actions = page.get_by_role("menuitem").all_inner_texts()
    page.keyboard.press("Escape")
    return actions


# Emoji that end outside of the box, or are drawn wider than their place.
CUT_EMOJI = """() => {
  const box = document.querySelector(".picker-found").getBoundingClientRect();
  const isCut = (button) => button.getBoundingClientRect().right > box.right + 1
    || button.scrollWidth > button.clientWidth + 1;
  return [...document.querySelectorAll(".picker-found .picker-emoji")]
    .filter(isCut).map((button) => button.title);
}"""


def test_a_reaction_is_put_on_joined_and_taken_off_before_everybodys_eyes(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "The ferry leaves at seven")
    alice, bob = (
        live(opened(world.alice), room_id),
        live(opened(world.bob, color_scheme="dark"), room_id),
    )
    message(bob, "The ferry leaves at seven").hover()
    message(bob, "The ferry leaves at seven").get_by_role("button", name="React").click()
    expect(bob.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    picture(bob, "picker-dark")
    assert bob.evaluate(CUT_EMOJI) == [], "the columns fit into their box"
    bob.keyboard.press("ArrowDown")
    expect(bob.get_by_role("button", name="grinning face", exact=True)).to_be_focused()
    expect(bob.get_by_role("button", name="check mark button")).to_be_attached()  # all are there
    bob.get_by_role("button", name="Travel and places").click()
    expect(bob.get_by_role("button", name="globe showing Europe-Africa")).to_be_focused()
    expect(bob.get_by_text("Travel and places", exact=True)).to_be_in_viewport()
    tones = bob.get_by_role("group", name="Skin tone")
    expect(tones).to_be_visible()
    bob.get_by_label("Search emoji by name").fill("passenger ship")
    expect(tones).to_be_hidden()
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


def test_a_tone_of_skin_is_chosen_once_by_keyboard_and_holds_where_emoji_have_tones(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "All hands on deck")
    bob = live(opened(world.bob), room_id)

    def open_picker() -> None:
        message(bob, "All hands on deck").hover()
        message(bob, "All hands on deck").get_by_role("button", name="React").click()
        expect(bob.get_by_label("Search emoji by name")).to_be_focused()

    open_picker()
    expect(bob.get_by_label("No skin tone")).to_be_checked()
    bob.keyboard.type("raised hand")  # letters go to the search, wherever one is
    expect(bob.get_by_label("Search emoji by name")).to_have_value("raised hand")
    bob.keyboard.press("Tab")
    expect(bob.get_by_label("No skin tone")).to_be_focused()
    for _ in range(3):
        bob.keyboard.press("ArrowRight")
    expect(bob.get_by_label("Medium skin tone", exact=True)).to_be_checked()
    expect(
        bob.get_by_role("button", name="raised hand, medium skin tone", exact=True)
    ).to_have_text("✋🏽")
    expect(bob.get_by_role("button", name="React with 👍🏽")).to_be_visible()
    expect(bob.get_by_role("button", name="React with 🎉")).to_be_visible()
    picture(bob, "picker-tones")
    bob.get_by_role("button", name="raised hand, medium skin tone", exact=True).click()
    expect(message(bob, "All hands on deck").locator(".reaction-emoji")).to_have_text("✋🏽")

    bob.reload()
    is_live(bob)
    open_picker()
    expect(bob.get_by_label("Medium skin tone", exact=True)).to_be_checked()
    bob.get_by_label("Search emoji by name").fill("ship")
    expect(bob.get_by_role("button", name="ship", exact=True)).to_have_text("🚢")
    bob.get_by_role("button", name="React with 👍🏽").click()
    expect(message(bob, "All hands on deck").locator(".reaction")).to_have_count(2)
    emoji = [
        reaction["emoji"] for reaction in world.alice.reads(room_id)["messages"][0]["reactions"]
    ]
    assert emoji == ["✋🏽", "👍🏽"]


def test_an_answer_shows_what_it_answers_and_follows_its_edit_and_deletion(
    opened: Opened, world: World, picture: Picture
) -> None:
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
    expect(bob.get_by_label("Edit message")).to_have_value("Who has the keys?")
    bob.get_by_label("Edit message").fill("Who has the keys of the boat?")
    picture(bob, "editing")
    bob.get_by_role("button", name="Save").click()
    expect(message(alice, "Who has the keys of the boat?").get_by_text("(edited")).to_be_visible()
    for quote in quotes:
        expect(quote).to_contain_text("Bob Who has the keys of the boat?")
    picture(alice, "answered")
    quotes[0].click()
    expect(alice).to_have_url(re.compile(r"#message-1$"))

    choose(bob, "Who has the keys of the boat?", "Delete")
    question = bob.get_by_role("dialog", name="Delete this message?")
    expect(question.locator("blockquote")).to_have_text("Bob Who has the keys of the boat?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    picture(bob, "delete-message")
    bob.get_by_role("button", name="Delete", exact=True).click()
    expect(message(alice, "This message was deleted.")).to_be_visible()
    for quote in quotes:
        expect(quote).to_contain_text("Bob This message was deleted.")
    alice.reload()
    expect(quotes[0]).to_contain_text("Bob This message was deleted.")


def test_the_last_own_message_is_edited_with_the_arrow_key_and_what_was_begun_is_kept(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    alice, bob = live(opened(world.alice), room_id), live(opened(world.bob), room_id)
    say(bob, "The fery leaves")
    say(alice, "At seven?")
    expect(message(bob, "At seven?")).to_be_visible()
    expect(bob.locator(".message-pending")).to_have_count(0)
    composer, editor = bob.get_by_label("Message to"), bob.get_by_label("Edit message")
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves")
    editor.press_sequentially(" soon")
    said = next(
        each for each in world.bob.reads(room_id)["messages"] if each["body"] == "The fery leaves"
    )
    assert world.bob.patch(f"/messages/{said['id']}", {"body": "The fery leaves now"}).ok
    bob.reload()
    is_live(bob)
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves soon")
    expect(bob.get_by_text("The message has changed since you wrote this.")).to_be_visible()
    editor.press("Escape")
    expect(editor).to_have_count(0)
    expect(composer).to_be_focused()
    composer.press("ArrowUp")
    expect(editor).to_have_value("The fery leaves now")
    editor.fill("The ferry leaves")
    editor.press("Enter")
    expect(message(alice, "The ferry leaves")).to_be_visible()
    expect(composer).to_be_focused()
    composer.fill("begun")
    choose(bob, "The ferry leaves", "Edit")
    editor.fill(" ")
    editor.press("Enter")
    expect(bob.get_by_text("Write something, or delete the message.")).to_be_visible()
    expect(composer).to_have_value("begun")
    editor.press("Escape")
    expect(editor).to_have_count(0)
    expect(message(bob, "The ferry leaves")).to_be_focused()
    expect(composer).to_have_value("begun")
    choose(bob, "The ferry leaves", "Edit history")
    expect(bob.get_by_role("dialog").get_by_text("The fery leaves", exact=True)).to_be_visible()


def test_a_moderator_deletes_and_pins_what_others_said_and_a_member_is_not_offered_it(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Boats are cheap today")
    alice, bob, carol = (
        live(opened(person), room_id) for person in (world.alice, world.bob, world.carol)
    )
    say(bob, "Mine too")
    expect(message(carol, "Mine too")).to_be_visible()
    expect(message(alice, "Mine too")).to_be_visible()
    expect(bob.locator(".message-sent")).to_have_count(1)
    assert offered(bob, "Boats are cheap today") == [
        "React",
        "Reply",
        "Copy link",
        "Mark unread from here",
        "Was I notified?",
        "Report…",
    ]
    assert offered(bob, "Mine too") == [
        "React",
        "Reply",
        "Edit",
        "Copy link",
        "Delete",
    ]
    assert offered(carol, "Mine too") == [
        "React",
        "Reply",
        "Pin",
        "Copy link",
        "Mark unread from here",
        "Was I notified?",
        "Report…",
        "Delete",
    ]

    choose(carol, "Mine too", "Pin")
    expect(message(bob, "Mine too").get_by_text("Pinned")).to_be_visible()
    bob.get_by_role("link", name="Pinned messages").click()
    pins = bob.get_by_role("complementary")
    expect(pins.locator(".message-body", has_text="Mine too")).to_be_visible()
    picture(bob, "pins")
    pins.get_by_role("link", name="Back to Harbour").click()
    expect(pins).to_be_hidden()
    choose(carol, "Mine too", "Delete")
    carol.get_by_role("button", name="Cancel").click()
    choose(carol, "Mine too", "Delete")
    carol.get_by_role("button", name="Delete", exact=True).click()
    expect(message(bob, "This message was deleted.")).to_be_visible()
    expect(message(alice, "This message was deleted.").get_by_text("Pinned")).to_be_hidden()
    assert offered(carol, "This message was deleted.") == ["Copy link"]
    assert world.bob.reads(room_id)["messages"][1]["body"] == ""


def test_who_becomes_a_moderator_may_do_more_at_once_in_every_tab_and_less_when_it_ends(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Boats are cheap today")
    alice, bob = opened(world.alice), live(opened(world.bob), room_id)
    settings = bob.context.new_page()
    settings.goto(f"/rooms/{room_id}/settings")
    is_live(settings)
    members = settings.context.new_page()
    members.goto(f"/rooms/{room_id}/members")
    is_live(members)
    members.get_by_label("Name", exact=True).fill("bo")
    expect(members.locator(".main .row", has_text="Carol")).to_have_count(0)
    bob.evaluate("window.sameTab = true")
    settings.evaluate("window.sameTab = true")
    assert offered(bob, "Boats are cheap today") == [
        "React",
        "Reply",
        "Copy link",
        "Mark unread from here",
        "Was I notified?",
        "Report…",
    ]

    def choose_role(role: str) -> None:
        alice.goto(f"/rooms/{room_id}/members")
        row = alice.locator(".row", has_text=f"@{world.bob.username}")
        row.get_by_role("button", name="More about Bob").click()
        row.get_by_role("button", name=f"Make {role}").click()
        expect(row).to_contain_text(f"@{world.bob.username} · {role}")

    choose_role("moderator")
    expect(settings.get_by_role("heading", name="Name and topic")).to_be_visible()
    expect(settings.get_by_role("button", name="Archive this room")).to_have_count(0)
    expect(members.locator(".row-note", has_text="moderator")).to_have_count(1)
    expect(members.locator(".main .row", has_text="Carol")).to_have_count(0)
    expect(members.get_by_role("searchbox", name="Name", exact=True)).to_be_focused()
    expect(members.get_by_role("searchbox", name="Name", exact=True)).to_have_value("bo")
    picture(settings, "settings-of-a-moderator")
    assert offered(bob, "Boats are cheap today") == [
        "React",
        "Reply",
        "Pin",
        "Copy link",
        "Mark unread from here",
        "Was I notified?",
        "Report…",
        "Delete",
    ]
    message(bob, "Boats are cheap today").get_by_role(
        "link", name="More about this message"
    ).click()
    bob.keyboard.press("End")
    expect(bob.get_by_role("menuitem", name="Delete")).to_be_focused()
    choose_role("member")
    expect(bob.get_by_role("menuitem", name="Delete")).to_be_hidden()
    expect(bob.get_by_role("menuitem", name="React")).to_be_focused()
    expect(settings.get_by_role("heading", name="Name and topic")).to_have_count(0)
    choose_role("owner")
    expect(settings.get_by_role("button", name="Archive this room")).to_be_visible()
    expect(bob.get_by_role("menuitem", name="Pin", exact=True)).to_be_visible()
    bob.get_by_role("menuitem", name="Pin", exact=True).click()
    expect(message(bob, "Boats are cheap today").get_by_text("Pinned")).to_be_visible()
    assert bob.evaluate("window.sameTab") and settings.evaluate("window.sameTab"), (
        "nothing was loaded anew"
    )


def test_a_permalink_opens_old_history_that_grows_both_ways_and_writing_leads_to_the_present(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(1, 181):
        world.alice.say(room_id, f"number {number}")
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}?around=90#message-90")
    is_live(page)
    expect(message(page, "number 90")).to_be_in_viewport()
    assert page.evaluate("document.querySelector(':target').textContent.includes('number 90')"), (
        "it is highlighted"
    )
    expect(message(page, "number 180")).to_have_count(0)
    expect(message(page, "number 5")).to_have_count(0)

    asked_for = next(
        each for each in world.alice.reads(room_id, around=90)["messages"] if each["seq"] == 90
    )
    assert (
        world.alice.patch(f"/messages/{asked_for['id']}", {"body": "number ninety"}).status_code
        == 200
    )
    expect(message(page, "number ninety")).to_be_in_viewport()
    world.alice.say(room_id, "said meanwhile")
    for oldest in ("number 30", "number 5"):
        page.locator(".timeline-scroll").evaluate("(scroll) => { scroll.scrollTop = 0 }")
        expect(message(page, oldest)).to_have_count(1)
    for newest in ("number 160", "number 180"):
        page.locator(".timeline-scroll").evaluate(
            "(scroll) => { scroll.scrollTop = scroll.scrollHeight }"
        )
        expect(message(page, newest)).to_have_count(1)
    page.locator(".timeline-scroll").evaluate(
        "(scroll) => { scroll.scrollTop = scroll.scrollHeight }"
    )
    expect(message(page, "said meanwhile")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Jump to latest")).to_be_hidden()
    shown = page.locator(".message-body").all_inner_texts()
    present = [f"number {'ninety' if number == 90 else number}" for number in range(1, 181)] + [
        "said meanwhile"
    ]
    assert shown == present[-len(shown) :], "each once, in order, without a hole"

    page.goto(f"/rooms/{room_id}?around=20#message-20")
    is_live(page)
    choose(page, "number 21", "Reply")
    page.keyboard.type("from the past")
    page.keyboard.press("Enter")
    answer = message(page, "from the past")
    expect(answer).to_be_in_viewport()
    expect(answer.locator(".message-reply")).to_contain_text("number 21")
    expect(message(page, "said meanwhile")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/rooms/{room_id}$"))
    expect(page.locator(".message-pending")).to_have_count(0)
    world.alice.say(room_id, "and it is live")
    expect(message(page, "and it is live")).to_be_in_viewport()

    page.goto(f"/rooms/{room_id}#message-20.")  # the end of a sentence was copied, too
    page.reload()
    is_live(page)
    world.alice.say(room_id, "as it is always")
    expect(message(page, "as it is always")).to_be_in_viewport()


def test_what_is_marked_unread_while_it_is_about_to_be_read_stays_unread(
    opened: Opened, world: World
) -> None:
    """The page reports a message read a moment after it is seen.

    A scroll or a look at the page begins that moment anew.
    """
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    world.alice.say(room_id, "news")
    expect(message(page, "news")).to_be_visible()
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "it was read")
    page.evaluate(
        """async () => {
        document.dispatchEvent(new Event("visibilitychange"));
        await document.querySelector("message-timeline")"""
        """.actions.markUnread(document.querySelector(".message:last-child"));
    }"""
    )
    assert world.bob.standing(room_id)["unread"] == 1
    page.wait_for_timeout(1_500)
    assert world.bob.standing(room_id)["unread"] == 1


def test_a_line_shows_what_is_new_and_marking_unread_is_seen_in_every_tab_at_once(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "read before")
    page = live(opened(world.bob), room_id)
    page.goto("/rooms")
    world.alice.say(room_id, "first news")
    world.alice.say(room_id, "second news")
    other = page.context.new_page()
    other.goto("/rooms")
    is_live(other)
    is_unread(other, room_id, 2)

    live(page, room_id)
    line = page.locator(".message-new:visible")
    expect(line).to_have_count(1)
    expect(message(page, "first news").get_by_text("New", exact=True)).to_be_visible()
    is_unread(other, room_id, 0)
    picture(page, "new-since")

    choose(page, "second news", "Mark unread from here")
    expect(message(page, "second news").get_by_text("New", exact=True)).to_be_visible()
    expect(line).to_have_count(1)
    is_unread(other, room_id, 1)
    is_unread(page, room_id, 1)
    world.alice.say(room_id, "third news")
    expect(message(page, "third news")).to_be_visible()
    is_unread(other, room_id, 2)
    is_unread(page, room_id, 2)
    assert world.bob.standing(room_id)["unread"] == 2
    say(page, "an answer")
    is_unread(other, room_id, 0)
    is_unread(page, room_id, 0)


def test_who_is_writing_is_shown_until_they_send_or_stop(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    alice, bob, carol = (
        live(opened(person), room_id) for person in (world.alice, world.bob, world.carol)
    )
    bob.get_by_label("Message to").press_sequentially("I th")
    expect(alice.get_by_text("Bob is typing…")).to_be_visible()
    carol.get_by_label("Message to").press_sequentially("Well")
    expect(alice.get_by_text("Bob and Carol are typing…")).to_be_visible()
    picture(alice, "writing")
    expect(bob.get_by_text("Carol is typing…")).to_be_visible()
    bob.get_by_label("Message to").press("Enter")
    expect(alice.get_by_text("Carol is typing…")).to_be_visible()
    carol.get_by_label("Message to").fill("")
    expect(alice.get_by_text("typing…")).to_be_hidden()
    assert alice.locator("typing-notice").get_attribute("role") == "status"


def test_who_is_there_is_shown_beside_direct_messages_and_people(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    talk = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(talk, "hello")
    alice = live(opened(world.alice), room_id)
    dot = alice.locator(".room-item-direct .presence")
    expect(dot).to_have_attribute("data-status", "offline")
    bob = opened(world.bob)
    bob.clock.install()
    live(bob, room_id)
    expect(dot).to_have_attribute("data-status", "online")
    expect(alice.get_by_role("link", name=re.compile(r"\(online\).*Bob"))).to_be_visible()
    bob.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    bob.clock.fast_forward(4 * 60_000)
    expect(dot).to_have_attribute("data-status", "online")
    bob.clock.fast_forward(2 * 60_000)
    expect(dot).to_have_attribute("data-status", "away")
    bob.evaluate(
        """() => {
        Object.defineProperty(document, "visibilityState", """
        """{ value: "visible", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    )
    expect(dot).to_have_attribute("data-status", "online")
    talk = world.carol.post("/direct-rooms", {"user_ids": [world.alice.id]}).json()["id"]
    world.carol.say(talk, "are you there?")
    expect(alice.locator(".room-item-direct .presence[data-status=offline]")).to_have_count(1)
    alice.get_by_role("link", name="3 people").click()
    member = alice.locator(".row", has_text=f"@{world.bob.username}").locator(".presence")
    expect(member).to_have_attribute("data-status", "online")
    picture(alice, "members")


def test_the_keyboard_reaches_every_message_and_every_action(opened: Opened, world: World) -> None:
    room_id = world.room()
    for text in ("first", "second"):
        world.alice.say(room_id, text)
    page = live(opened(world.carol), room_id)
    keys = page.keyboard
    expect(page.get_by_label("Message to")).to_be_focused()
    for _ in range(6):
        keys.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.message')"):
            break
    expect(message(page, "second")).to_be_focused()
    keys.press("ArrowUp")
    expect(message(page, "first")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name="React")).to_be_focused()
    keys.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    keys.press("Home")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Pin")).to_be_focused()
    keys.press("Enter")
    expect(message(page, "first").get_by_text("Pinned")).to_be_visible()
    expect(message(page, "first")).to_be_focused()
    keys.press("Enter")
    keys.press("Enter")
    expect(page.get_by_label("Search emoji by name")).to_be_focused()
    keys.press("Enter")  # nothing is chosen yet
    keys.type("heart")
    keys.press("Enter")
    expect(message(page, "first").locator(".reaction")).to_have_text(re.compile("❤️ 1 Carol"))
    expect(message(page, "first")).to_be_focused()
    keys.press("Enter")
    keys.press("Escape")
    expect(message(page, "first")).to_be_focused()
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_label("Message to")).to_be_focused()
    keys.type("an answer")
    keys.press("Enter")
    expect(message(page, "an answer").locator(".message-reply")).to_contain_text("first")
    expect(page.locator(".message-sent")).to_have_count(1)
    keys.press("ArrowUp")
    expect(page.get_by_label("Edit message")).to_have_value("an answer")


def test_everything_around_a_message_works_without_javascript(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "Shall we sail?")
    bob = opened(world.bob, java_script_enabled=False)
    bob.goto(f"/rooms/{room_id}")
    message(bob, "Shall we sail?").hover()
    expect(bob.get_by_role("button", name="Reply")).to_be_hidden()
    bob.get_by_role("link", name="More about this message").click()
    expect(bob.get_by_role("button", name="Delete this message")).to_have_count(0)
    expect(bob.get_by_role("button", name="Save")).to_have_count(0)
    expect(bob.get_by_role("button", name="Pin")).to_have_count(0)
    bob.get_by_label("React with 🎉").click()
    reaction = message(bob, "Shall we sail?").locator(".reaction")
    expect(reaction).to_have_text(re.compile("🎉 1 Bob"))
    reaction.click()
    expect(reaction).to_have_count(0)

    message(bob, "Shall we sail?").hover()
    bob.get_by_role("link", name="More about this message").click()
    bob.get_by_label("Another emoji").fill(":no such thing:")
    bob.locator(
        "button[type=submit]", has_text="React"
    ).click()  # the tool beside it is hidden once the styles are there
    expect(bob.get_by_text("Use one emoji.")).to_be_visible()
    bob.get_by_role("link", name="Reply").click()
    expect(bob.get_by_text("Replying to Alice")).to_be_visible()
    bob.get_by_label("Message to Harbour").fill("Aye")
    bob.get_by_role("button", name="Send").click()
    expect(message(bob, "Aye").locator(".message-reply")).to_contain_text("Shall we sail?")

    message(bob, "Aye").hover()
    message(bob, "Aye").get_by_role("link", name="More about this message").click()
    bob.get_by_label("Text", exact=True).fill("Aye, captain")
    bob.get_by_role("button", name="Save").click()
    expect(message(bob, "Aye, captain").get_by_text("(edited")).to_be_visible()
    message(bob, "Aye, captain").hover()
    message(bob, "Aye, captain").get_by_role("link", name="More about this message").click()
    expect(bob.locator(".version-body")).to_have_text("Aye")
    picture(bob, "message-page")
    bob.get_by_role("link", name="Delete this message").click()
    bob.get_by_role("button", name="Delete", exact=True).click()
    expect(message(bob, "This message was deleted.")).to_be_visible()

    carol = opened(world.carol, java_script_enabled=False)
    carol.goto(f"/rooms/{room_id}")
    message(carol, "Shall we sail?").hover()
    message(carol, "Shall we sail?").get_by_role("link", name="More about this message").click()
    carol.get_by_role("button", name="Pin").click()
    carol.get_by_role("link", name="Pinned").click()
    expect(message(carol, "Shall we sail?")).to_be_visible()
    carol.get_by_role("link", name="More about this message").click()
    carol.get_by_role("button", name="Mark unread from here").click()
    assert world.carol.standing(room_id)["unread"] == 1


def test_a_finger_finds_everything_on_a_phone(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.alice.say(
        room_id,
        "The ferry leaves at seven, and whoever is late has to wait for the next one at nine",
    )
    for emoji in ("👍", "🎉"):
        world.alice.put(
            f"/messages/{world.bob.reads(room_id)['messages'][0]['id']}/reactions/{emoji}"
        )
    world.bob.say(room_id, "I am late")
    device = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
    phone = opened(world.bob, **device, color_scheme="dark", reduced_motion="reduce")
    live(phone, room_id)
    picture(phone, "phone")
    hold(message(phone, "I am late"))
    expect(phone.get_by_role("menuitem", name="Delete")).to_be_in_viewport()
    picture(phone, "phone-menu")
    phone.get_by_role("menuitem", name="React").tap()
    expect(phone.get_by_label("React with 👀")).to_be_in_viewport()
    picture(phone, "phone-picker")
    phone.get_by_label("React with 👀").tap()
    expect(message(phone, "I am late").locator(".reaction")).to_have_text(re.compile("👀 1 Bob"))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing sticks out"
    )


def test_in_an_archived_room_only_what_is_allowed_there_is_offered(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "the last word")
    assert world.alice.patch(f"/rooms/{room_id}", {"archived": True}).status_code == 200
    bob = live(opened(world.bob), room_id)
    assert offered(bob, "the last word") == ["Copy link", "Delete"]
    expect(message(bob, "the last word").get_by_role("button", name="React")).to_be_hidden()


def test_the_composer_goes_when_an_open_room_is_archived_and_comes_back_with_what_was_begun(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    bob = live(opened(world.bob), room_id)
    composer, notice = (
        bob.get_by_role("textbox", name="Message to"),
        bob.get_by_text("This room is archived"),
    )
    composer.fill("I was about to")
    expect(notice).to_be_hidden()
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    expect(notice).to_be_visible()
    expect(composer).to_be_hidden()
    picture(bob, "archived")
    world.alice.patch(f"/rooms/{room_id}", {"archived": False})
    expect(notice).to_be_hidden()
    expect(composer).to_have_value("I was about to")

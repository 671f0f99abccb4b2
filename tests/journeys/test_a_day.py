"""A day of five people in one room: alice has a mouse, bob a keyboard, carol a telephone, robby no
scripts, and dave is away for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.keyboard import Keyboard
from tests.helpers.pages import are_uploaded, choose, message, photo, row, say
from tests.helpers.servers import wait_until
from tests.helpers.touch import finger_on, hold
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SHOWN = """() => [...document.querySelectorAll(".messages > .message")].map((each) =>
  [each.dataset.id, each.querySelector(".message-body").innerText.trim()])"""
NO_LINE = (
    "ERR_INTERNET_DISCONNECTED",
    "There is no connection",
    "fetch",
    "WebSocket is closed before",
    "socket has been disconnected",
)  # what a browser says of a line that is cut


@dataclass
class Day:
    """The people and their windows, and what these said and asked that nobody should notice."""

    world: World
    dave: Person
    robby: Person
    pages: dict[str, Page] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)
    room_id: str = ""

    def watch(self, name: str, page: Page) -> None:
        self.pages[name] = page
        here = urlsplit(self.world.server.url).netloc
        page.on("console", lambda said: self._note(name, said.text))
        page.on(
            "request",
            lambda asked: (
                urlsplit(asked.url).netloc in (here, "") or self._note(name, f"asked {asked.url}")
            ),
        )

    def _note(self, name: str, text: str) -> None:
        if name != "dave" or not any(each in text for each in NO_LINE):
            self.noticed.append(f"{name}: {text}")

    @property
    def people(self) -> dict[str, Person]:
        return {
            **{person.name: person for person in (self.world.alice, self.world.bob)},
            **{person.name: person for person in (self.world.carol, self.dave, self.robby)},
        }


@pytest.fixture
def day(opened: Opened, world: World) -> Day:
    """Return five people who know each other from the hall, each at a device."""
    day = Day(world, Person(world, "dave"), Person(world, "robby"))
    hall = world.room(name="Hall")
    for person in (day.dave, day.robby):
        person.join(hall)
    devices = {"alice": WIDE, "bob": WIDE, "carol": PHONE, "dave": {}}
    for name, person in day.people.items():
        day.watch(name, opened(person, **devices.get(name, {"java_script_enabled": False})))
        day.pages[name].goto("/rooms")
    return day


def test_five_people_see_the_same_at_the_end_of_a_day(day: Day, picture: Picture) -> None:
    alice_makes_a_room_and_adds_the_others(day)
    all_come_in(day)
    they_talk(day)
    carol_answers_from_her_telephone(day)
    alice_shows_a_picture(day)
    dave_is_away_while_messages_change(day)
    robby_writes_without_scripts(day)
    names_and_topic_change_and_something_is_pinned(day)
    bob_and_carol_whisper(day)
    dave_searches(day)
    for name, page in day.pages.items():
        picture(page, f"day-{name}")
    all_have_read_the_same(day)
    assert day.noticed == []


def alice_makes_a_room_and_adds_the_others(day: Day) -> None:
    page = day.pages["alice"]
    page.get_by_role("navigation").get_by_role("link", name="Create room").click()
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Message to Kitchen")).to_be_focused()
    day.room_id = page.url.rpartition("/")[2]
    page.locator(".room-header-people").click()
    panel = page.get_by_role("complementary")
    for name, person in day.people.items():
        if name == "alice":
            continue
        panel.get_by_role("searchbox").fill(person.username)
        panel.get_by_role("button", name=f"Add {name.capitalize()}").click()
        expect(panel.get_by_role("button", name=f"More about {name.capitalize()}")).to_be_visible()
    panel.get_by_role("link", name="Back to Kitchen").click()


def all_come_in(day: Day) -> None:
    Keyboard(day.pages["bob"]).goes_to_room("Kitchen")
    row(day.pages["carol"], day.room_id).get_by_role("link").tap()
    row(day.pages["dave"], day.room_id).get_by_role("link").click()
    day.pages["robby"].goto(f"/rooms/{day.room_id}")
    for name in ("alice", "bob", "carol", "dave"):
        expect(day.pages[name].get_by_label("Message to Kitchen")).to_be_visible()


def they_talk(day: Day) -> None:
    alice, bob = day.pages["alice"], Keyboard(day.pages["bob"])
    say(alice, "Who makes breakfast?")
    expect(message(bob.page, "Who makes breakfast?")).to_be_visible()
    bob.opens_menu().goes_to("menuitem", "Reply", "ArrowDown")
    bob.press("Enter").is_at("textbox", "Message to")
    bob.says("I can make pancakes")
    bob.says("A slip")
    expect(message(alice, "I can make pancakes")).to_contain_text("Who makes breakfast?")


def carol_answers_from_her_telephone(day: Day) -> None:
    page = day.pages["carol"]
    with finger_on(message(page, "Who makes breakfast?").locator(".message-body")) as finger:
        finger.move(90)
    hold(message(page, "I can make pancakes"))
    page.get_by_role("menu").get_by_role("menuitem", name="👍").tap()
    expect(message(page, "I can make pancakes").locator(".reaction")).to_contain_text("👍")
    page.get_by_label("Message to").fill("Coffee, please")
    page.get_by_role("button", name="Send").tap()
    expect(message(day.pages["bob"], "Coffee, please")).to_contain_text("Who makes breakfast?")


def alice_shows_a_picture(day: Day) -> None:
    page = day.pages["alice"]
    page.locator(".composer-files").set_input_files(photo())
    are_uploaded(page, 1)
    say(page, "The table")
    for name in ("bob", "carol", "dave"):
        image = message(day.pages[name], "The table").locator(".message-image img").last
        expect(image).to_be_visible()


def dave_is_away_while_messages_change(day: Day) -> None:
    alice, dave = day.pages["alice"], day.pages["dave"]
    dave.context.set_offline(True)
    say(dave, "I am in a tunnel")
    choose(alice, "Who makes breakfast?", "Edit")
    alice.get_by_label("Edit message").fill("Who makes lunch?")
    alice.get_by_label("Edit message").press("Enter")
    bob = Keyboard(day.pages["bob"])
    expect(message(bob.page, "Who makes lunch?")).to_be_visible()
    bob.press("Shift+Tab", "ArrowUp", "ArrowUp")
    expect(message(bob.page, "A slip")).to_be_focused()
    bob.press("Enter").goes_to("menuitem", "Delete", "ArrowUp")
    bob.press("Enter").is_at("button", "Cancel").goes_to("button", "Delete").press("Enter")
    expect(message(alice, "This message was deleted.")).to_be_visible()
    dave.context.set_offline(False)
    for text in ("Who makes lunch?", "This message was deleted.", "I am in a tunnel"):
        expect(message(dave, text)).to_be_visible()
    expect(message(alice, "I am in a tunnel")).to_be_visible()


def robby_writes_without_scripts(day: Day) -> None:
    page = day.pages["robby"]
    page.reload()
    expect(message(page, "I am in a tunnel")).to_be_visible()
    page.get_by_label("Message to Kitchen").fill("No scripts here")
    page.get_by_role("button", name="Send").click()
    expect(message(page, "No scripts here")).to_be_visible()
    expect(message(day.pages["carol"], "No scripts here")).to_be_visible()


def names_and_topic_change_and_something_is_pinned(day: Day) -> None:
    alice, bob, carol = (day.pages[name] for name in ("alice", "bob", "carol"))
    carol.goto("/settings/profile")
    carol.get_by_label("Display name").fill("Caro")
    carol.get_by_role("button", name="Save").first.tap()
    expect(carol.get_by_text("Saved")).to_be_visible()
    author = message(bob, "Coffee, please").locator(".message-author")
    expect(author).to_have_text("Caro")
    carol.goto(f"/rooms/{day.room_id}")
    choose(alice, "I can make pancakes", "Pin")
    alice.get_by_role("link", name="Details", exact=True).click()
    panel = alice.get_by_role("complementary")
    panel.get_by_role("link", name="Set a topic").click()
    panel.get_by_label("Topic").fill("Eating together")
    panel.get_by_role("button", name="Save").first.click()
    expect(bob.locator(".room-header-topic")).to_have_text("Eating together")
    for page in (alice, bob, carol):
        expect(message(page, "I can make pancakes").get_by_text("Pinned")).to_be_visible()


def bob_and_carol_whisper(day: Day) -> None:
    bob, carol = Keyboard(day.pages["bob"]), day.pages["carol"]
    bob.press("Control+k").type("@caro")
    expect(bob.page.get_by_role("option", name="Caro").first).to_be_visible()
    bob.press("Enter").is_at("textbox", "Message to Caro")
    bob.says("Is there milk?")
    back = carol.get_by_role("link", name="All rooms")
    expect(back).to_have_accessible_name("All rooms 1 unread")
    back.tap()
    carol.get_by_role("link", name="Bob 1 unread").tap()
    expect(message(carol, "Is there milk?")).to_be_visible()
    carol.get_by_label("Message to").fill("Two bottles")
    carol.get_by_role("button", name="Send").tap()
    expect(message(bob.page, "Two bottles")).to_be_visible()
    bob.goes_to_room("Kitchen")
    back.tap()
    row(carol, day.room_id).get_by_role("link").tap()


def dave_searches(day: Day) -> None:
    page = day.pages["dave"]
    page.get_by_label("Search in your rooms").fill("pancakes")
    page.keyboard.press("Enter")
    found = page.get_by_role("list", name="Messages found, newest first")
    found.get_by_role("link").first.click()
    expect(message(page, "I can make pancakes")).to_be_in_viewport()
    expect(found.get_by_text("milk")).to_have_count(0)


def all_have_read_the_same(day: Day) -> None:
    told = day.world.alice.reads(day.room_id)["messages"]
    ids = [each["id"] for each in told]
    assert len(set(ids)) == len(ids) == 7
    day.pages["robby"].reload()
    for name, page in day.pages.items():
        wait_until(
            lambda page=page: [each[0] for each in page.evaluate(SHOWN)] == ids,
            f"{name} sees every message once and in order",
        )
    shown = {name: page.evaluate(SHOWN) for name, page in day.pages.items()}
    assert all(each == shown["alice"] for each in shown.values()), shown
    for page in day.pages.values():
        page.locator(".messages > .message").last.scroll_into_view_if_needed()
    for name, person in day.people.items():
        wait_until(
            lambda person=person: person.standing(day.room_id)["unread"] == 0, f"{name} has read"
        )
    for name in ("alice", "bob", "dave"):
        expect(row(day.pages[name], day.room_id)).to_have_attribute("data-unread", "0")

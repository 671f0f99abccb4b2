"""The browser sends everything written exactly once, whatever fails: connection, page or server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from config import Settings
from tests.helpers.network_line import Line
from tests.helpers.pages import are_uploaded, bodies, is_live, is_unread, live, photo, say, sign_out
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import World
from tests.journeys.conftest import Opened, sign_in

Picture = Callable[[Page, str], None]
POSTED = '42["message:posted"'  # how its frame begins; what is asked for comes in other frames
OFFLINE = "You are offline; messages will be sent when the connection is back."


@pytest.fixture
def own_server(world: World, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start a chat of this test's own, on the shared database; the test may stop and start it."""
    with new_chat(folder, settings.mongo_uri) as running:
        yield running


def in_a_room(opened: Opened, world: World) -> tuple[str, Page, Line]:
    """Return bob's page of a room, live, and its connection."""
    room_id, page = world.room(), opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    return room_id, page, line


def said_in(world: World, room_id: str) -> list[str]:
    """Return the messages of the room from the server."""
    return [message["body"] for message in world.carol.reads(room_id)["messages"]]


def test_what_was_written_while_the_server_was_away_outlives_the_page_and_is_sent_once(
    opened: Opened, world: World, own_server: Server, picture: Picture
) -> None:
    room_id = world.room()
    page = opened(world.bob, base_url=own_server.url)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    say(page, "before")
    expect(page.locator(".message-sent")).to_have_count(1)
    own_server.stop()
    expect(page.get_by_text(OFFLINE).last).to_be_visible()
    say(page, "written while it was away")
    say(page, "and one more")
    expect(page.get_by_text("Waiting to be sent").last).to_be_visible()
    picture(page, "waiting")
    tab = page.context.new_page()
    page.close()

    own_server.start()
    tab.goto(f"/rooms/{room_id}")
    expect(tab.locator(".message-sent")).to_have_text(re.compile("and one more"))
    expect(tab.locator(".message-pending")).to_have_count(0)
    assert bodies(tab) == ["before", "written while it was away", "and one more"]
    tab.reload()
    is_live(tab)
    assert (
        bodies(tab)
        == said_in(world, room_id)
        == ["before", "written while it was away", "and one more"]
    )
    expect(tab.get_by_text(OFFLINE).last).to_be_hidden()


@pytest.mark.parametrize(
    "has_locks", [True, False], ids=["with locks", "on plain http from another host"]
)
def test_two_tabs_show_the_same_and_send_it_once(
    opened: Opened, world: World, has_locks: bool
) -> None:
    room_id = world.room()
    left = opened(world.bob)
    if not has_locks:
        left.context.add_init_script(
            "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"
        )
    right = left.context.new_page()
    lines = [Line(left), Line(right)]
    for page in (left, right):
        page.goto(f"/rooms/{room_id}")
        is_live(page)
    for line in lines:
        line.cut()
    say(left, "from the left")
    say(right, "from the right")
    for page in (left, right):
        expect(page.locator(".message-pending")).to_have_count(2)
        assert bodies(page) == ["from the left", "from the right"]
    for line in lines:
        line.mend()
    for page in (left, right):
        expect(page.locator(".message-pending")).to_have_count(0, timeout=20_000)
        expect(page.locator(".message")).to_have_count(2)
        assert bodies(page) == ["from the left", "from the right"]
    assert said_in(world, room_id) == ["from the left", "from the right"]
    assert len(lines[0].sent + lines[1].sent) == len(set(lines[0].sent + lines[1].sent)) == 2, (
        "each was sent by one tab"
    )


def test_a_refused_message_says_why_and_can_be_sent_again_or_discarded(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room("private")
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    line.cut()
    say(page, "was I put out?")
    say(page, "never mind")
    assert world.alice.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
    line.mend()
    expect(page.locator(".message-failed")).to_have_count(2, timeout=20_000)
    expect(
        page.get_by_role("status").filter(has_text="A message was not sent: There is no such room")
    ).to_be_attached()
    picture(page, "failed")

    assert (
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id}).status_code == 201
    )
    page.get_by_role("button", name="Retry").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message-sent")).to_have_text(re.compile("was I put out?"))
    expect(page.get_by_label("Message to")).to_be_focused()
    page.get_by_role("button", name="Discard").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message-failed")).to_have_count(0)
    page.reload()
    is_live(page)
    assert bodies(page) == said_in(world, room_id) == ["was I put out?"]


def test_a_message_that_has_to_wait_says_why_and_goes_out_by_itself(
    opened: Opened, world: World
) -> None:
    room_id, page, line = in_a_room(opened, world)
    line.refusal = {"code": "rate_limited", "message": "Too many.", "retry_after": 3}
    say(page, "one of many")
    state = page.locator(".message-pending .message-state")
    expect(state).to_contain_text("Waiting: many messages in a short time.")
    expect(page.locator(".message-sent")).to_have_text(re.compile("one of many"))
    assert said_in(world, room_id) == ["one of many"]


def test_another_person_on_the_same_browser_neither_sees_nor_sends_it(
    opened: Opened, world: World
) -> None:
    room_id, page, line = in_a_room(opened, world)
    line.cut()
    say(page, "bob's own words")
    expect(page.locator(".message-pending")).to_have_count(1)
    page.get_by_label("Message to").fill("bob's draft")

    sign_in(page, world.carol)  # as in another tab; bob's page is still open
    line.mend()
    expect(page.locator("#main")).to_have_attribute("data-me", world.carol.id, timeout=20_000)
    is_live(page)
    say(page, "carol's own words")
    expect(page.locator(".message-sent")).to_have_count(1)
    assert bodies(page) == said_in(world, room_id) == ["carol's own words"]
    expect(page.get_by_label("Message to")).to_have_value("")

    sign_in(page, world.bob)
    page.goto(f"/rooms/{room_id}")
    expect(page.locator(".message-sent")).to_have_text(re.compile("bob's own words"))
    expect(page.get_by_label("Message to")).to_have_value("bob's draft")
    assert [message["author"]["id"] for message in world.carol.reads(room_id)["messages"]] == [
        world.carol.id,
        world.bob.id,
    ]


def test_signing_out_asks_only_if_something_is_unsent_and_leaves_nothing(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id, page, line = in_a_room(opened, world)
    line.cut()
    say(page, "not sent yet")
    expect(page.locator(".message-pending")).to_have_count(1)
    sign_out(page)
    question = page.get_by_role("dialog", name="Sign out?")
    expect(question).to_contain_text("One message is not sent yet.")
    picture(page, "question")
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.locator(".message-pending")).to_have_count(1)
    sign_out(page)
    page.get_by_role("button", name="Discard and sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    line.is_cut = False
    sign_in(page, world.bob.second_device())
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    assert bodies(page) == said_in(world, room_id) == []
    page.get_by_label("Message to").fill("half a thought")
    sign_out(page)
    expect(question).to_contain_text("You have an unsent message in Harbour.")
    page.get_by_role("button", name="Discard and sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("You are no longer signed in.")).to_be_hidden()


def test_signing_out_in_one_tab_is_told_in_the_other_which_keeps_its_draft_for_its_author(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    other = page.context.new_page()
    other.goto("/rooms")
    is_live(other)
    for person, draft in ((world.bob.second_device(), "half a thought"), (world.carol, "")):
        page.get_by_label("Message to").fill("half a thought")
        sign_out(other)
        other.get_by_role("button", name="Discard and sign out").click()
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(other.get_by_text("You are no longer signed in.")).to_be_hidden()
        expect(page.get_by_text("You are no longer signed in.")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("What you were writing is still here")).to_be_visible()
        sign_in(page, person)
        live(page, room_id)
        expect(page.get_by_label("Message to")).to_have_value(draft)
        other.goto("/rooms")
        is_live(other)
    sign_in(page, world.bob.second_device())
    live(page, room_id)
    expect(page.get_by_label("Message to")).to_have_value("")


def test_lost_events_are_noticed_and_caught_up_in_order(opened: Opened, world: World) -> None:
    room_id, page, line = in_a_room(opened, world)
    line.loses = lambda frame: frame.startswith(POSTED) and '"body":"lost' in frame
    for text in ("one", "lost two", "lost three", "four"):
        world.alice.say(room_id, text)
    expect(page.get_by_text("lost three")).to_be_visible()
    expect(page.locator(".message")).to_have_count(4)
    assert bodies(page) == ["one", "lost two", "lost three", "four"]


def test_the_last_event_is_noticed_by_the_heads_here_and_in_other_rooms(
    opened: Opened, world: World
) -> None:
    room_id, other_id = world.room(), world.room()
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    line.loses = lambda frame: frame.startswith(POSTED)
    world.alice.say(room_id, "the last one")
    world.alice.say(other_id, "elsewhere")
    assert bodies(page) == []
    heads = {room_id: 1, other_id: 1}
    line.tell("room:heads", heads)
    expect(page.get_by_text("the last one")).to_be_visible()
    is_unread(page, other_id, 1)


def test_changes_replace_their_message_live_and_after_an_absence(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    first, second = (
        world.alice.say(room_id, "first words"),
        world.alice.say(room_id, "second words"),
    )
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    assert (
        world.alice.patch(f"/messages/{first['id']}", {"body": "better words"}).status_code == 200
    )
    expect(page.get_by_text("better words")).to_be_visible()
    assert bodies(page) == ["better words", "second words"]
    line.cut()
    assert world.alice.patch(f"/messages/{first['id']}", {"body": "best words"}).status_code == 200
    assert world.alice.delete(f"/messages/{second['id']}").status_code in (200, 204)
    world.alice.say(room_id, "third words")
    line.mend()
    expect(page.get_by_text("third words")).to_be_visible()
    expect(page.get_by_text("second words")).to_have_count(0)
    assert bodies(page) == ["best words", "This message was deleted.", "third words"]


def test_what_is_written_on_a_half_open_line_is_sent_on_the_next(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = opened(world.bob)
    line = Line(page)
    page.clock.install()
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    line.is_silent = True
    say(page, "into the silence")
    page.clock.fast_forward(14_000)
    line.is_silent = False
    page.clock.fast_forward(2_000)
    expect(page.locator(".message-sent")).to_have_text(
        re.compile("into the silence"), timeout=20_000
    )
    assert said_in(world, room_id) == ["into the silence"]


def test_a_half_open_line_is_told_to_whoever_only_reads(opened: Opened, world: World) -> None:
    page = opened(world.bob)
    line = Line(page)
    page.clock.install()
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    line.is_silent = True
    page.clock.fast_forward(16_000)  # the server's ping is due after 10 s, and 5 more are waited
    page.clock.fast_forward(2_000)
    expect(page.get_by_text(OFFLINE).last).to_be_visible()


def test_what_is_read_in_one_tab_is_read_in_the_other(opened: Opened, world: World) -> None:
    room_id, other_id = world.room(), world.room()
    left = opened(world.bob)
    right = left.context.new_page()
    for page in (left, right):
        page.goto(f"/rooms/{room_id}")
        is_live(page)
    messages = [world.alice.say(other_id, text) for text in ("one", "two")]
    for page in (left, right):
        is_unread(page, other_id, 2)
    world.bob.put(f"/rooms/{other_id}/read", {"seq": messages[0]["seq"]})
    for page in (left, right):
        is_unread(page, other_id, 1)
    left.goto(f"/rooms/{other_id}")
    is_unread(right, other_id, 0)


def test_a_picture_waits_with_its_message(opened: Opened, world: World) -> None:
    room_id, page, line = in_a_room(opened, world)
    page.locator(".composer-files").set_input_files([photo()])  # type: ignore[list-item]
    are_uploaded(page, 1)
    line.cut()
    say(page, "look at this")
    expect(page.locator(".message-pending .message-image")).to_have_count(1)
    page.reload()
    expect(page.locator(".message-pending .message-image")).to_have_count(1)
    line.mend()
    expect(page.locator(".message-sent .message-image")).to_have_count(1, timeout=20_000)
    assert [
        (message["body"], len(message["images"]))
        for message in world.carol.reads(room_id)["messages"]
    ] == [("look at this", 1)]


def test_a_draft_is_there_after_a_reload_and_gone_when_it_was_sent(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id, other_id = world.room(), world.room()
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    signs = page.locator(".room-item-draft:visible")
    other_tab = page.context.new_page()
    other_tab.goto(f"/rooms/{other_id}")
    is_live(other_tab)
    page.get_by_label("Message to").fill("half a sentence")
    expect(other_tab.locator(".room-item-draft:visible")).to_have_count(1)
    expect(signs, "not while one writes it").to_have_count(0)
    page.goto(f"/rooms/{other_id}")
    expect(page.get_by_label("Message to")).to_have_value("")
    expect(page.get_by_role("link", name="Harbour draft", exact=True)).to_be_visible()
    picture(page, "draft")
    page.goto(f"/rooms/{room_id}")
    expect(page.get_by_label("Message to")).to_have_value("half a sentence")
    is_live(page)
    page.get_by_label("Message to").press("Enter")
    expect(page.locator(".message-sent")).to_have_count(1)
    expect(other_tab.locator(".room-item-draft:visible")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Message to")).to_have_value("")


def test_the_notice_comes_at_once_when_the_device_is_offline_and_goes_with_it(
    opened: Opened, world: World, picture: Picture
) -> None:
    page = opened(world.bob, viewport={"width": 375, "height": 700}, color_scheme="dark")
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    expect(page.get_by_text(OFFLINE).last).to_be_hidden()
    page.context.set_offline(True)
    expect(page.get_by_text(OFFLINE).last).to_be_visible(timeout=1_000)
    say(page, "on the way")
    picture(page, "offline-phone-dark")
    page.context.set_offline(False)
    expect(page.get_by_text(OFFLINE).last).to_be_hidden(timeout=20_000)
    expect(page.locator(".message-sent")).to_have_count(1)


def test_what_was_written_in_the_past_stands_once_in_the_present_though_nobody_acknowledged_it_yet(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(70):
        world.alice.say(room_id, f"number {number}")
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}?around=10#message-10")
    is_live(page)
    line.loses = lambda frame: frame.startswith(("43", POSTED))

    asked: list[Route] = []
    page.route(re.compile(r"/api/v1/rooms/\w+/messages"), lambda route: asked.append(route))  # noqa: PLW0108  Playwright takes no built-in
    say(page, "from the past")
    while not asked or "from the past" not in said_in(world, room_id):
        page.wait_for_timeout(20)
    asked[0].continue_()
    expect(page.get_by_text("number 69")).to_be_visible()
    expect(page.get_by_text("from the past", exact=True)).to_have_count(1)


def test_what_was_written_in_the_past_without_a_line_stays_in_sight_when_it_is_sent(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(120):
        world.alice.say(room_id, f"number {number}")
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{room_id}?around=10#message-10")
    is_live(page)
    page.route("**/api/v1/rooms/*/messages*", lambda route: route.abort())
    line.cut()
    say(page, "from the past")
    own = page.locator(".message", has_text="from the past")
    expect(own).to_be_in_viewport()
    line.mend()
    expect(own.get_by_title("Sent")).to_be_visible(timeout=20_000)
    expect(own).to_be_in_viewport()
    expect(page.locator(".message-pending")).to_have_count(0)
    page.unroute("**/api/v1/rooms/*/messages*")
    page.get_by_role("link", name="Jump to latest").click()
    expect(page.get_by_text("number 119")).to_be_in_viewport()
    expect(own).to_have_count(1)
    expect(own).to_have_attribute("data-seq", "121")
    assert said_in(world, room_id)[-1] == "from the past"


def test_scrolling_up_brings_the_past_and_what_is_read_stays_in_its_place(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(130):
        world.alice.say(room_id, f"number {number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 130})
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    expect(page.locator(".message")).to_have_count(50)
    expect(page.get_by_text("number 129")).to_be_in_viewport()
    places: Any = page.evaluate(
        """async () => {
        const scroll = document.querySelector(".timeline-scroll");
        const seen = document.querySelector(".messages .message-body");
        const place = () => seen.getBoundingClientRect().top;
        const painted = async () => {
          for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
        };
        scroll.scrollTop = 100;
        const before = place();
        while (document.querySelectorAll(".message").length === 50) await painted();
        await painted();
        return [before, place()];
    }"""
    )
    assert abs(places[0] - places[1]) <= 1
    while page.locator(".message").count() < 130:
        page.locator(".timeline-scroll").evaluate("(scroll) => { scroll.scrollTop = 0; }")
        page.wait_for_timeout(20)
    expect(page.get_by_text("This is the beginning of Harbour.")).to_be_visible()
    assert bodies(page) == [f"number {number}" for number in range(130)]


def test_to_leave_and_to_remove_ask_first(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.alice)
    page.goto(f"/rooms/{room_id}/members")
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)
    page.get_by_role("button", name="More about Bob").click()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("dialog", name="Remove Bob from #Harbour?")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="More about Bob")).to_have_count(0)
    carol = opened(world.carol, java_script_enabled=False)
    carol.goto(f"/rooms/{room_id}/settings")
    expect(carol.get_by_role("button", name="Leave", exact=True)).to_have_count(0)
    carol.get_by_role("link", name="Leave this room").click()
    expect(carol.get_by_role("heading", name="Leave #Harbour?")).to_be_visible()
    carol.get_by_role("button", name="Leave", exact=True).click()
    expect(carol.locator(".room-item-link", has_text="Harbour")).to_have_count(0)

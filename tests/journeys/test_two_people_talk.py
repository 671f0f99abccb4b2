"""A newcomer's first steps in a real browser: register, create a room, talk to somebody, live."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import Page, expect

from tests.helpers.pages import bodies, is_live, message, row, say, sign_out
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened


def register(page: Page, name: str) -> None:
    page.goto("/register")
    page.get_by_label("Username").fill(f"{name.lower()}-{secrets.token_hex(4)}")
    page.get_by_label("Display name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()


def test_two_people_register_and_talk_and_reload_keeps(opened: Opened, world: World) -> None:
    dora, erin = opened(), opened(color_scheme="dark")
    register(dora, "Dora")
    register(erin, "Erin")
    name = f"Harbour {secrets.token_hex(4)}"

    dora.get_by_role("link", name="Create room").last.click()
    dora.get_by_label("Name").fill(name)
    dora.get_by_role("button", name="Create", exact=True).click()
    expect(dora.get_by_text(f"This is the beginning of {name}")).to_be_visible()

    erin.goto(f"/rooms/browse?q={name}")
    erin.get_by_role("button", name=f"Join {name}").click()
    expect(erin.get_by_role("heading", name=name)).to_be_visible()
    expect(dora.get_by_text("2 people")).to_be_visible()
    is_live(dora)
    is_live(erin)

    say(dora, "The ferry leaves at seven")
    expect(erin.get_by_text("The ferry leaves at seven")).to_be_visible()
    say(erin, "<b>Coffee</b> on deck")
    expect(dora.get_by_text("<b>Coffee</b> on deck")).to_be_visible()
    say(dora, "two\nlines")
    expect(erin.get_by_text("two")).to_be_visible()
    assert (
        bodies(dora)
        == bodies(erin)
        == ["The ferry leaves at seven", "<b>Coffee</b> on deck", "two\nlines"]
    )
    assert dora.locator(".message-pending, .message-failed").count() == 0

    erin.reload()
    expect(erin.get_by_text("The ferry leaves at seven")).to_be_visible()
    assert bodies(erin) == bodies(dora)

    erin.goto("/rooms")
    is_live(erin)
    say(dora, "are you still there?")
    expect(erin.locator(".room-item-dot:visible")).to_have_count(1)
    erin.get_by_role("link", name=name).first.click()
    expect(erin.get_by_text("are you still there?")).to_be_visible()
    expect(erin.locator(".room-item-dot:visible")).to_have_count(0)


def test_what_was_written_while_the_line_was_cut_arrives_once(opened: Opened, world: World) -> None:
    room_id = world.room()
    alice, bob = opened(world.alice), opened(world.bob)
    for page in (alice, bob):
        page.goto(f"/rooms/{room_id}")
        is_live(page)
    say(bob, "before")
    expect(message(alice, "before")).to_be_visible()

    bob.context.set_offline(True)
    bob.evaluate("window.dispatchEvent(new Event('offline'))")
    say(bob, "written offline")
    expect(bob.locator(".message-pending")).to_have_count(1)
    expect(bob.get_by_text("You are offline").last).to_be_visible()
    say(alice, "missed one")
    say(alice, "missed two")
    expect(alice.locator(".message-pending")).to_have_count(0)
    bob.context.set_offline(False)

    expect(alice.get_by_text("written offline")).to_be_visible(timeout=60_000)
    expect(bob.locator(".message-pending")).to_have_count(0)
    expect(bob.get_by_text("missed two")).to_be_visible()
    assert sorted(bodies(bob)) == ["before", "missed one", "missed two", "written offline"]
    expect(alice.locator(".message-body")).to_have_count(4)
    assert bodies(alice) == bodies(bob), (
        "in one order, wherever the browser's own tries to come back put it"
    )
    assert [message["body"] for message in world.carol.reads(room_id)["messages"]] == bodies(bob)


def test_pages_work_without_javascript(opened: Opened, world: World) -> None:
    room_id = world.room()
    bob = opened(world.bob, java_script_enabled=False)
    bob.goto("/rooms")
    bob.get_by_role("link", name="Harbour").first.click()
    bob.get_by_label("Message to Harbour").fill("no script needed")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_text("no script needed")).to_be_visible()
    world.alice.say(room_id, "an answer")
    bob.get_by_role("link", name="reload").click()
    expect(bob.get_by_text("an answer")).to_be_visible()
    bob.get_by_role("link", name="3 people").click()
    expect(bob.locator(".row", has_text=f"@{world.carol.username}")).to_contain_text("moderator")
    bob.goto("/settings/profile")
    bob.get_by_label("Display name").fill("Bobby")
    bob.get_by_role("button", name="Save", exact=True).click()
    expect(bob.get_by_role("status").get_by_text("Saved")).to_be_visible()
    sign_out(bob)
    expect(bob.get_by_role("heading", name="Sign in")).to_be_visible()


def test_hostile_texts_execute_nothing(opened: Opened, world: World) -> None:
    hostile = [
        "<script>window.pwned = 1</script>",
        "<img src=x onerror='window.pwned = 1'>",
        '"><svg onload="window.pwned=1">',
        "javascript:window.pwned=1",
        'http://x.org/"onmouseover="window.pwned=1',
        "{{ 7 * 7 }}",
        "</li></ol></main><h1>broken",
    ]
    world.bob.patch("/me", {"display_name": hostile[1]})
    room_id = world.bob.post("/rooms", {"name": hostile[0], "topic": hostile[2]}).json()["id"]
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    for text in hostile:
        say(page, text)
    expect(page.locator(".message-body")).to_have_count(len(hostile))
    expect(page.locator(".message-pending")).to_have_count(0)
    assert bodies(page) == hostile
    page.reload()
    assert bodies(page) == hostile
    assert page.evaluate("window.pwned") is None


def test_the_keyboard_is_enough(opened: Opened, world: World) -> None:
    world.room()
    page = opened(world.bob)
    page.goto("/rooms")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.get_by_role("link", name="Harbour").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message to Harbour")).to_be_focused()
    page.keyboard.type("typed")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("on two lines")
    page.keyboard.press("Enter")
    expect(page.locator(".message-body")).to_have_text("typedon two lines")
    assert bodies(page) == ["typed\non two lines"]


def test_what_is_too_long_stays_in_the_composer_with_the_reason(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    say(page, "x" * 8001)
    expect(page.get_by_text("This message has 8001 characters; the limit is 8000.")).to_be_visible()
    expect(page.get_by_label("Message to")).to_have_value("x" * 8001)
    say(page, "shorter")
    expect(page.get_by_text("shorter")).to_be_visible()
    expect(page.get_by_text("8001 characters")).to_be_hidden()
    expect(page.locator(".message-sent")).to_have_count(1)
    assert world.bob.reads(room_id)["head_seq"] == 1


def test_the_past_stands_in_its_frame_and_leads_back_to_the_present(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(70):
        world.alice.say(room_id, f"number {number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 70})
    for javascript in (True, False):
        page = opened(world.bob.second_device(), java_script_enabled=javascript)
        page.goto(f"/rooms/{room_id}")
        expect(page.get_by_text("number 69")).to_be_in_viewport()
        if not javascript:
            page.get_by_role("link", name="Earlier messages").click()
            expect(page.get_by_text("number 19", exact=True)).to_be_in_viewport()
        page.goto(f"/rooms/{room_id}?around=10#message-10")
        expect(page.get_by_text("number 9", exact=True)).to_be_in_viewport()
        expect(page.get_by_role("heading", name="Harbour")).to_be_in_viewport()
        expect(page.get_by_label("Message to")).to_be_in_viewport()
        world.alice.say(room_id, f"said meanwhile, {javascript}")
        page.get_by_label("Message to").fill(f"from the past, {javascript}")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text(f"from the past, {javascript}")).to_be_in_viewport()
        expect(page.get_by_text(f"said meanwhile, {javascript}")).to_be_visible()
        expect(page.get_by_role("heading", name="Harbour")).to_be_in_viewport()


def test_a_link_to_a_public_room_offers_to_join_and_one_to_a_private_room_tells_nothing(
    opened: Opened, world: World
) -> None:
    page = opened(world.mallory)
    page.goto(f"/rooms/{world.room('private')}")
    expect(page.get_by_text("There is no such room")).to_be_visible()
    page.goto(f"/rooms/{world.room()}")
    page.get_by_role("button", name="Join Harbour").click()
    expect(page.get_by_label("Message to Harbour")).to_be_visible()


def test_a_changed_name_is_seen_at_once(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    world.alice.patch(f"/rooms/{room_id}", {"name": "Docks"})
    expect(page.get_by_role("heading", name="Docks", exact=False)).to_be_visible()
    expect(row(page, room_id)).to_contain_text("Docks")


def test_a_new_name_of_somebody_is_seen_at_once_in_what_they_said_before(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, "said before")
    answer = {"client_id": "c1", "body": "an answer", "reply_to_id": said["id"]}
    world.bob.post(f"/rooms/{room_id}/messages", answer)
    talk = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(talk, "hello")
    page, phone = opened(world.bob), opened(world.carol)
    for each in (page, phone):
        each.goto(f"/rooms/{room_id}")
        is_live(each)
    message(page, "said before").hover()
    message(page, "said before").get_by_role("button", name="Reply").click()
    expect(page.get_by_text("Replying to Alice")).to_be_visible()
    status = {"emoji": "🌴", "text": "Off", "until": None}
    world.alice.patch("/me", {"display_name": "Alicia", "status": status})
    expect(page.get_by_text("Replying to Alicia")).to_be_visible()
    for each in (page, phone):
        expect(each.locator("#message-1 .message-author")).to_have_text("Alicia")
        expect(each.locator("#message-1 .message-avatar")).to_have_text("A")
        expect(each.locator("#message-1 .person-status")).to_have_text("🌴")
        expect(each.locator("#message-2 .message-reply-author")).to_have_text("Alicia")
    expect(page.locator(".room-item-direct .room-item-name")).to_have_text("Alicia")
    expect(page.locator(".room-item-direct .person-status")).to_have_attribute("title", "Off")
    world.carol.put(f"/messages/{said['id']}/reactions/👍")
    expect(page.locator(".reaction")).to_be_visible()
    expect(page.locator("#message-1 .message-author")).to_have_text("Alicia")


def test_a_revoked_session_leads_its_open_page_to_the_sign_in_page(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob)
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    phone = world.bob.second_device()
    assert phone.delete(f"/me/sessions/{world.bob.session_id}").status_code == 204
    page.wait_for_url(re.compile("/login"))


def test_a_phone_shows_one_thing_at_a_time(opened: Opened, world: World) -> None:
    world.room()
    page = opened(world.bob, viewport={"width": 375, "height": 700})
    page.goto("/rooms")
    page.get_by_role("link", name="Harbour").first.click()
    expect(page.get_by_label("Message to Harbour")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    page.get_by_role("link", name="All rooms").click()
    expect(page.get_by_role("navigation", name="Rooms and account")).to_be_visible()

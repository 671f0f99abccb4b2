"""In a real browser: a visible message counts as read; others bring a notification."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.network_line import Line
from tests.helpers.pages import is_live, live, look_away, look_back, message, say
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# Keeps account of the browser's own notifications.
KEEP_ACCOUNT = """
    window.notifications = [];
    const Real = Notification;
    window.Notification = class extends Real {
        constructor(title, options) {
            super(title, options);
            this.account = { title, body: options.body, closed: 0 };
            notifications.push(this.account);
        }
        close() {
            this.account.closed += 1;
            super.close();
        }
    };
    Object.defineProperty(window.Notification, "permission", { get: () => "granted" });
"""


def shown(page: Page) -> list[dict[str, Any]]:
    return list(page.evaluate("notifications"))


def is_read(page: Page, world: World, room_id: str) -> None:
    """Wait in the page.

    A connection that a test holds carries nothing while the test waits elsewhere.
    """
    for _ in range(200):
        if world.bob.standing(room_id)["unread"] == 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError("it was not read within 10 s")


@pytest.fixture
def page(opened: Opened, world: World) -> Page:
    page = opened(world.bob)
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(KEEP_ACCOUNT)
    return page


def test_a_window_in_sight_without_the_focus_reads_nothing_and_is_notified(
    page: Page, world: World
) -> None:
    room_id = world.room()
    live(page, room_id)
    look_away(page)
    world.alice.say(room_id, f"@{world.bob.username} where are you?")
    page.wait_for_function("() => notifications.length === 1")
    assert shown(page)[0]["title"] == "Alice mentioned you"
    expect(page.locator(f'.room-item[data-room-id="{room_id}"] .badge')).to_be_visible()
    expect(page.get_by_text("New", exact=True)).to_be_visible()
    assert world.bob.standing(room_id)["unread"] == 1
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    world.alice.say(room_id, "never mind")
    page.wait_for_function("() => notifications.length === 2")
    assert shown(page)[1]["title"] == "Alice in Harbour"
    look_back(page)
    is_read(page, world, room_id)
    page.wait_for_function("() => notifications[0].closed === 1")
    expect(page.locator(f'.room-item[data-room-id="{room_id}"] .badge')).to_be_hidden()


def test_the_wheel_reads_in_a_window_without_the_focus(page: Page, world: World) -> None:
    room_id = world.room()
    live(page, room_id)
    look_away(page)
    world.alice.say(room_id, "news")
    expect(message(page, "news")).to_be_visible()
    page.locator(".timeline-scroll").hover()
    assert world.bob.standing(room_id)["unread"] == 1, "a pointer only passes"
    page.mouse.wheel(0, 50)
    is_read(page, world, room_id)


def test_who_left_their_desk_reads_nothing_until_they_touch_something(
    page: Page, world: World
) -> None:
    room_id = world.room()
    live(page, room_id)
    page.evaluate("Date.now = ((now) => () => now() + 600_000)(Date.now)")
    world.alice.say(room_id, f"@{world.bob.username} news")
    expect(page.get_by_text("New", exact=True)).to_be_visible()
    page.wait_for_function("() => notifications.length === 1")
    assert world.bob.standing(room_id)["unread"] == 1
    page.keyboard.press("Shift")
    is_read(page, world, room_id)


def test_a_notification_goes_when_its_message_is_read_on_another_device_or_deleted(
    page: Page, world: World
) -> None:
    room_id, other = world.room(), world.room()
    live(page, room_id)
    look_away(page)
    first = world.alice.say(room_id, f"@{world.bob.username} first")
    second = world.alice.say(room_id, f"@{world.bob.username} second")
    elsewhere = world.alice.say(other, f"@{world.bob.username} elsewhere")
    page.wait_for_function("() => notifications.length === 3")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": first["seq"]})
    page.wait_for_function(
        "() => notifications.find(({ body }) => body.endsWith('first')).closed === 1"
    )
    assert {each["body"].split()[-1]: each["closed"] for each in shown(page)} == {
        "first": 1,
        "second": 0,
        "elsewhere": 0,
    }
    world.alice.delete(f"/messages/{elsewhere['id']}")
    page.wait_for_function(
        "() => notifications.find(({ body }) => body.endsWith('elsewhere')).closed === 1"
    )
    assert {each["body"].split()[-1]: each["closed"] for each in shown(page)} == {
        "first": 1,
        "second": 0,
        "elsewhere": 1,
    }
    world.bob.put(f"/rooms/{room_id}/read", {"seq": second["seq"]})
    page.wait_for_function("() => notifications.every(({ closed }) => closed === 1)")


def test_what_was_read_elsewhere_while_the_line_was_dead_takes_its_notification_back(
    page: Page, world: World
) -> None:
    room_id = world.room()
    line = Line(page)
    live(page, room_id)
    look_away(page)
    said = world.alice.say(room_id, f"@{world.bob.username} first")
    page.wait_for_function("() => notifications.length === 1")
    line.cut()
    world.bob.put(f"/rooms/{room_id}/read", {"seq": said["seq"]})
    line.mend()
    page.wait_for_function("() => notifications[0].closed === 1")


def test_what_is_read_at_once_in_another_tab_notifies_nobody(
    page: Page, opened: Opened, world: World
) -> None:
    room_id = world.room()
    live(page, room_id)
    look_away(page)
    tab = page.context.new_page()
    live(tab, room_id)
    world.alice.say(room_id, f"@{world.bob.username} here?")
    is_read(page, world, room_id)
    page.wait_for_timeout(800)
    assert shown(page) == shown(tab) == []


def test_what_a_page_in_sight_missed_stands_below_a_line(page: Page, world: World) -> None:
    room_id = world.room()
    line = Line(page)
    live(page, room_id)
    world.alice.say(room_id, "seen as it came")
    expect(message(page, "seen as it came")).to_be_visible()
    is_read(page, world, room_id)
    expect(page.get_by_text("New", exact=True)).to_be_hidden()
    line.cut()
    for number in range(60):
        world.alice.say(room_id, f"missed {number}")
    line.mend()
    expect(message(page, "missed 59")).to_be_attached()
    expect(message(page, "missed 0").locator(".message-new")).to_be_visible()
    expect(message(page, "missed 0")).to_be_in_viewport()
    expect(page.locator(".message-new:visible")).to_have_count(1)
    page.get_by_role("link", name="Jump to latest").click()
    is_read(page, world, room_id)
    world.alice.say(room_id, "live again")
    expect(message(page, "live again")).to_be_in_viewport()
    expect(message(page, "missed 0").locator(".message-new")).to_be_visible()


def test_a_line_that_was_dead_though_nothing_was_missed_leaves_no_line(
    page: Page, world: World
) -> None:
    room_id = world.room()
    line = Line(page)
    live(page, room_id)
    say(page, "mine")
    expect(page.locator(".message-sent")).to_have_count(1)
    is_read(page, world, room_id)
    line.cut()
    expect(page.locator(".composer .connection-notice")).to_be_visible()
    line.mend()
    expect(page.locator(".composer .connection-notice")).to_be_hidden()
    world.alice.say(room_id, "news")
    expect(message(page, "news")).to_be_in_viewport()
    expect(page.locator(".message-new:visible")).to_have_count(0)
    is_read(page, world, room_id)
    page.reload()
    is_live(page)
    expect(page.locator(".message-new:visible")).to_have_count(0)

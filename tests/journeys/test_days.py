"""Times and days in a real browser: midnight, other years and time zones, day separators."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers import pictures
from tests.helpers.pages import is_live, live, message
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened, SayThen

NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)

# Of each message: its text, the day above it, whether it stands under the name before it.
LOOKS = """() => [...document.querySelectorAll(".messages > .message")].map((message) => {
    const day = message.querySelector(".message-day");
    const text = message.querySelector(".message-body").textContent;
    const continues = message.classList.contains("message-continues");
    return [text, day.hidden ? "" : day.textContent, continues];
})"""


def in_zone(opened: Opened, person: Person, zone: str = "UTC", **options: Any) -> Page:
    return opened(person, timezone_id=zone, locale="en-US", **options)


def time_of(page: Page, text: str) -> str:
    return " ".join(message(page, text).locator(".message-time time").inner_text().split())


def test_at_midnight_the_times_of_an_open_page_become_those_of_yesterday(
    opened: Opened, world: World, say_then: SayThen
) -> None:
    room_id = world.room()
    say_then(world.alice, room_id, "before midnight", NOON)
    page = in_zone(opened, world.bob)
    page.clock.install(time=NOON.replace(hour=23, minute=59, second=20))
    live(page, room_id)
    day = message(page, "before midnight").locator(".message-day")
    expect(day).to_have_text("Today")
    assert time_of(page, "before midnight") == "12:00 PM"
    page.clock.fast_forward(90_000)
    expect(day).to_have_text("Yesterday")
    assert time_of(page, "before midnight") == "Nov 10, 12:00 PM"
    expect(page.locator(".message-time time")).to_have_attribute(
        "datetime", "2026-11-10T12:00:00.000Z"
    )
    page.clock.fast_forward(24 * 3_600_000)
    expect(day).to_have_text("Tuesday, November 10")


def test_what_is_said_after_midnight_stands_below_a_line(
    opened: Opened, world: World, say_then: SayThen
) -> None:
    room_id = world.room()
    say_then(world.alice, room_id, "yesterday", datetime.now(UTC) - timedelta(days=1))
    page = live(in_zone(opened, world.bob), room_id)
    world.alice.say(room_id, "today")
    expect(message(page, "today").locator(".message-day")).to_have_text("Today")
    expect(message(page, "yesterday").locator(".message-day")).to_have_text("Yesterday")
    world.alice.say(room_id, "today, too")
    expect(message(page, "today, too").locator(".message-day")).to_be_hidden()


def test_times_of_another_year_have_the_year_on_every_page(opened: Opened, world: World) -> None:
    room_id = world.room("private")
    image = world.bob.ask(
        "POST",
        f"/rooms/{room_id}/images",
        files={"image": pictures.written(pictures.gradient(40, 30), "PNG")},
    )
    body = {
        "client_id": "c1",
        "body": f"heliotrope for @{world.bob.username}",
        "image_ids": [image.json()["id"]],
    }
    said = world.bob.post(f"/rooms/{room_id}/messages", body).json()
    world.alice.patch(
        f"/messages/{world.alice.say(room_id, f'@{world.bob.username}')['id']}",
        {"body": f"see @{world.bob.username}"},
    )
    world.alice.put(f"/messages/{said['id']}/pin")
    other = world.mallory.make_room(kind="private")
    assert world.mallory.post(f"/rooms/{other}/members", {"user_id": world.bob.id}).status_code in {
        200,
        201,
        202,
    }
    page = in_zone(opened, world.bob)
    page.clock.install(
        time=datetime.fromisoformat(said["created_at"]).replace(year=2100, month=2, day=10)
    )
    year = datetime.fromisoformat(said["created_at"]).year
    for path in (
        f"/rooms/{room_id}",
        "/search?q=heliotrope",
        "/mentions",
        f"/rooms/{room_id}/images",
        f"/rooms/{room_id}/pins",
        "/settings/devices",
        f"/rooms/{room_id}/messages/{said['id']}",
        "/invitations",
    ):
        page.goto(path)
        times = page.locator(".main time:visible")
        expect(times.first).to_have_text(re.compile(rf"^\w+ \d+, {year}"))
        for text in times.all_inner_texts():
            assert f", {year}" in text, (path, text)
        for moment in times.evaluate_all("(times) => times.map((time) => time.dateTime)"):
            assert datetime.fromisoformat(moment).year == year, path


def test_whoever_travels_sees_the_times_of_where_they_are(
    opened: Opened, world: World, say_then: SayThen
) -> None:
    room_id = world.room()
    say_then(world.alice, room_id, "before", NOON)
    say_then(world.alice, room_id, "after", NOON + timedelta(minutes=1))
    page = opened(world.bob, locale="en-US")
    line = page.context.new_cdp_session(page)
    line.send("Emulation.setTimezoneOverride", {"timezoneId": "UTC"})
    live(page, room_id)
    expect(message(page, "after").locator(".message-day")).to_be_hidden()
    assert time_of(page, "before") == "Nov 10, 12:00 PM"
    line.send("Emulation.setTimezoneOverride", {"timezoneId": "Pacific/Auckland"})  # 13 hours ahead
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert time_of(page, "before") == "Nov 11, 1:00 AM"
    line.send("Emulation.setTimezoneOverride", {"timezoneId": "Etc/GMT-12"})  # midnight at noon
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert time_of(page, "before") == "Nov 11, 12:00 AM"
    line.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Kathmandu"})
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert time_of(page, "after") == "5:46 PM", "the day stands above"


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_the_lines_between_days_are_the_same_however_the_messages_came(
    opened: Opened, world: World, say_then: SayThen, zone: str
) -> None:
    room_id = world.room()
    page = live(in_zone(opened, world.bob, zone), room_id)
    moment = NOON
    for number in range(60):
        say_then((world.alice, world.carol)[number // 3 % 2], room_id, f"number {number}", moment)
        moment += timedelta(minutes=(1, 4, 6, 200)[number % 4])
    world.alice.say(room_id, "and today")  # through the server, which finds the others by it
    expect(message(page, "and today")).to_be_attached()
    live_looks = page.evaluate(LOOKS)
    assert len({day for _, day, _ in live_looks}) > 2
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 61})

    page.reload()
    is_live(page)
    assert page.evaluate(LOOKS)[1:] == live_looks[12:], "the page as it is made"
    page.locator(".timeline-scroll").evaluate("(scroll) => { scroll.scrollTop = 0 }")
    expect(message(page, "number 0")).to_be_attached()
    assert page.evaluate(LOOKS) == live_looks, "after the earlier ones were loaded"

    plain = in_zone(opened, world.bob, zone, java_script_enabled=False)
    plain.context.add_cookies([each for each in page.context.cookies() if "zone" in each["name"]])
    plain.goto(f"/rooms/{room_id}?before=62")
    assert [list(each) for each in looks_without_script(plain)[1:]] == live_looks[12:], (
        "in the zone that a script told"
    )


def looks_without_script(page: Page) -> list[tuple[str, str, bool]]:
    found = []
    for each in page.locator(".messages > .message").all():
        day = each.locator(".message-day")
        is_shown = day.get_attribute("hidden") is None
        continues = "message-continues" in (each.get_attribute("class") or "").split()
        found.append(
            (
                each.locator(".message-body").inner_text(),
                day.inner_text() if is_shown else "",
                continues,
            )
        )
    return found


def test_the_day_of_what_one_reads_stays_in_sight(
    opened: Opened, world: World, say_then: SayThen
) -> None:
    room_id = world.room()
    for number in range(60):
        moment = NOON + timedelta(days=number // 30, minutes=number % 30)
        say_then(world.alice, room_id, f"number {number}\n\nand a second line", moment)
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 60})
    page = in_zone(opened, world.bob)
    page.clock.install(time=NOON + timedelta(days=1, hours=1))
    live(page, room_id)
    day, scroll = page.locator(".sticky-day"), page.locator(".timeline-scroll")
    expect(day).to_have_text("Today")
    scroll.evaluate("""e => {
        const line = e.querySelectorAll(".message-day:not([hidden])")[1];
        e.scrollTop += line.getBoundingClientRect().top - e.getBoundingClientRect().top;
    }""")
    expect(day).to_be_hidden()
    scroll.evaluate("e => (e.scrollTop -= 200)")
    expect(day).to_be_visible()
    expect(day).to_have_text("Yesterday")
    expect(day).to_have_css("opacity", "1")
    page.clock.fast_forward(2_000)
    expect(day).to_have_css("opacity", "0")
    scroll.evaluate("e => (e.scrollTop = 0)")
    expect(page.get_by_text("number 0", exact=True)).to_be_attached()
    scroll.evaluate("e => (e.scrollTop = 0)")
    expect(page.get_by_text("This is the beginning")).to_be_in_viewport()
    expect(day).to_be_hidden()

"""Lines about a room and its people stand among its messages, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.helpers.looks import differences, markup
from tests.helpers.pages import live, message
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened

ROWS = ".messages > li"


def rows(page: Page) -> list[str]:
    """Return the texts of messages and lines, in order, without times."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".messages > li")]
          .map((row) => row.querySelector(".message-body, .room-line-text").textContent)
          .map((text) => text.replace(/\\s+/g, " ").trim())"""
    )
    return found


def test_lines_look_the_same_live_after_a_reload_and_without_javascript(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    bob = live(opened(world.bob), room_id)
    first = world.alice.say(room_id, "The ferry leaves at seven")
    world.mallory.join(room_id)
    world.alice.say(room_id, "Hello")
    world.alice.patch(f"/rooms/{room_id}", {"name": "Quay", "topic": "Ferries & <tea>"})
    world.alice.put(f"/messages/{first['id']}/pin")
    world.alice.say(room_id, "Bring the keys")
    world.carol.delete(f"/rooms/{room_id}/members/{world.mallory.id}")
    world.alice.patch(f"/rooms/{room_id}", {"topic": "", "kind": "private"})
    for name in ("Carola", "Caroline"):
        world.carol.patch("/me", {"display_name": name})
    expect(bob.locator(".room-line")).to_have_count(10)
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "Bob has read it")
    assert rows(bob) == [
        "Alice added Bob and Caroline",
        "The ferry leaves at seven",
        "Mallory joined",
        "Hello",
        "Alice renamed the room from Harbour to Quay",
        "Alice set the topic: Ferries & <tea>",
        "Alice pinned a message",
        "Bring the keys",
        "Caroline removed Mallory",
        "Alice removed the topic",
        "Alice made the room private: by invitation only",
        "Carol is now called Carola",
        "Carola is now called Caroline",
    ]
    expect(message(bob, "Hello").locator(".message-author")).to_be_visible()
    while_live = markup(bob, ROWS)
    live(bob, room_id)
    after_reload = markup(bob, ROWS)
    plain = opened(world.bob, java_script_enabled=False)
    plain.goto(f"/rooms/{room_id}")
    assert differences(while_live, after_reload) == ""
    assert differences(after_reload, markup(plain, ROWS)) == ""


def test_lines_come_with_the_pages_of_history_and_those_missed_with_the_connection(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    expected = ["Alice added Bob and Carol"]
    for number in range(1, 131):
        world.alice.say(room_id, f"number {number}")
        expected.append(f"number {number}")
        if number % 25 == 0:
            world.alice.patch(f"/rooms/{room_id}", {"topic": f"after {number}"})
            expected.append(f"Alice set the topic: after {number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 130})
    bob = live(opened(world.bob), room_id)
    assert rows(bob) == expected[-len(rows(bob)) :]
    scroll = bob.locator(".timeline-scroll")
    while not bob.get_by_text("This is the beginning of").is_visible():
        scroll.evaluate("(scroll) => { scroll.scrollTop = 0; }")
        bob.wait_for_timeout(20)
    expect(bob.locator(".room-line")).to_have_count(6)
    assert rows(bob) == expected

    bob.context.set_offline(True)
    expect(bob.locator(".connection-notice:visible")).to_be_visible()
    world.mallory.join(room_id)
    bob.context.set_offline(False)
    expect(bob.locator(".room-line").last).to_contain_text("Mallory joined")
    dora = Person(world, "dora")
    dora.join(room_id)
    expect(bob.locator(".room-line").last).to_contain_text("Mallory and Dora joined")
    assert rows(bob) == [*expected, "Mallory and Dora joined"]
    dora.patch("/me", {"display_name": "Dora Maar"})
    expect(bob.locator(".room-line").nth(-2)).to_contain_text("Mallory and Dora Maar joined")


def test_who_is_added_to_a_room_is_told_by_whom(opened: Opened, world: World) -> None:
    page = live(opened(world.bob), world.room())
    plans = world.alice.make_room("Plans", "private")
    assert world.alice.post(f"/rooms/{plans}/members", {"user_id": world.bob.id}).ok
    notice = page.locator(".page-notice")
    expect(notice).to_have_text("Alice added you to a room: Plans")
    notice.get_by_role("link", name="Plans").click()
    page.wait_for_url(f"**/rooms/{plans}")

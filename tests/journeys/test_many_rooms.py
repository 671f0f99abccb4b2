"""The sidebar of a person in forty rooms."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.crowded import put_into_rooms
from tests.helpers.network_line import Line
from tests.helpers.pages import is_live, is_unread, message, row
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened


def test_direct_messages_are_in_reach_below_forty_rooms_and_unread_rooms_stand_out(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    rooms = [world.bob.make_room(f"Room {number}") for number in range(40)]
    for person in (world.alice, world.carol):
        made = world.bob.post("/direct-rooms", {"user_ids": [person.id]})
        assert made.status_code == 201
        world.bob.say(made.json()["id"], "hello")
    page = opened(world.bob)
    page.goto(f"/rooms/{rooms[0]}")
    is_live(page)
    for name in ("Alice", "Carol"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport()
    world.alice.join(rooms[2])
    world.alice.say(rooms[2], "news")
    unread, quiet = (
        page.get_by_role("link", name=re.compile("Room 2 ")),
        page.get_by_role("link", name="Room 3", exact=False).first,
    )
    is_unread(page, rooms[2], 1)
    weight = "(link) => Number(getComputedStyle(link).fontWeight)"
    assert unread.evaluate(weight) > quiet.evaluate(weight)
    picture(page, "many-rooms")
    phone = opened(
        world.bob.second_device(), viewport={"width": 375, "height": 700}, color_scheme="dark"
    )
    phone.goto("/rooms")
    is_live(phone)
    picture(phone, "many-rooms-phone")
    boxes = "lists => lists.filter(each => each.scrollHeight > each.clientHeight + 1).length"
    assert phone.locator(".room-list-group").evaluate_all(boxes) == 0, "all scrolls as one"
    world.carol.say(made.json()["id"], "below all rooms")
    below = phone.get_by_role("button", name="1 unread below")
    below.click()
    expect(phone.get_by_role("link", name="Carol")).to_be_in_viewport()
    expect(below).to_be_hidden()
    page.set_viewport_size({"width": 1024, "height": 500})
    assert page.locator(".room-list-group").evaluate_all(boxes) == 0, "on a low screen, too"


def test_a_folded_part_of_the_list_shows_what_is_unread_and_stays_folded(
    opened: Opened, world: World
) -> None:
    open_room, quiet, busy = (world.room(name=name) for name in ("Attic", "Boathouse", "Cellar"))
    page = opened(world.bob)
    page.goto(f"/rooms/{open_room}")
    is_live(page)
    fold = page.get_by_role("button", name="Rooms", exact=True)
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(row(page, quiet)).to_be_hidden()
    expect(row(page, open_room)).to_be_visible()
    world.alice.say(busy, "news")
    is_unread(page, busy, 1)
    expect(row(page, busy)).to_be_visible()
    row(page, open_room).get_by_role("link").focus()
    page.keyboard.press("End")
    expect(row(page, busy).get_by_role("link")).to_be_focused()
    page.reload()
    expect(row(page, busy)).to_be_visible()
    expect(row(page, quiet)).to_be_hidden()
    is_live(page)
    fold.press("Enter")
    expect(row(page, quiet)).to_be_visible()


def test_unread_rooms_beyond_the_edges_of_the_list_are_hinted_at(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    ids = put_into_rooms(world.bob, 40, world.alice)
    for room_id in ids[10:]:
        world.alice.say(room_id, "news")
    page = opened(world.bob)
    page.goto("/rooms")
    is_live(page)
    below = page.get_by_role("button", name="unread below")
    above = page.get_by_role("button", name="unread above")
    expect(above).to_be_hidden()
    picture(page, "unread-below")
    below.click()
    first = page.locator(".room-item-unread a:focus")
    expect(first).to_be_in_viewport()
    expect(above).to_be_visible()
    row(page, ids[0]).scroll_into_view_if_needed()
    expect(below).to_be_hidden()
    picture(page, "unread-above")
    above.click()
    expect(page.locator(".room-item-unread a:focus")).to_be_in_viewport()
    expect(below).to_be_visible()
    row(page, ids[0]).scroll_into_view_if_needed()
    expect(above).not_to_contain_class("unread-beyond-calling")
    world.alice.say(ids[10], f"@{world.bob.username} look")
    expect(above).to_contain_class("unread-beyond-calling")
    picture(page, "unread-calling")
    above.click()
    expect(row(page, ids[10]).get_by_role("link")).to_be_focused()


def test_unread_rooms_come_first_and_nothing_moves_under_a_pointer_or_its_reader(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    ids = put_into_rooms(world.bob, 6, world.alice)
    world.alice.say(ids[1], "news")
    page = opened(world.bob)
    page.goto("/rooms")
    is_live(page)
    numbers = "links => links.map(each => each.textContent.match(/Room ([0-9])/)[1]).join(' ')"
    names = page.locator(".room-list-rooms .room-item-name")

    def is_in_order(expected: str) -> None:
        wait_until(lambda: names.evaluate_all(numbers) == expected, expected)

    is_in_order("1 0 2 3 4 5")
    world.alice.say(ids[0], f"@{world.bob.username} look")
    is_in_order("0 1 2 3 4 5")
    picture(page, "unread-first")
    page.reload()
    is_live(page)
    is_in_order("0 1 2 3 4 5")
    row(page, ids[1]).get_by_role("link").click()
    is_live(page)
    wait_until(lambda: world.bob.standing(ids[1])["unread"] == 0, "bob has read it")
    world.alice.say(ids[3], "under the pointer")
    is_unread(page, ids[3], 1)
    is_in_order("0 1 2 3 4 5")
    page.locator(".room-header").hover()
    is_in_order("0 1 3 2 4 5")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(message(page, "under the pointer")).to_be_visible()
    is_in_order("0 3 1 2 4 5")
    wait_until(lambda: world.bob.standing(ids[3])["unread"] == 0, "bob has read it")
    page.goto("/mentions")
    is_live(page)
    is_in_order("0 1 2 3 4 5")


def test_somebody_in_150_rooms_sees_the_ones_used_last_and_what_is_said_in_any_other(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    ids = put_into_rooms(world.bob, 150, world.alice)
    page = opened(world.bob)
    page.goto("/rooms")
    is_live(page)
    listed = page.locator(".room-item[data-room-id]")
    expect(listed).to_have_count(100)
    expect(listed.first).to_have_attribute("data-room-id", ids[50])
    expect(listed.last).to_have_attribute("data-room-id", ids[149])
    world.alice.say(ids[3], f"@{world.bob.username} are you still here?")
    expect(listed.first).to_have_text(re.compile(r"Room 3\b.*1 mention", re.DOTALL))
    expect(listed).to_have_count(100)
    expect(row(page, ids[50])).to_have_count(0)
    picture(page, "150-rooms")
    listed.first.get_by_role("link").click()
    is_live(page)
    expect(message(page, f"@{world.bob.username} are you still here?")).to_be_visible()
    expect(listed.first).to_have_attribute("data-room-id", ids[3])
    expect(row(page, ids[3])).to_have_attribute("data-unread", "0")
    page.get_by_role("link", name="All your rooms").click()
    page.get_by_role("searchbox", name="Name").fill("room 14")
    rows = page.get_by_role("list", name="Your rooms").get_by_role("listitem")
    expect(rows).to_have_count(11)
    picture(page, "all-rooms")
    rows.get_by_role("link", name="Room 14", exact=True).click()
    is_live(page)
    expect(listed.nth(1)).to_have_attribute("data-room-id", ids[14])
    expect(listed).to_have_count(100)
    expect(listed.last).to_have_attribute("data-room-id", ids[149])
    expect(page.locator(".room-header-name")).to_have_text("Room 14")


def test_a_room_that_was_fetched_ahead_comes_forward_when_somebody_looks_into_it(
    opened: Opened, world: World
) -> None:
    ids = put_into_rooms(world.bob, 60, world.alice)
    page = opened(world.bob)
    page.goto(f"/rooms/{ids[59]}")
    is_live(page)
    link = row(page, ids[3]).get_by_role("link")
    with page.expect_response(f"**/rooms/{ids[3]}"):
        link.hover()
    assert order(world.bob)[0] == ids[59], "nobody has looked into it yet"
    link.click()
    wait_until(lambda: order(world.bob)[0] == ids[3], "the room is in front")
    with page.expect_response(f"**/rooms/{ids[4]}"):
        row(page, ids[4]).get_by_role("link").hover()
    world.alice.say(ids[4], "news")
    row(page, ids[4]).get_by_role("link").click()
    expect(message(page, "news")).to_be_visible()
    wait_until(lambda: order(world.bob)[:2] == [ids[4], ids[3]], "the room is in front")


def order(person: Person) -> list[str]:
    """Return the ids of a person's rooms, the last used first."""
    return [item["room"]["id"] for item in person.get("/rooms").json()["rooms"]]


def test_an_open_room_that_hello_does_not_tell_of_goes_on_where_it_was(
    opened: Opened, world: World
) -> None:
    ids = put_into_rooms(world.bob, 2, world.alice)
    page = opened(world.bob)
    line = Line(page)
    page.goto(f"/rooms/{ids[0]}")
    is_live(page)
    others = put_into_rooms(world.alice, 101, name="New")
    for room_id in others:
        assert (
            world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id}).status_code
            == 201
        )
    expect(row(page, others[100])).to_be_attached()
    current = page.locator(".room-item:has([aria-current=page])")
    expect(current).to_have_text(re.compile("Room 0"))
    line.cut()
    world.alice.say(others[100], "while you were away")
    line.mend()
    expect(row(page, others[100])).to_have_attribute("data-unread", "1", timeout=20_000)
    expect(current).to_have_text(re.compile("Room 0"))
    world.alice.say(ids[0], "and now")
    expect(page.get_by_text("and now")).to_be_visible()
    expect(current).to_have_text(re.compile("Room 0"))

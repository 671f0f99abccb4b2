"""The sidebar of somebody who is in forty rooms."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Opened
from tests.journeys.test_two_people_talk import is_live
from tests.world import World


def test_direct_messages_are_in_reach_below_forty_rooms_and_unread_rooms_stand_out(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    rooms = [world.bob.make_room(f"Room {number}") for number in range(40)]
    for person in (world.alice, world.carol):
        assert person.post("/direct-rooms", {"user_ids": [world.bob.id]}).status_code == 201
    page = opened(world.bob)
    page.goto(f"/rooms/{rooms[0]}")
    is_live(page)
    for name in ("Alice", "Carol"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport()
    world.alice.join(rooms[2])
    world.alice.say(rooms[2], "news")
    unread, quiet = page.get_by_role("link", name=re.compile("Room 2 ")), page.get_by_role("link", name="Room 3", exact=False).first
    expect(unread).to_have_text(re.compile("1 unread"))
    weight = "(link) => Number(getComputedStyle(link).fontWeight)"
    assert unread.evaluate(weight) > quiet.evaluate(weight)
    picture(page, "many-rooms")
    phone = opened(world.bob.second_device(), viewport={"width": 375, "height": 700}, color_scheme="dark")
    phone.goto("/rooms")
    is_live(phone)
    expect(phone.get_by_role("link", name="Carol")).to_be_in_viewport()
    picture(phone, "many-rooms-phone")

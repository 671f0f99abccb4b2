"""Conversations that begin on the page: with several people, with oneself."""

from __future__ import annotations

import re

from tests.helpers.form_browser import Browser
from tests.helpers.world import World


def test_several_people_are_chosen_one_by_one_and_written_to_without_a_script(world: World) -> None:
    browser = Browser(world.server).sign_in(world.alice)
    page = browser.get("/direct-rooms/new", params={"q": world.bob.username}).text
    place = re.search(r'href="(/direct-rooms/new\?people=[^"]*)"', page)
    assert place
    page = browser.get(place[1]).text
    assert "Message Bob" in page
    page = browser.get(f"{place[1]}&q={world.carol.username}").text
    both = f"{world.bob.id}(?:,|%2C){world.carol.id}"
    more = re.search(rf'href="(/direct-rooms/new\?people={both})"', page)
    assert more
    page = browser.get(more[1]).text
    assert "Message Bob and Carol" in page
    assert re.findall(r'name="user_ids" value="([^"]*)"', page) == [world.bob.id, world.carol.id]
    assert f'href="/direct-rooms/new?people={world.carol.id}"' in page, "without Bob"
    room = browser.submit("/direct-rooms", user_ids=[world.bob.id, world.carol.id])
    assert "Bob, Carol" in room.text
    details = browser.get(f"/rooms/{room.url.rpartition('/')[2]}/members").text
    assert re.search(rf"/direct-rooms/new\?people={world.bob.id}(,|%2C){world.carol.id}", details)
    odd = ",".join([world.bob.id, world.bob.id, world.alice.id, "f" * 24, "nonsense"])
    page = browser.get("/direct-rooms/new", params={"people": odd}).text
    assert re.findall(r'name="user_ids" value="([^"]*)"', page) == [world.bob.id]


def test_a_note_to_oneself_is_a_room_of_ones_own(world: World) -> None:
    browser = Browser(world.server).sign_in(world.bob)
    assert "Note to yourself" in browser.get("/direct-rooms/new").text
    heard, device = world.carol.listen(), world.bob.second_device().listen()
    room = browser.submit("/direct-rooms", user_ids=world.bob.id)
    assert "Write a note to yourself" in room.text
    room_id = room.url.rpartition("/")[2]
    assert device.next("room:added")["room"]["user_ids"] == [world.bob.id]
    assert browser.submit("/direct-rooms", user_ids=world.bob.id).url == room.url, "there is one"
    world.bob.say(room_id, f"@{world.bob.username} buy bread")
    assert device.next("message:posted")["message"]["body"].endswith("buy bread")
    assert not device.all("notification"), "one does not call oneself"
    assert world.bob.standing(room_id)["unread"] == 0
    assert heard.hears_nothing_of("message:posted", room_id)
    assert world.carol.get(f"/rooms/{room_id}").status_code == 404

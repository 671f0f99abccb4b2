"""Somebody marks all rooms as read at once, and takes it back, without a script."""

from __future__ import annotations

import re

from tests.helpers.form_browser import Browser
from tests.helpers.world import World


def test_all_rooms_are_marked_as_read_at_once_and_it_can_be_taken_back(world: World) -> None:
    read, quay, harbour = (world.room(name=name) for name in ("Read", "Quay", "Harbour"))
    world.bob.put(f"/rooms/{harbour}/notifications", {"level": "nothing"})
    first = world.alice.say(quay, "old")["seq"]
    world.bob.put(f"/rooms/{quay}/read", {"seq": first})
    world.alice.say(quay, f"new, @{world.bob.username}")
    world.alice.say(harbour, "quiet")
    order = [item["room"]["id"] for item in world.bob.get("/rooms").json()["rooms"]]
    device = world.bob.second_device().listen()
    browser = Browser(world.server).sign_in(world.bob)
    assert 'action="/rooms/read-all"' in browser.get(f"/rooms/{read}").text

    page = browser.submit("/rooms/read-all").text
    assert "2 rooms marked as read." in page
    assert {world.bob.standing(each)["unread"] for each in (quay, harbour)} == {0}
    assert world.bob.standing(quay)["mentions"] == 0
    assert {device.next("room:read")["room_id"] for _ in range(2)} == {quay, harbour}
    assert world.carol.standing(quay)["unread"] == 2, "others read for themselves"
    after = [item["room"]["id"] for item in world.bob.get("/rooms").json()["rooms"]]
    assert after == order, "nobody was in these rooms"

    readings = re.findall(r'name="readings" value="([^"]*)"', page)
    assert len(readings) == 2
    assert "unread messages are back" in browser.submit("/rooms/bring-back", readings=readings).text
    assert world.bob.standing(quay)["unread"] == world.bob.standing(quay)["mentions"] == 1
    assert world.bob.standing(harbour)["unread"] == 1
    assert world.bob.standing(read)["unread"] == 0

    for path in ("/rooms/read-all", "/rooms/bring-back"):
        assert browser.submit(path, csrf=False, readings=readings).status_code == 403
    browser.submit("/rooms/read-all")
    assert "Nothing was unread." in browser.submit("/rooms/read-all").text


def test_nobody_changes_what_others_have_read_or_sends_nonsense(world: World) -> None:
    room_id = world.room("private")
    world.alice.say(room_id, "hello")
    before = world.bob.standing(room_id)
    mallory = Browser(world.server).sign_in(world.mallory)
    assert mallory.submit("/rooms/bring-back", readings=f"{room_id}:0").status_code == 200
    assert "Nothing was unread." in mallory.submit("/rooms/read-all").text
    assert world.bob.standing(room_id) == before
    too_many = [f"{room_id}:1"] * 201
    for nonsense in ("", "x", room_id, f"{room_id}:-1", f"{room_id}:{9**30}", too_many, []):
        assert mallory.submit("/rooms/bring-back", readings=nonsense).status_code == 422, nonsense

"""Favourite rooms: bob's are his alone, on all his devices, however many rooms he is in."""

from __future__ import annotations

from tests.helpers.crowded import put_into_rooms
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


def favourites_of(person: Person) -> list[str]:
    rooms = [item["room"] for item in person.get("/rooms").json()["rooms"]]
    return [room["id"] for room in rooms if room["favourite"]]


def test_a_favourite_is_ones_own_and_reaches_ones_other_device(world: World) -> None:
    room_id = world.room()
    device, alices = world.bob.second_device().listen(), world.alice.listen()
    for _ in range(2):  # again is harmless
        assert world.bob.put(f"/rooms/{room_id}/favourite").status_code == 204
        assert device.next("room:updated")["room"]["favourite"] is True
    assert favourites_of(world.bob) == [room_id]
    assert world.bob.get(f"/rooms/{room_id}").json()["favourite"] is True
    assert favourites_of(world.alice) == [], "it is nobody else's"
    assert alices.hears_nothing_of("room:updated", room_id)
    assert not alices.all("room:updated")
    assert world.mallory.put(f"/rooms/{room_id}/favourite").status_code == 404
    assert world.mallory.delete(f"/rooms/{room_id}/favourite").status_code == 404
    assert world.bob.delete(f"/rooms/{room_id}/favourite").status_code == 204
    assert device.next("room:updated")["room"]["favourite"] is False
    assert favourites_of(world.bob) == []


def test_a_favourite_survives_an_absence_as_the_level_of_notifications_does(world: World) -> None:
    room_id = world.room()
    world.bob.put(f"/rooms/{room_id}/favourite")
    world.bob.post(f"/rooms/{room_id}/leave")
    assert favourites_of(world.bob) == []
    browsed = world.bob.get("/rooms/browse", params={"q": "Harbour"}).json()["rooms"]
    assert not any(room["favourite"] for room in browsed)


def test_a_star_on_the_page_leads_the_sidebar_even_behind_a_hundred_rooms(world: World) -> None:
    ids = put_into_rooms(world.bob, 105, world.alice)
    browser = Browser(world.server).sign_in(world.bob)
    page = browser.submit(f"/rooms/{ids[0]}/favourite", next="/people").text
    assert "<h1>People</h1>" in page
    section = page.split('data-section="favourites"')[1].split("</ul>")[0]
    assert f'data-room-id="{ids[0]}"' in section, "though it was used last by nobody for long"
    assert ids[1] not in page, "no other room that is so far behind"
    page = browser.submit(f"/rooms/{ids[0]}/unfavourite", next="/people").text
    assert ids[0] not in page
    details = browser.submit(f"/rooms/{ids[2]}/favourite", next=f"/rooms/{ids[2]}/members").text
    assert "People · Room 2 · Chat" in details
    assert 'aria-pressed="true"' in details

"""Administrators see public rooms, may own each, and choose an owner where all are deactivated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


def shown(world: World, name: str) -> Any:
    found = world.alice.get("/admin/rooms", params={"q": name}).json()
    return next((room for room in found["rooms"] if room["name"] == name), None)


@pytest.fixture
def left_behind(world: World) -> str:
    """Return a public room whose only owner, carol, is deactivated; bob is a member."""
    room_id = world.carol.make_room("Quay", "public")
    world.bob.post(f"/rooms/{room_id}/join")
    off = world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    assert off.status_code == 200
    return room_id


def give(person: Person, room_id: str, to: Person) -> Any:
    return person.put(f"/admin/rooms/{room_id}/owner", {"user_id": to.id})


def test_administrators_see_public_rooms_and_only_the_number_of_private_ones(world: World) -> None:
    before = world.alice.get("/admin/rooms").json()["private_rooms"]
    world.bob.make_room("Vault", "private")
    room_id = world.bob.make_room("Zattere", "public")
    assert shown(world, "Zattere")["last_entry_at"] is None
    said = world.bob.say(room_id, "hello")
    seen = shown(world, "Zattere")
    assert (seen["id"], seen["member_count"], seen["lacks_owner"]) == (room_id, 1, False)
    assert seen["last_entry_at"] == said["created_at"]
    assert [owner["id"] for owner in seen["owners"]] == [world.bob.id]
    assert shown(world, "Vault") is None
    assert world.alice.get("/admin/rooms").json()["private_rooms"] == before + 1
    world.bob.patch(f"/rooms/{room_id}", {"archived": True})
    assert shown(world, "Zattere") is None


def test_a_room_whose_owner_is_deactivated_gets_another_and_its_members_see_it(
    world: World, left_behind: str
) -> None:
    assert shown(world, "Quay")["lacks_owner"]
    heard = world.bob.listen()
    given = give(world.alice, left_behind, world.bob)
    assert given.status_code == 200, given.text
    assert not given.json()["lacks_owner"]
    line = heard.next("room:line")["line"]
    assert (line["kind"], line["actor"]["id"], line["user"]["id"]) == (
        "owner",
        world.alice.id,
        world.bob.id,
    )
    assert world.bob.patch(f"/rooms/{left_behind}", {"kind": "private"}).status_code == 200
    told = world.bob.get(f"/rooms/{left_behind}/audit").json()["entries"]
    roles = [entry for entry in told if entry["action"] == "member.role"]
    assert [(entry["actor"]["id"], entry["after"]) for entry in roles] == [
        (world.alice.id, "owner")
    ]


def test_an_administrator_becomes_an_owner_of_any_public_room_and_its_members_see_it(
    world: World,
) -> None:
    room_id = world.bob.make_room("Ship", "public")
    heard = world.bob.listen()
    for _ in range(2):  # it may be said twice
        given = give(world.alice, room_id, world.alice)
        assert given.status_code == 200, given.text
        assert {owner["id"] for owner in given.json()["owners"]} == {world.alice.id, world.bob.id}
    for _ in range(2):
        heard.next("room:line")
    heard.pause()
    assert [told["line"]["kind"] for told in heard.all("room:line")] == ["joined", "owner"]
    entries = world.bob.get(f"/rooms/{room_id}/audit").json()["entries"]
    assert [each["after"] for each in entries if each["action"] == "member.role"] == ["owner"]
    assert world.alice.patch(f"/rooms/{room_id}", {"name": "Ferry"}).status_code == 200


@pytest.mark.parametrize("is_banned", [False, True])
def test_an_administrator_who_was_taken_out_of_a_public_room_may_own_it(
    world: World, is_banned: bool
) -> None:
    room_id = world.bob.make_room("Ship", "public")
    world.alice.post(f"/rooms/{room_id}/join")
    if is_banned:
        world.bob.post(f"/rooms/{room_id}/bans", {"user_id": world.alice.id})
    else:
        world.bob.delete(f"/rooms/{room_id}/members/{world.alice.id}")
    assert give(world.alice, room_id, world.alice).status_code == 200


def test_nobody_takes_a_room_from_an_owner_who_is_there(world: World, left_behind: str) -> None:
    private = world.bob.make_room("Vault", "private")
    lively = world.bob.make_room("Zattere", "public")
    world.mallory.post(f"/rooms/{lively}/join")
    for answer, code in (
        (give(world.bob, left_behind, world.bob), "forbidden"),
        (give(world.alice, lively, world.carol), "not_found"),
        (give(world.alice, lively, world.mallory), "conflict"),
        (give(world.alice, private, world.alice), "not_found"),
        (give(world.alice, private, world.bob), "not_found"),
        (give(world.alice, left_behind, world.mallory), "not_found"),
        (give(world.alice, left_behind, world.carol), "conflict"),
    ):
        assert answer.json()["error"]["code"] == code
    assert world.bob.get("/admin/rooms").json()["error"]["code"] == "forbidden"
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": False})
    assert give(world.alice, left_behind, world.bob).json()["error"]["code"] == "conflict"


def test_the_page_does_the_same_without_scripts(world: World, left_behind: str) -> None:
    page = Browser(world.server).sign_in(world.alice)
    form, here = f"/admin/rooms/{left_behind}/owner", "/admin/rooms?q=Quay"
    assert form in page.get(here).text
    wrong = page.submit(form, username=world.mallory.username, next=here)
    assert wrong.status_code == 422
    assert "Nobody in this room has this username." in wrong.text
    asked = page.get(f"/admin/rooms/{left_behind}/own", params={"next": here}).text
    assert "Become an owner of Quay?" in asked
    owned = page.submit(f"/admin/rooms/{left_behind}/own", next=here)
    assert owned.url.endswith(here)
    assert f"/admin/rooms/{left_behind}/own" not in owned.text
    world.alice.delete(f"/rooms/{left_behind}/members/{world.alice.id}")
    page.get(here)
    done = page.submit(form, username=f"@{world.bob.username}", next=here)
    assert done.url.endswith(here)
    assert "Bob" in done.text
    assert form not in done.text
    room = Browser(world.server).sign_in(world.bob).get(f"/rooms/{left_behind}").text
    assert "as an administrator of this chat" in room
    assert Browser(world.server).sign_in(world.bob).get("/admin/rooms").status_code == 403

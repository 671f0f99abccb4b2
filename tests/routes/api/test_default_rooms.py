"""Everybody who gets an account joins the default rooms, which administrators choose."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD, World


@pytest.fixture(autouse=True)
def none_afterwards(world: World) -> Iterator[None]:
    yield
    world.alice.patch("/admin/settings", {"default_room_ids": []})


def choose(world: World, *room_ids: str) -> Any:
    answer = world.alice.patch("/admin/settings", {"default_room_ids": room_ids})
    assert answer.status_code == 200, answer.text
    return [room["id"] for room in answer.json()["default_rooms"]]


def rooms_of_a_newcomer(server: Server, **fields: str) -> set[str]:
    """Make an account, and return the rooms that it is in."""
    api = f"{server.url}/api/v1"
    name = f"dora-{secrets.token_hex(4)}"
    answer = requests.post(
        f"{api}/auth/register", json={"username": name, "password": PASSWORD, **fields}, timeout=20
    )
    assert answer.status_code == 201, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    items = requests.get(f"{api}/rooms", headers=headers, timeout=20).json()["rooms"]
    return {item["room"]["id"] for item in items}


def test_newcomers_join_the_default_rooms_and_are_announced_there(
    world: World, server: Server
) -> None:
    harbour, quay = world.room(), world.carol.make_room("Quay")
    assert choose(world, quay, harbour, quay) == [quay, harbour]
    bob = world.bob.listen()
    assert rooms_of_a_newcomer(server) == {harbour, quay}
    line = bob.next("room:line")
    assert (line["room_id"], line["line"]["kind"]) == (harbour, "joined")
    assert choose(world) == []
    assert rooms_of_a_newcomer(server) == set()


def test_an_invite_leads_into_its_rooms_and_into_the_default_rooms(
    world: World, server: Server
) -> None:
    everybody, private = world.room(), world.room("private")
    choose(world, everybody)
    link = world.alice.post("/invites", {"room_ids": [private, everybody]}).json()
    assert rooms_of_a_newcomer(server, invite=link["code"]) == {everybody, private}


def test_a_room_that_is_no_longer_open_to_everybody_is_left_out(
    world: World, server: Server
) -> None:
    closed, archived, deleted, open_room = (world.alice.make_room(f"Pier {n}") for n in range(4))
    choose(world, closed, archived, deleted, open_room)
    world.alice.patch(f"/rooms/{closed}", {"kind": "private"})
    world.alice.patch(f"/rooms/{archived}", {"archived": True})
    world.alice.delete(f"/rooms/{deleted}")
    assert rooms_of_a_newcomer(server) == {open_room}
    shown = world.alice.get("/admin/settings").json()["default_rooms"]
    assert [room["id"] for room in shown] == [open_room]


def test_only_rooms_that_are_open_to_everybody_are_taken(world: World) -> None:
    harbour = world.room()
    archived = world.alice.make_room("Old pier")
    world.alice.patch(f"/rooms/{archived}", {"archived": True})
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    for wrong in (world.room("private"), archived, direct, "0" * 24):
        answer = world.alice.patch("/admin/settings", {"default_room_ids": [harbour, wrong]})
        assert (answer.status_code, answer.json()["error"]["fields"]) == (
            422,
            {"default_room_ids": "Newcomers can only join public rooms."},
        )
    assert world.alice.get("/admin/settings").json()["default_rooms"] == []
    assert world.bob.patch("/admin/settings", {"default_room_ids": [harbour]}).status_code == 403


def test_whoever_gets_an_account_on_a_page_begins_in_the_first_of_them(
    world: World, server: Server
) -> None:
    harbour, quay = world.room(), world.carol.make_room("Quay")
    choose(world, quay, harbour)
    link = world.alice.post("/invites", {}).json()["code"]
    for path, begins in (
        ("/register", f"/rooms/{quay}"),
        (f"/join/{link}", f"/rooms/{quay}"),
        (f"/register?next=/rooms/{harbour}", f"/rooms/{harbour}"),
    ):
        fields = {"username": f"dora-{secrets.token_hex(4)}", "password": PASSWORD}
        page = Browser(server).submit(path, **fields, display_name="")
        assert page.url == server.url + begins, path


def test_administrators_choose_them_on_a_page_without_scripts(world: World, server: Server) -> None:
    harbour, quay = world.room(), world.carol.make_room("Quay")
    alice = Browser(server).sign_in(world.alice)
    assert f'value="{quay}">' in alice.get("/admin/settings").text
    page = alice.submit("/admin/settings/default-rooms", default_room_ids=quay).text
    assert f'value="{quay}" checked>' in page
    assert f'value="{harbour}">' in page
    page = alice.submit("/admin/settings/default-rooms").text
    assert f'value="{quay}">' in page
    assert f'value="{harbour}">' in page
    bob = Browser(server).sign_in(world.bob)
    assert bob.submit("/admin/settings/default-rooms", default_room_ids=quay).status_code == 403
    assert bob.submit("/admin/first-steps/hide").status_code == 403

"""Administrators give and take the role, and deactivate accounts: nothing of them is lost."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, Person, World

DEACTIVATED = "This account is deactivated. Ask an administrator."


def change(world: World, whose: Person, **changes: Any) -> Any:
    answer = world.alice.patch(f"/admin/users/{whose.id}", changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


def log_in(person: Person, password: str = PASSWORD) -> requests.Response:
    body = {"username": person.username, "password": password}
    return requests.post(f"{person.server.url}/api/v1/auth/login", json=body, timeout=20)


def listed(world: World, **query: str) -> list[str]:
    found = world.alice.get("/admin/users", params=query).json()["users"]
    return [user["username"] for user in found]


def told(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


def test_a_deactivated_person_is_signed_out_and_comes_in_by_no_door(world: World) -> None:
    link = urlsplit(world.alice.post(f"/admin/users/{world.bob.id}/reset-link").json()["url"]).path
    phone, heard = world.bob.second_device(), world.bob.listen()
    assert change(world, world.bob, deactivated=True)["deactivated_at"]
    wait_until(lambda: not heard.client.connected, "his socket is closed")
    assert told(world.bob.get("/me")) == (401, DEACTIVATED)
    refreshed = phone.post("/auth/refresh", token=phone.refresh_token)
    assert told(refreshed) == (401, DEACTIVATED)
    assert told(log_in(world.bob)) == (401, DEACTIVATED)
    wrong = told(log_in(world.bob, "a wrong password"))
    assert wrong == (401, "Wrong username or password."), "nobody learns of the account by it"
    visitor = Browser(world.server)
    for answer in (visitor.get(link), visitor.submit(link, new_password="a new password")):
        assert answer.status_code == 404
    refused = world.alice.post(f"/admin/users/{world.bob.id}/reset-link")
    assert refused.json()["error"]["code"] == "conflict"


def test_nobody_finds_or_adds_a_deactivated_person_whose_words_and_places_stay(
    world: World,
) -> None:
    room_id, other = world.room(), world.alice.make_room("Cellar")
    invite = world.bob.post("/invites", {"room_ids": [room_id]}).json()["code"]
    said = world.bob.say(room_id, "zaffre")
    change(world, world.bob, deactivated=True)
    assert world.alice.get("/users", params={"q": "bob"}).json()["users"] == []
    refused = world.alice.post(f"/rooms/{other}/members", {"user_id": world.bob.id})
    assert refused.json()["error"]["code"] == "conflict"
    assert world.mallory.post("/invites/accept", {"code": invite}).status_code == 410
    members = world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    off = {each["user"]["id"]: each["deactivated"] for each in members}
    assert off == {world.alice.id: False, world.bob.id: True, world.carol.id: False}
    assert said["id"] in [each["id"] for each in world.alice.reads(room_id)["messages"]]
    found = world.alice.get("/search", params={"q": f"from:{world.bob.username} zaffre"}).json()
    assert [hit["message"]["id"] for hit in found["results"]] == [said["id"]]


def test_who_is_activated_again_has_everything_as_before(world: World) -> None:
    room_id = world.room("private")
    change(world, world.bob, deactivated=True)
    assert change(world, world.bob, deactivated=False)["deactivated_at"] is None
    assert world.bob.get("/me").status_code == 401, "the devices stay signed out"
    token = log_in(world.bob).json()["access_token"]
    rooms = world.bob.get("/rooms", token=token).json()["rooms"]
    assert [item["room"]["id"] for item in rooms] == [room_id]
    (found,) = world.alice.get("/users", params={"q": "bob"}).json()["users"]
    assert found["id"] == world.bob.id


def test_the_list_has_a_state_and_finds_names(world: World) -> None:
    change(world, world.bob, deactivated=True)
    assert listed(world, q="bob") == []
    assert listed(world, q="bob", state="all") == [world.bob.username]
    assert listed(world, q="bob", state="deactivated") == [world.bob.username]
    assert world.bob.username in listed(world, state="deactivated")
    assert world.alice.username not in listed(world, state="deactivated")
    assert listed(world, q="alice") == [world.alice.username]
    (alice,) = world.alice.get("/admin/users", params={"q": "alice"}).json()["users"]
    assert (alice["is_admin"], alice["deactivated_at"]) == (True, None)
    assert alice["last_seen_at"] >= alice["created_at"]
    assert world.alice.get("/admin/users", params={"state": "x"}).status_code == 422


def test_roles_and_names_are_given_and_taken(world: World) -> None:
    heard = world.carol.listen()
    assert world.bob.get("/admin/settings").status_code == 403
    assert change(world, world.bob, role="administrator")["is_admin"]
    assert world.bob.get("/admin/settings").status_code == 200, "at once"
    assert not change(world, world.bob, role="member")["is_admin"]
    assert world.bob.get("/admin/settings").status_code == 403
    world.room()
    assert change(world, world.bob, display_name="Robert")["display_name"] == "Robert"
    assert heard.next("user:updated")["user"]["display_name"] == "Robert"
    assert world.bob.get("/me").json()["display_name"] == "Robert"


def test_administrators_alone_look_after_people(world: World) -> None:
    for answer in (
        world.bob.get("/admin/users"),
        world.bob.patch(f"/admin/users/{world.bob.id}", {"role": "administrator"}),
        world.alice.patch(f"/admin/users/{world.alice.id}", {"deactivated": True}),
    ):
        assert answer.json()["error"]["code"] == "forbidden"
    unknown = world.alice.patch(f"/admin/users/{'0' * 24}", {"deactivated": True})
    assert unknown.status_code == 404

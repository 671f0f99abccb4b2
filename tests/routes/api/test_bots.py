"""Bots: programs write under a name of their own, with no more rights than their owner."""

from __future__ import annotations

import copy
import secrets
from pathlib import Path
from typing import Any

import pytest
import requests

from chat.models.database import database
from chat.models.document import id_from
from config import Settings
from tests.helpers.form_browser import Browser
from tests.helpers.servers import new_chat, wait_until
from tests.helpers.world import Person, World


class Robby:
    """A bot of somebody, as a program uses it."""

    def __init__(self, owner: Person, **wanted: Any):
        self.owner, self.username = owner, f"robby-{secrets.token_hex(4)}"
        answer = owner.post("/bots", {"username": self.username, **wanted})
        assert answer.status_code == 201, answer.text
        self.made = answer.json()
        self.id, self.token = self.made["bot"]["id"], self.made["token"]

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.owner.ask(method, path, token=self.token, json=body)

    def join(self, room_id: str) -> int:
        return self.ask("POST", f"/rooms/{room_id}/join").status_code

    def say(self, room_id: str, text: str = "deployed") -> requests.Response:
        body = {"body": text, "client_id": secrets.token_hex(8)}
        return self.ask("POST", f"/rooms/{room_id}/messages", body)


@pytest.fixture
def robby(world: World) -> Robby:
    return Robby(world.bob)


def private_room(world: World, *people: Person) -> str:
    """Return a private room of alice and some people."""
    room_id = world.alice.make_room("Bridge", "private")
    for person in people:
        added = world.alice.post(f"/rooms/{room_id}/members", {"user_id": person.id})
        assert added.status_code in (200, 201), added.text
    return room_id


def test_a_bot_is_made_with_a_token_and_writes_as_a_bot(world: World, robby: Robby) -> None:
    room_id = world.room()
    assert robby.made["bot"]["owner"]["id"] == world.bob.id
    assert robby.made["scopes"] == ["read", "write"]
    assert robby.join(room_id) == 200
    message = robby.say(room_id).json()
    assert message["author"]["is_bot"] is True
    assert message["author"]["username"] == robby.username
    assert world.bob.get("/me").json()["is_bot"] is False
    assert [each["id"] for each in world.bob.get("/bots").json()["bots"]] == [robby.id]


def test_its_profile_says_whose_it_is(world: World, robby: Robby) -> None:
    page = Browser(world.server).sign_in(world.carol).get(f"/people/{robby.username}").text
    assert "Bot of Bob" in page
    assert '<span class="app-badge">App</span>' in page


def test_a_bot_hears_its_rooms_over_a_socket(world: World, robby: Robby) -> None:
    room_id = world.room()
    robby.join(room_id)
    socket = world.bob.listen(auth={"token": robby.token})
    world.alice.say(room_id, "ahoy, robby")
    assert socket.next("message:posted")["message"]["body"] == "ahoy, robby"


def test_nobody_signs_in_as_a_bot_by_a_password(world: World, robby: Robby) -> None:
    body = {"username": robby.username, "password": "correct horse battery staple"}
    answer = requests.post(f"{world.server.url}/api/v1/auth/login", json=body, timeout=20)
    assert answer.status_code == 401


def test_whoever_may_add_members_adds_a_bot_which_is_not_asked(world: World, robby: Robby) -> None:
    room_id = private_room(world, world.bob)
    added = world.bob.post(f"/rooms/{room_id}/members", {"user_id": robby.id})
    assert added.status_code == 201, added.text
    assert robby.say(room_id).status_code == 201
    other = world.mallory.make_room("Cove", "public")
    assert world.mallory.post(f"/rooms/{other}/members", {"user_id": robby.id}).status_code == 201
    readers = world.bob.get(f"/rooms/{room_id}/readers").json()
    assert [bot["id"] for bot in readers["bots"]] == [robby.id]


def test_a_bot_is_in_a_private_room_only_beside_its_owner(world: World, robby: Robby) -> None:
    room_id = private_room(world)
    refused = world.alice.post(f"/rooms/{room_id}/members", {"user_id": robby.id})
    assert refused.json()["error"]["message"] == "The owner of this bot is not in this room."
    for user_id in (world.bob.id, robby.id):
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": user_id})
    assert robby.say(room_id).status_code == 201
    socket = world.bob.listen(auth={"token": robby.token})
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 204
    assert socket.next("room:removed")["room_id"] == room_id
    assert robby.say(room_id).status_code == 404
    members = world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    assert [each["user"]["id"] for each in members] == [world.alice.id]


def test_a_room_that_becomes_private_keeps_no_bot_without_its_owner(
    world: World, robby: Robby
) -> None:
    room_id = world.alice.make_room("Quay")
    robby.join(room_id)
    assert world.alice.patch(f"/rooms/{room_id}", {"kind": "private"}).status_code == 200
    assert robby.say(room_id).status_code == 404


def test_a_bot_has_no_higher_role_than_its_owner(world: World, robby: Robby) -> None:
    room_id = private_room(world, world.bob)
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": robby.id, "role": "moderator"})
    message_id = world.alice.say(room_id, "keep this")["id"]
    assert robby.ask("DELETE", f"/messages/{message_id}").status_code == 403
    world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "moderator"})
    assert robby.ask("DELETE", f"/messages/{message_id}").status_code == 200


def test_a_bot_that_others_made_owner_changes_nothing_that_its_owner_may_not(
    world: World,
) -> None:
    robby = Robby(world.bob, scopes=["read", "write", "manage"])
    room_id = private_room(world, world.bob)
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": robby.id})
    made = world.alice.patch(f"/rooms/{room_id}/members/{robby.id}", {"role": "owner"})
    assert made.status_code == 200, made.text
    changes = ({"topic": "x"}, {"name": "Pier"}, {"archived": True}, {"kind": "public"})
    for change in changes:
        assert robby.ask("PATCH", f"/rooms/{room_id}", change).status_code == 403, change
    command = {"text": "/topic slashed", "client_id": "c"}
    assert robby.ask("POST", f"/rooms/{room_id}/commands", command).status_code == 403
    room = world.alice.get(f"/rooms/{room_id}").json()
    assert (room["topic"], room["kind"], room["archived_at"]) == ("", "private", None)
    world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"})
    allowed = robby.ask("PATCH", f"/rooms/{room_id}", {"topic": "ours"})
    assert allowed.status_code == 200, allowed.text
    world.alice.put(f"/rooms/{room_id}/members/{world.bob.id}/mute", {})
    assert robby.ask("PATCH", f"/rooms/{room_id}", {"topic": "mine"}).status_code == 403


def test_a_room_that_a_bot_makes_belongs_to_its_owner_too(world: World) -> None:
    robby = Robby(world.bob, scopes=["read", "write", "manage"])
    for kind in ("private", "public"):
        made = robby.ask("POST", "/rooms", {"name": f"Ferry {robby.id} {kind}", "kind": kind})
        assert (made.status_code, made.json()["role"]) == (201, "owner"), made.text
        room_id = made.json()["id"]
        assert robby.say(room_id).status_code == 201
        assert world.bob.get(f"/rooms/{room_id}").json()["role"] == "owner"
        assert robby.ask("DELETE", f"/rooms/{room_id}").status_code == 204


def test_a_new_token_ends_the_earlier_ones_after_an_overlap(world: World, robby: Robby) -> None:
    again = world.bob.post(f"/bots/{robby.id}/token", {"scopes": ["read"]})
    assert again.status_code == 201
    assert robby.ask("GET", "/me").status_code == 200, "for a day"
    stored = [
        record["expires_at"] for record in database["sessions"].find({"user_id": id_from(robby.id)})
    ]
    assert len([each for each in stored if each]) == 1
    at_once = world.bob.post(f"/bots/{robby.id}/token", {"scopes": ["read"], "overlap": 0})
    assert robby.ask("GET", "/me").status_code == 401
    robby.token = at_once.json()["token"]
    assert robby.ask("GET", "/me").status_code == 200


def test_a_removed_bot_is_out_at_once_and_its_words_stay(world: World, robby: Robby) -> None:
    room_id = world.room()
    robby.join(room_id)
    message_id = robby.say(room_id, "still here").json()["id"]
    socket = world.bob.listen(auth={"token": robby.token})
    assert world.bob.delete(f"/bots/{robby.id}").status_code == 204
    wait_until(lambda: not socket.client.connected, "its socket is closed")
    refused = robby.ask("GET", "/me")
    assert refused.json()["error"]["message"].startswith("This token is not valid")
    members = world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    assert robby.id not in [each["user"]["id"] for each in members]
    assert world.alice.get(f"/messages/{message_id}").json()["author"]["username"] == robby.username
    assert world.bob.get("/bots").json()["bots"] == []


def test_without_its_owner_a_bot_stands_still_until_it_has_another(
    world: World, robby: Robby
) -> None:
    socket = world.bob.listen(auth={"token": robby.token})
    world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": True})
    wait_until(lambda: not socket.client.connected, "its socket is closed")
    refused = robby.ask("GET", "/me")
    assert refused.json()["error"]["message"] == "The owner of this bot is deactivated."
    assert world.carol.patch(f"/bots/{robby.id}", {"owner_id": world.carol.id}).status_code == 404
    given = world.alice.patch(f"/bots/{robby.id}", {"owner_id": world.carol.id})
    assert given.json()["owner"]["id"] == world.carol.id
    assert robby.ask("GET", "/me").status_code == 401, "the earlier owner has its tokens"
    made = world.carol.post(f"/bots/{robby.id}/token", {"scopes": ["read"]})
    robby.token = made.json()["token"]
    assert robby.ask("GET", "/me").status_code == 200
    assert [each["id"] for each in world.carol.get("/bots").json()["bots"]] == [robby.id]


def test_an_administrator_makes_no_token_of_anothers_bot(world: World, robby: Robby) -> None:
    refused = world.alice.post(f"/bots/{robby.id}/token", {"scopes": ["read"]})
    assert refused.status_code == 403
    assert world.alice.delete(f"/bots/{robby.id}").status_code == 204, "but ends it"


def test_with_another_owner_a_bot_leaves_the_private_rooms_of_the_first(
    world: World, robby: Robby
) -> None:
    room_id = private_room(world, world.bob)
    world.bob.post(f"/rooms/{room_id}/members", {"user_id": robby.id})
    assert robby.say(room_id).status_code == 201
    given = world.alice.patch(f"/bots/{robby.id}", {"owner_id": world.mallory.id})
    assert given.status_code == 200
    members = world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    assert robby.id not in [each["user"]["id"] for each in members]


def test_who_is_muted_banned_or_blocked_gets_no_further_by_a_bot(
    world: World, robby: Robby
) -> None:
    room_id = world.alice.make_room("Quay")
    world.bob.join(room_id)
    robby.join(room_id)
    assert world.alice.put(f"/rooms/{room_id}/members/{world.bob.id}/mute", {}).status_code == 200
    assert robby.say(room_id).status_code == 403
    banned = world.alice.post(f"/rooms/{room_id}/bans", {"user_id": world.bob.id})
    assert banned.status_code == 201
    assert robby.say(room_id).status_code == 404
    assert robby.join(room_id) == 403
    assert world.carol.put(f"/users/{world.bob.id}/block").status_code in (200, 204)
    opened = robby.ask("POST", "/direct-rooms", {"user_ids": [world.carol.id]})
    assert opened.status_code == 403


def test_a_leavers_bot_brings_nobody_in(world: World) -> None:
    robby = Robby(world.bob, scopes=["read", "write", "manage"])
    room_id = private_room(world, world.bob)
    world.bob.post(f"/rooms/{room_id}/members", {"user_id": robby.id})
    made = robby.ask("POST", "/invites", {"room_ids": [room_id]})
    assert made.status_code == 201, made.text
    code = made.json()["code"]
    world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": True})
    accepted = world.mallory.post("/invites/accept", {"code": code})
    assert accepted.status_code in (404, 410)


def test_a_bot_has_no_role_no_bots_and_no_account_to_settle(world: World, robby: Robby) -> None:
    changed = world.alice.patch(f"/admin/users/{robby.id}", {"role": "administrator"})
    assert changed.json()["error"]["message"] == "A bot has no role in the chat."
    asked = world.alice.post(f"/admin/users/{robby.id}/reset-link")
    assert asked.status_code == 409
    for method, path in (("GET", "/bots"), ("GET", "/me/sessions"), ("GET", "/me/tokens")):
        assert robby.ask(method, path).status_code == 403


def test_others_do_not_touch_it(world: World, robby: Robby) -> None:
    for method, path, body in (
        ("PATCH", f"/bots/{robby.id}", {"display_name": "mine"}),
        ("DELETE", f"/bots/{robby.id}", None),
        ("POST", f"/bots/{robby.id}/token", {"scopes": ["read"]}),
    ):
        assert world.mallory.ask(method, path, json=body).status_code == 404
    taken = world.bob.patch(f"/bots/{robby.id}", {"owner_id": world.carol.id})
    assert taken.status_code == 403


def test_names_follow_the_rules_of_people(world: World, robby: Robby) -> None:
    taken = world.carol.post("/bots", {"username": robby.username})
    assert taken.status_code == 409
    assert world.carol.post("/bots", {"username": "admin"}).status_code == 422
    renamed = world.bob.patch(f"/bots/{robby.id}", {"display_name": "Robby the robot"})
    assert renamed.json()["display_name"] == "Robby the robot"


def test_bots_that_answer_each_other_are_slowed(
    world: World, settings: Settings, folder: Path
) -> None:
    limits = {"RATE_LIMITS": "on", "LIMIT_BOT_ANSWERS": "5 per hour"}
    with new_chat(folder, settings.mongo_uri, **limits) as server:
        bob = copy.copy(world.bob)
        bob.server = server
        robby, twin = Robby(bob), Robby(bob)
        room_id = world.room()
        assert [each.join(room_id) for each in (robby, twin)] == [200, 200]
        statuses = [(robby, twin)[turn % 2].say(room_id).status_code for turn in range(7)]
        assert statuses == [201] * 6 + [429]
        refused = robby.say(room_id)
        assert int(refused.headers["Retry-After"]) > 0
        assert [bob.say(room_id, "stop it")["body"], robby.say(room_id).status_code] == [
            "stop it",
            201,
        ]


def test_a_bot_reads_that_it_is_not_in_a_public_room_and_who_can_add_it(
    world: World, robby: Robby
) -> None:
    room_id = world.room(name="Harbour")
    told = "You are not in Harbour. Join it, or ask its members to add you."
    for refused in (
        robby.say(room_id),
        robby.ask("GET", f"/rooms/{room_id}/messages"),
        robby.ask("GET", f"/rooms/{room_id}/stream"),
        world.mallory.get(f"/rooms/{room_id}/members"),
    ):
        assert refused.status_code == 404
        assert refused.json()["error"]["message"] == told
        assert refused.json()["error"]["code"] == "not_found"
    hidden = private_room(world, world.bob)
    for nowhere in (hidden, "f" * 24):
        answer = robby.say(nowhere).json()["error"]
        assert answer["message"] == "There is no such room."
    assert robby.join(room_id) == 200
    assert robby.say(room_id).status_code == 201
    assert world.alice.delete(f"/rooms/{room_id}/members/{robby.id}").status_code == 204
    assert "its moderators can add you again" in robby.say(room_id).json()["error"]["message"]
    world.alice.post(f"/rooms/{room_id}/bans", {"user_id": world.bob.id})
    banned = robby.say(room_id).json()["error"]["message"]
    assert banned == "You are banned from Harbour."
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    assert robby.say(room_id).json()["error"]["message"] == "There is no such room."

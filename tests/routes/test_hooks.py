"""Incoming webhooks: tools post into a room by one request, signed in as nobody."""

from __future__ import annotations

import copy
import json
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
from tests.helpers.world import World

JSON = {"Content-Type": "application/json"}


class Hook:
    """An incoming webhook of a room, which alice made."""

    def __init__(self, world: World, name: str = "Deploys", kind: str = "private"):
        self.world, self.room_id = world, world.room(kind)
        answer = world.alice.post(f"/rooms/{self.room_id}/incoming-webhooks", {"name": name})
        assert answer.status_code == 201, answer.text
        self.made = answer.json()
        self.url, self.path = self.made["url"], f"/rooms/{self.room_id}/incoming-webhooks"

    def post(self, payload: Any, **headers: str) -> requests.Response:
        return self.send(json.dumps(payload).encode(), JSON | headers)

    def send(self, body: bytes, headers: dict[str, str]) -> requests.Response:
        return requests.post(self.url, data=body, headers=headers, timeout=20)

    @property
    def messages(self) -> list[Any]:
        found: list[Any] = self.world.bob.reads(self.room_id)["messages"]
        return found


@pytest.fixture
def hook(world: World) -> Hook:
    return Hook(world)


def test_one_line_of_curl_posts_as_an_app(hook: Hook) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}  # as `curl -d` says of anything
    answer = hook.send(b'{"text": "deploy *done*, see <https://ci.example|the log>"}', form)
    assert (answer.status_code, answer.text) == (200, "ok")
    (message,) = hook.messages
    assert message["body"] == "deploy **done**, see [the log](https://ci.example)"
    author = message["author"]
    assert (author["display_name"], author["is_bot"], author["username"]) == ("Deploys", True, "")


def test_it_is_heard_live_and_counts_as_unread_for_everybody(world: World, hook: Hook) -> None:
    socket = world.bob.listen()
    hook.post({"text": f"ahoy @{world.bob.username}"})
    heard = socket.next("message:posted")["message"]
    assert heard["author"]["display_name"] == "Deploys"
    assert heard["mentions"] == [world.bob.id]
    assert world.alice.standing(hook.room_id)["unread"] == 1, "whoever made it did not write it"
    assert world.bob.standing(hook.room_id)["mentions"] == 1


def test_a_tool_may_call_itself_otherwise_and_each_name_has_an_id(hook: Hook) -> None:
    for name, icon in (("Grafana", ":rocket:"), ("Grafana", ":rocket:"), ("Sentry", None)):
        hook.post({"text": "x", "username": name, "icon_emoji": icon})
    authors = [message["author"] for message in hook.messages]
    assert [author["display_name"] for author in authors] == ["🚀 Grafana", "🚀 Grafana", "Sentry"]
    first, second, third = [author["id"] for author in authors]
    assert first == second != third


def test_the_page_shows_the_app_without_a_profile(world: World, hook: Hook) -> None:
    hook.post({"text": "deployed", "username": "Grafana"})
    page = Browser(world.server).sign_in(world.bob).get(f"/rooms/{hook.room_id}").text
    row = page.partition("deployed")[0].rpartition('<li class="message')[2]
    assert "Grafana" in row
    assert '<span class="app-badge">App</span>' in row
    assert "/people/" not in row


def test_the_same_idempotency_key_posts_once(hook: Hook) -> None:
    same = {"Idempotency-Key": "deploy-7"}
    assert [hook.post({"text": "once"}, **same).status_code for _ in range(3)] == [200] * 3
    other = hook.post({"text": "other"}, **same)
    assert other.status_code == 409
    assert "Idempotency-Key" in other.json()["error"]["message"], "in the tool's own words"
    hook.post({"text": "once"}, **{"Idempotency-Key": "deploy-8"})
    assert [message["body"] for message in hook.messages] == ["once", "once"]


def test_what_cannot_be_shown_is_refused_with_a_sentence(hook: Hook) -> None:
    for body in (b"{", b"{}", b'{"text": ""}', b"[]"):
        answer = hook.send(body, JSON)
        assert answer.status_code == 422, body
        assert answer.json()["error"]["message"]
    assert hook.messages == []


def test_an_unknown_address_is_not_found(world: World, hook: Hook) -> None:
    for secret in ("x", secrets.token_urlsafe(24), hook.url[-31:]):
        answer = requests.post(f"{world.server.url}/hooks/{secret}", json={"text": "x"}, timeout=20)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_a_tool_that_does_not_post_reads_what_to_do_and_no_page(world: World, hook: Hook) -> None:
    for url in (hook.url, f"{world.server.url}/commands/answers/x"):
        answer = requests.get(url, timeout=20)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
        assert answer.json()["error"]["message"] == "This cannot be done here. Use POST."


def test_an_exchanged_address_and_a_removed_webhook_end_at_once(world: World, hook: Hook) -> None:
    new = world.alice.post(f"{hook.path}/{hook.made['id']}/url").json()["url"]
    assert hook.post({"text": "old"}).status_code == 404
    hook.url = new
    assert hook.post({"text": "new"}).status_code == 200
    assert world.alice.delete(f"{hook.path}/{hook.made['id']}").status_code == 204
    assert hook.post({"text": "gone"}).status_code == 404
    assert [message["body"] for message in hook.messages] == ["new"], "what it wrote stays"


def test_the_address_is_shown_once_and_stored_nowhere(world: World, hook: Hook) -> None:
    hook.post({"text": "x"})
    (listed,) = world.alice.get(hook.path).json()["incoming_webhooks"]
    assert (listed["name"], listed["url"]) == ("Deploys", None)
    assert listed["used_at"]
    secret = hook.url.rpartition("/")[2]
    stored = database["incoming_webhooks"].find_one({"_id": id_from(hook.made["id"])})
    assert stored
    assert secret not in str(stored)
    assert b"Deploys" not in bytes(stored["name"])
    assert secret not in world.server.log.read_text()


def test_members_and_strangers_manage_no_webhooks(world: World, hook: Hook) -> None:
    for person, status in ((world.bob, 403), (world.mallory, 404)):
        assert person.get(hook.path).status_code == status
        assert person.post(hook.path, {"name": "mine"}).status_code == status
        assert person.delete(f"{hook.path}/{hook.made['id']}").status_code == status


def test_a_webhook_stops_with_its_room(world: World, hook: Hook) -> None:
    assert world.alice.patch(f"/rooms/{hook.room_id}", {"archived": True}).status_code == 200
    assert hook.post({"text": "x"}).status_code == 403
    assert world.alice.delete(f"/rooms/{hook.room_id}").status_code == 204
    assert hook.post({"text": "x"}).status_code == 404


def test_each_webhook_has_a_limit_that_says_when_to_come_again(
    world: World, settings: Settings, folder: Path
) -> None:
    limits = {"RATE_LIMITS": "on", "LIMIT_INCOMING_WEBHOOK": "2 per hour"}
    hook = Hook(world)
    with new_chat(folder, settings.mongo_uri, **limits) as server:
        hook.url = hook.url.replace(f":{world.server.port}", f":{server.port}")
        answers = [hook.post({"text": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["Retry-After"]) > 0


def test_its_messages_are_reported_deleted_and_answered_as_others(world: World, hook: Hook) -> None:
    for number in range(3):
        hook.post({"text": f"number {number}", "username": "Grafana"})
    first, second, third = [message["id"] for message in hook.messages]
    assert world.bob.post(f"/messages/{first}/report", {"reason": "spam"}).status_code == 201
    (report, *_) = world.alice.get("/admin/reports").json()["reports"]
    assert report["message"]["body"] == "number 0"
    assert world.alice.delete(f"/messages/{second}").status_code == 200
    assert world.alice.get(f"/rooms/{hook.room_id}/audit").status_code == 200
    body = {"body": "noted", "client_id": "r", "reply_to_id": third}
    answer = world.bob.post(f"/rooms/{hook.room_id}/messages", body)
    assert answer.json()["reply_to"]["author"]["display_name"] == "Grafana"
    found = world.bob.get("/search", params={"q": "number"}).json()["results"]
    assert {each["message"]["author"]["display_name"] for each in found} == {"Grafana"}


def test_nobody_finds_writes_to_or_signs_in_to_its_account(world: World, hook: Hook) -> None:
    hook.post({"text": "x"})
    account = copy.copy(database["users"].find_one({"_id": id_from("0" * 23 + "1")}))
    assert account
    assert world.bob.get("/users", params={"q": "webhook"}).json()["users"] == []
    listed = world.alice.get("/admin/users", params={"state": "all"}).json()["users"]
    assert "0" * 23 + "1" not in [each["id"] for each in listed]
    opened = world.bob.post("/direct-rooms", {"user_ids": [str(account["_id"])]})
    assert opened.status_code == 422
    login = {"username": account["username"], "password": ""}
    answer = requests.post(f"{world.server.url}/api/v1/auth/login", json=login, timeout=20)
    assert answer.status_code in (401, 422)


@pytest.mark.parametrize("messages", ["keep", "erase"])
def test_the_owners_see_and_end_the_webhook_of_somebody_who_is_erased(
    world: World, messages: str
) -> None:
    """Alerts must not stop with their maker; whoever owns the room then answers for them."""
    room_id = world.mallory.make_room("Lighthouse")  # nobody else owns it
    world.mallory.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id})
    invited = world.bob.get("/me/room-invitations").json()["invitations"]
    for each in invited:
        assert world.bob.post(f"/me/room-invitations/{each['id']}/accept").ok
    path = f"/rooms/{room_id}/incoming-webhooks"
    made = world.mallory.post(path, {"name": "Deploys"}).json()
    assert world.bob.get(path).status_code == 403
    body = {"messages": messages}
    erased = world.alice.ask("DELETE", f"/admin/users/{world.mallory.id}", json=body)
    assert erased.ok, erased.text
    wait_until(lambda: world.bob.get(path).status_code == 200, "bob owns the room now")

    def post(key: str) -> int:
        headers = JSON | {"Idempotency-Key": key}
        return requests.post(
            made["url"], b'{"text": "up"}', headers=headers, timeout=20
        ).status_code

    def maker() -> Any:
        (listed,) = world.bob.get(path).json()["incoming_webhooks"]
        return listed["made_by"]

    wait_until(lambda: world.mallory.username not in str(maker()), "her name is gone")
    assert post("a tool") == 200
    assert [each["body"] for each in world.bob.reads(room_id)["messages"]][-1] == "up"
    page = Browser(world.server).sign_in(world.bob)
    shown = page.get(f"/rooms/{room_id}/integrations").text
    assert "Deploys" in shown and world.mallory.username not in shown
    removing = f"/rooms/{room_id}/integrations/{made['id']}/remove"
    assert removing in shown
    assert "No tools yet." in page.submit(removing).text
    assert post("another tool") == 404
    assert world.bob.get(path).json()["incoming_webhooks"] == []


def test_a_webhook_ends_with_the_last_one_of_a_private_room_and_waits_in_a_public_one(
    world: World,
) -> None:
    made = {}
    for kind in ("private", "public"):
        room_id = world.mallory.make_room(f"Lighthouse {kind}", kind)
        path = f"/rooms/{room_id}/incoming-webhooks"
        made[kind] = world.mallory.post(path, {"name": "Deploys"}).json()
    body = {"messages": "keep"}
    assert world.alice.ask("DELETE", f"/admin/users/{world.mallory.id}", json=body).ok

    def post(kind: str) -> int:
        url = made[kind]["url"]
        return requests.post(url, b'{"text": "up"}', headers=JSON, timeout=20).status_code

    wait_until(lambda: post("private") == 404, "nobody could ever read or end it")
    query = {"_id": id_from(made["private"]["id"])}
    assert database["incoming_webhooks"].find_one(query) is None
    assert post("public") == 200, "who joins reads it, and an administrator may own the room"

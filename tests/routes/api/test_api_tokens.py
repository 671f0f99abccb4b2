"""API tokens: a program acts for a person, within scopes, until the token ends."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import socketio
from flask import Flask

from chat.models.api_token import ApiToken
from chat.models.database import database
from chat.models.document import id_from, new_id
from chat.utils.clock import now
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, Person, World

# Operations that no token may do: with them a stolen token could take the account over.
PEOPLE_ALONE = {
    "beginMySecondFactor",
    "confirmMySecondFactor",
    "turnOffMySecondFactor",
    "renewMyRecoveryCodes",
    "listMyPasskeys",
    "addPasskey",
    "beginPasskey",
    "renamePasskey",
    "removePasskey",
    "exportRoom",
    "exportMyData",
    "listMyExports",
    "getExport",
    "getExportFile",
    "deleteExport",
    "getMyEmail",
    "changeMyEmail",
    "confirmMyEmail",
    "removeMyEmail",
    "listMyIdentities",
    "disconnectIdentity",
    "listMySessions",
    "endMySession",
    "endMyOtherSessions",
    "changeMyPassword",
    "changeMyPreferences",
    "eraseMe",
    "listMyTokens",
    "makeToken",
    "revokeToken",
    "listMyBots",
    "makeBot",
    "changeBot",
    "removeBot",
    "makeBotToken",
    "getPushKey",
    "listMyPushSubscriptions",
    "addPushSubscription",
    "removePushSubscription",
    "testPushSubscription",
    "blockUser",
    "unblockUser",
    "acceptInvite",
    "makeResetLink",
    "removeSecondFactor",
    "refreshTokens",  # by a refresh token
    "logOut",
}


def make(person: Person, *scopes: str, **wanted: Any) -> Any:
    """Return a new token, as the API answers."""
    answer = person.post("/me/tokens", {"name": "deploy", "scopes": [*scopes], **wanted})
    assert answer.status_code == 201, answer.text
    return answer.json()


def say(person: Person, token: str, room_id: str, client_id: str = "once") -> Any:
    body = {"body": "deployed", "client_id": client_id}
    return person.ask("POST", f"/rooms/{room_id}/messages", token=token, json=body)


def test_a_token_is_shown_once_and_acts_for_its_person(world: World) -> None:
    room_id = world.room()
    token = make(world.bob, "read", "write")
    assert token["token"].startswith("rtc_")
    assert len(token["token"]) == 44
    answer = say(world.bob, token["token"], room_id)
    assert answer.status_code == 201
    assert answer.json()["author"]["id"] == world.bob.id
    (listed,) = world.bob.get("/me/tokens").json()["tokens"]
    assert "token" not in listed
    assert (listed["name"], listed["scopes"]) == ("deploy", ["read", "write"])
    stored = database["sessions"].find_one({"_id": id_from(token["id"])})
    assert stored
    assert token["token"][20:] not in str(stored)
    assert b"deploy" not in bytes(stored["name"])


def test_the_last_use_is_shown(world: World) -> None:
    token = make(world.bob, "read")
    assert token["used_at"] is None
    assert world.bob.ask("GET", "/me", token=token["token"]).status_code == 200
    (listed,) = world.bob.get("/me/tokens").json()["tokens"]
    assert listed["used_at"], "a first use is noted at once"
    an_hour_ago = {"$set": {"refreshed_at": now() - timedelta(hours=1)}}
    database["sessions"].update_one({"_id": id_from(token["id"])}, an_hour_ago)
    assert world.bob.ask("GET", "/me", token=token["token"]).status_code == 200
    (listed,) = world.bob.get("/me/tokens").json()["tokens"]
    assert listed["used_at"] > (now() - timedelta(minutes=1)).isoformat()


def test_a_token_does_what_its_scopes_say_and_nothing_else(world: World) -> None:
    room_id = world.room()
    reads, writes = make(world.bob, "read")["token"], make(world.bob, "write")["token"]
    manages = make(world.bob, "manage")["token"]

    def status(method: str, path: str, token: str, **options: Any) -> int:
        return world.bob.ask(method, path, token=token, **options).status_code

    messages = f"/rooms/{room_id}/messages"
    assert [status("GET", messages, token) for token in (reads, writes, manages)] == [200, 403, 403]
    assert say(world.bob, reads, room_id).json()["error"]["message"] == (
        "This token lacks the scope “write”."
    )
    assert say(world.bob, manages, room_id).status_code == 403
    assert say(world.bob, writes, room_id).status_code == 201
    new = {"name": "of a token", "kind": "private"}
    made = [status("POST", "/rooms", token, json=new) for token in (reads, writes, manages)]
    assert made == [403, 403, 201]
    assert status("GET", "/admin/users", reads) == 403


def test_the_scope_admin_is_for_administrators_alone(world: World) -> None:
    refused = world.bob.post("/me/tokens", {"name": "root", "scopes": ["admin"]})
    assert refused.json()["error"]["code"] == "forbidden"
    token = make(world.alice, "admin")["token"]
    assert world.alice.ask("GET", "/admin/users", token=token).status_code == 200
    assert world.alice.ask("GET", "/me", token=token).status_code == 403


def test_every_operation_has_a_scope_or_is_for_people_alone(world: World, app: Flask) -> None:
    described = app.test_client().get("/api/v1/openapi.json").json
    assert described
    without = set()
    for operations in described["paths"].values():
        for operation in operations.values():
            needs_person = isinstance(operation, dict) and operation.get("security") != []
            if needs_person and "x-scope" not in operation:
                without.add(operation["operationId"])
    assert without == PEOPLE_ALONE


def test_every_operation_of_people_alone_says_so_and_so_does_its_refusal(
    world: World, app: Flask
) -> None:
    described = app.test_client().get("/api/v1/openapi.json").json
    assert described
    token, said = make(world.alice, "read", "write", "manage", "admin")["token"], set()
    for path, operations in described["paths"].items():
        for method in set(operations) & {"get", "post", "put", "patch", "delete"}:
            operation = operations[method]
            if "Needs a person's sign-in" not in operation.get("description", ""):
                continue
            said.add(operation["operationId"])
            place = re.sub(r"{\w+}", str(new_id()), path.removeprefix("/api/v1"))
            answer = world.alice.ask(method.upper(), place, token=token)
            assert answer.status_code == 403, path
            assert answer.json()["error"]["message"] == (
                "Only a person who is signed in can do this, not a token."
            )
    assert said == PEOPLE_ALONE - {"refreshTokens", "logOut"}, "which no access token is for"


def test_nothing_of_people_alone_is_open_to_a_token(world: World) -> None:
    token = make(world.alice, "read", "write", "manage", "admin")["token"]
    new = {"current_password": PASSWORD, "new_password": "a new horse battery staple"}
    for method, path, body in (
        ("PUT", "/me/password", new),
        ("GET", "/me/sessions", None),
        ("POST", "/me/tokens", {"name": "another", "scopes": ["read"]}),
        ("DELETE", "/me", {"password": PASSWORD, "messages": "keep"}),
        ("POST", f"/admin/users/{world.bob.id}/reset-link", None),
    ):
        answer = world.alice.ask(method, path, token=token, json=body)
        assert answer.status_code == 403, path
        assert "Only a person who is signed in" in answer.json()["error"]["message"]


def test_a_revoked_token_is_refused_and_its_sockets_close(world: World) -> None:
    token = make(world.bob, "read", "write")
    socket = world.bob.listen(auth={"token": token["token"]})
    assert world.bob.delete(f"/me/tokens/{token['id']}").status_code == 204
    wait_until(lambda: not socket.client.connected, "the socket is closed")
    refused = world.bob.ask("GET", "/me", token=token["token"])
    assert refused.json()["error"]["code"] == "unauthenticated"
    assert world.bob.get("/me/tokens").json()["tokens"] == []
    assert world.bob.delete(f"/me/tokens/{token['id']}").status_code == 404


def test_a_token_ends_when_its_time_is_over_and_its_sockets_close(world: World) -> None:
    token = make(world.bob, "read", expires_in=60)
    socket = world.bob.listen(auth={"token": token["token"]})
    over = {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    database["sessions"].update_one({"_id": id_from(token["id"])}, over)
    wait_until(lambda: not socket.client.connected, "the socket is closed")
    assert world.bob.ask("GET", "/me", token=token["token"]).status_code == 401
    assert world.bob.get("/me/tokens").json()["tokens"] == []


def test_a_socket_needs_the_scope_read_and_each_event_its_own(world: World) -> None:
    room_id = world.room()
    client = socketio.Client(reconnection=False)
    reasons: list[Any] = []
    client.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(world.server.url, auth={"token": make(world.bob, "write")["token"]})
    assert reasons == [{"message": "forbidden"}]
    socket = world.bob.listen(auth={"token": make(world.bob, "read")["token"]})
    sent = {"room_id": room_id, "client_id": "a", "body": "no"}
    assert socket.call("message:send", sent)["error"]["code"] == "forbidden"
    assert socket.call("room:catch_up", {"room_id": room_id, "after": 0})["ok"]


def test_tokens_outlive_a_new_password_and_end_with_a_deactivation(world: World) -> None:
    token = make(world.bob, "read")["token"]
    new = {"current_password": PASSWORD, "new_password": "a new horse battery staple"}
    assert world.bob.put("/me/password", new).status_code == 204
    assert world.bob.ask("GET", "/me", token=token).status_code == 200
    socket = world.bob.listen(auth={"token": token})
    for off in (True, False):
        changed = world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": off})
        assert changed.status_code == 200
    wait_until(lambda: not socket.client.connected, "the socket is closed")
    assert world.bob.ask("GET", "/me", token=token).status_code == 401


@pytest.mark.parametrize("text", ["rtc_", "rtc_" + "A" * 40, "rtc_" + "é" * 40, "rtc_" + "A" * 400])
def test_what_is_no_token_is_refused(world: World, text: str) -> None:
    answer = world.bob.ask("GET", "/me", token=text.encode().decode("latin-1"))
    assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_token_of_another_secret_is_refused(world: World) -> None:
    text = make(world.bob, "read")["token"]
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert world.bob.ask("GET", "/me", token=other).status_code == 401


def test_a_token_is_no_cookie_and_no_device(world: World) -> None:
    token = make(world.bob, "read")
    assert token["id"] not in [
        each["id"] for each in world.bob.get("/me/sessions").json()["sessions"]
    ]
    assert world.bob.delete(f"/me/sessions/{token['id']}").status_code == 404
    assert world.bob.delete("/me/sessions").status_code == 204
    assert world.bob.ask("GET", "/me", token=token["token"]).status_code == 200
    user_id = id_from(world.bob.id)
    assert user_id
    assert [str(each.id) for each in ApiToken.sessions_of(user_id)] == [token["id"]]


def test_others_tokens_are_nobodys_business(world: World) -> None:
    token = make(world.bob, "read")
    assert world.mallory.delete(f"/me/tokens/{token['id']}").status_code == 404
    assert world.mallory.get("/me/tokens").json()["tokens"] == []


def test_what_answers_with_something_to_read_takes_the_scope_read(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "the harbour is closed")
    hook = {"name": "Deploys", "url": "https://example.org/", "events": ["message:posted"]}
    hooks = f"/rooms/{room_id}/outgoing-webhooks"
    hook_id = world.alice.post(hooks, hook).json()["id"]
    remind = {"text": "/remind list", "client_id": "list"}
    scopes = "write", "manage"
    alone, reads = (make(world.alice, *some)["token"] for some in (scopes, ("read", *scopes)))
    for method, path, body in (
        ("PUT", f"/messages/{said['id']}/reactions/👍", None),
        ("DELETE", f"/messages/{said['id']}/reactions/👍", None),
        ("PUT", f"/messages/{said['id']}/pin", None),
        ("DELETE", f"/messages/{said['id']}/pin", None),
        ("POST", f"/rooms/{room_id}/commands", remind),
        ("GET", f"/outgoing-webhooks/{hook_id}/deliveries", None),
    ):
        refused = world.alice.ask(method, path, token=alone, json=body)
        assert refused.status_code == 403, path
        assert refused.json()["error"]["message"] == "This token lacks the scope “read”."
        assert world.alice.ask(method, path, token=reads, json=body).status_code == 200, path
    for path in (
        f"{hooks}/{hook_id}/test",
        f"/outgoing-webhooks/{hook_id}/deliveries/{hook_id}/retry",
    ):
        assert world.alice.ask("POST", path, token=alone).status_code == 403, path
    sets = {"text": "/remind me in 10 minutes check the oven", "client_id": "sets"}
    path = f"/rooms/{room_id}/commands"
    assert world.alice.ask("POST", path, token=alone, json=sets).status_code == 200

"""Signing in by a passkey: what refuses it, and whom it keeps out."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

import pytest
import requests
from flask import Flask

from chat import extensions
from chat.models.database import database
from chat.models.document import id_from
from chat.utils.passwords import hash_of_nothing
from config import Settings
from tests.helpers.authenticator import Authenticator
from tests.helpers.passkeys import (
    UNKNOWN,
    USED,
    Passkey,
    added,
    asked,
    begun,
    introduced,
    origin_of,
    refusal,
    signed_in,
)
from tests.helpers.servers import Server, wait_until
from tests.helpers.world import PASSWORD, World


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost"},
        {"rp_id": "evil.example"},
        {"flags": USED},
        {"flags": 0},
    ],
    ids=["origin", "port", "host", "locked", "absent"],
)
def test_what_another_site_or_a_locked_device_says_signs_nobody_in(
    world: World, said: dict[str, str]
) -> None:
    passkey = added(world.bob)
    assert refusal(signed_in(world.server, passkey, **said)) == (401, UNKNOWN)
    assert signed_in(world.server, passkey).status_code == 200


def test_a_challenge_is_answered_once_also_by_two_at_once(
    world: World, two_workers: Server
) -> None:
    passkey = added(world.bob)
    passkey.count = None  # so that the challenge alone decides
    one = asked(two_workers)
    assert signed_in(two_workers, passkey, one).status_code == 200
    assert refusal(signed_in(two_workers, passkey, one)) == (401, UNKNOWN)
    another = asked(two_workers)
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda _: signed_in(two_workers, passkey, another), range(4))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_a_challenge_of_anybody_else_counts_for_nothing(world: World) -> None:
    passkey = added(world.bob)
    mine, other = asked(world.server), asked(world.server)
    swapped = mine | {"public_key": other["public_key"]}
    assert refusal(signed_in(world.server, passkey, swapped)) == (401, UNKNOWN)
    forged = mine | {"token": mine["token"][:-2] + "xx"}
    late = (401, "That took too long. Try again.")
    assert refusal(signed_in(world.server, passkey, forged)) == late
    of_adding = asked(world.server) | {"token": begun(world.bob)["token"]}
    assert refusal(signed_in(world.server, passkey, of_adding)) == late


def test_a_passkey_that_counts_back_is_a_copy(world: World) -> None:
    passkey = added(world.bob)
    assert signed_in(world.server, passkey).status_code == 200
    for count in (0, -2):  # with the next use: 1 again, and less
        passkey.count = max(0, count)
        assert refusal(signed_in(world.server, passkey)) == (401, UNKNOWN)
    passkey.count = 7
    assert signed_in(world.server, passkey).status_code == 200
    passkey.count = None
    assert signed_in(world.server, passkey).status_code == 200, "a device that stopped counting"


def test_a_passkey_opens_its_own_account_alone(world: World) -> None:
    bobs, carols = added(world.bob), added(world.carol)
    own, bobs.handle = bobs.handle, carols.handle
    assert refusal(signed_in(world.server, bobs)) == (401, UNKNOWN), "it says that it is carol's"
    bobs.handle = own
    assert signed_in(world.server, bobs).json()["user"]["id"] == world.bob.id
    bobs.id, carols.id = carols.id, bobs.id
    assert refusal(signed_in(world.server, bobs)) == (401, UNKNOWN), "bob's key, carol's id"
    bobs.handle = carols.handle
    assert refusal(signed_in(world.server, bobs)) == (401, UNKNOWN), "and her handle"
    stored = database["passkeys"].find_one({"user_id": id_from(world.carol.id)})
    assert stored
    mallorys = added(world.mallory)
    planted = {"$set": {"user_id": id_from(world.carol.id)}}
    database["passkeys"].update_one({"user_id": id_from(world.mallory.id)}, planted)
    mallorys.handle = carols.handle
    refused = refusal(signed_in(world.server, mallorys))
    assert refused == (401, UNKNOWN), "nor does who writes to the database give it to carol"


def test_nonsense_signs_nobody_in_and_is_no_defect(world: World) -> None:
    """The server's log is looked at when it ends: an error in it fails the run."""
    passkey, url = added(world.bob), f"{world.server.url}/api/v1/auth/passkey"
    origin = origin_of(world.server)
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for nonsense in ("", "AAAA", "gYGB" * 300, "_____w", "e30", "bnVsbA"):
            beginning = asked(world.server)
            said = passkey.answer(beginning["public_key"]["challenge"], origin, "localhost")
            said["response"][part] = nonsense
            body = {"token": beginning["token"], "credential": said}
            answer = requests.post(url, json=body, timeout=20)
            assert refusal(answer) == (401, UNKNOWN) or answer.status_code == 422, "it is too long"
    for nonsense in ("", "AAAA", "gYGB" * 700, "oWNmbXRkbm9uZQ"):
        beginning = begun(world.bob)
        made = Passkey(beginning["public_key"]).introduction(
            beginning["public_key"]["challenge"], origin, "localhost"
        )
        made["response"]["attestationObject"] = nonsense
        body = {"token": beginning["token"], "credential": made}
        assert world.bob.post("/me/passkeys", body).status_code == 409
    assert signed_in(world.server, passkey).status_code == 200


# leavers, lost phones, other ways to sign in


def test_a_deactivated_person_stays_outside_in_every_process_at_once(
    world: World, two_workers: Server
) -> None:
    passkey = added(world.bob)
    assert signed_in(two_workers, passkey).status_code == 200
    path = f"/admin/users/{world.bob.id}"
    assert world.alice.patch(path, {"deactivated": True}).status_code == 200
    for _ in range(6):  # both workers answer some of them
        answer = signed_in(two_workers, passkey)
        assert refusal(answer)[0] == 401
        assert "deactivated" in refusal(answer)[1]
    assert world.alice.patch(path, {"deactivated": False}).status_code == 200
    assert signed_in(two_workers, passkey).status_code == 200


def test_an_erased_person_has_no_passkeys(world: World) -> None:
    passkey, bob = added(world.bob), {"user_id": id_from(world.bob.id)}
    erased = world.bob.ask("DELETE", "/me", json={"password": PASSWORD, "messages": "keep"})
    assert erased.status_code == 204
    wait_until(lambda: not database["passkeys"].count_documents(bob), "they are deleted")
    assert refusal(signed_in(world.server, passkey)) == (401, UNKNOWN)


@pytest.mark.parametrize("has_codes", [True, False])
def test_an_administrator_takes_the_passkeys_of_a_lost_phone_away(
    world: World, has_codes: bool
) -> None:
    app = Authenticator(world.bob) if has_codes else None
    passkey, path = added(world.bob, app.code() if app else ""), f"/admin/users/{world.bob.id}"
    listed = world.alice.get("/admin/users", params={"q": world.bob.username}).json()["users"]
    assert [(each["passkeys"], each["second_factor"]) for each in listed] == [(True, has_codes)]
    assert world.alice.delete(f"{path}/totp").status_code == 204
    assert refusal(signed_in(world.server, passkey)) == (401, UNKNOWN)
    assert world.bob.get("/me/passkeys").json()["passkeys"] == []
    assert world.alice.delete(f"{path}/totp").status_code == 409, "nothing is left"
    entry = world.alice.get("/admin/audit").json()["entries"][0]
    assert entry["action"] == "account.second-factor-off"


def test_who_has_no_password_here_has_no_passkeys(world: World) -> None:
    passkey, bob = added(world.bob), {"_id": id_from(world.bob.id)}
    old = begun(world.bob)
    database["users"].update_one(bob, {"$set": {"password_hash": hash_of_nothing()}})
    assert refusal(signed_in(world.server, passkey)) == (401, UNKNOWN)
    late = introduced(world.bob, old, Passkey(old["public_key"]))
    assert late.status_code in (403, 409), "this process may know the old record for a second"


def test_where_passwords_are_off_passkeys_are_too(
    world: World, app: Flask, settings: Settings
) -> None:
    added(world.bob)
    client, bearer = app.test_client(), {"Authorization": f"Bearer {world.bob.access_token}"}
    extensions.bind_settings(dataclasses.replace(settings, passwords=False))
    try:
        for path, body in (
            ("/auth/passkey/options", None),
            ("/me/passkeys/options", {"password": PASSWORD}),
        ):
            answer = Context().run(
                client.post, f"/api/v1{path}", json=body, headers=bearer, buffered=True
            )
            assert answer.status_code == 403, answer.text
            assert "Passwords are off" in answer.json["error"]["message"]
        assert "passkey" not in Context().run(client.get, "/login").text
    finally:
        extensions.bind_settings(settings)


def test_a_network_tries_unknown_passkeys_a_few_times_a_minute(
    world: World, limited: Flask
) -> None:
    passkey = Passkey(begun(world.bob)["public_key"])  # the chat never got it
    client = limited.test_client()
    beginning = asked(world.server)
    statuses = []
    for _ in range(32):
        said = passkey.answer(
            beginning["public_key"]["challenge"], origin_of(world.server), "localhost"
        )
        body = {"token": beginning["token"], "credential": said}
        answer = Context().run(
            client.post,
            "/api/v1/auth/passkey",
            json=body,
            environ_overrides={"REMOTE_ADDR": "203.0.120.1"},
        )
        statuses.append(answer.status_code)
    assert statuses == [401] * 30 + [429] * 2

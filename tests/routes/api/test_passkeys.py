"""Passkeys: whoever has the device, and unlocked it for this chat, comes in; nobody else does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from chat.controllers import passkey_challenges
from chat.models.passkey import MOST
from tests.helpers.authenticator import Authenticator
from tests.helpers.passkeys import (
    UNKNOWN,
    USED,
    Passkey,
    added,
    asked,
    begun,
    decoded,
    introduced,
    refusal,
    signed_in,
)
from tests.helpers.world import PASSWORD, Person, World


def names(person: Person) -> list[str]:
    return [each["name"] for each in person.get("/me/passkeys").json()["passkeys"]]


@pytest.mark.parametrize("kind", [{}, {"is_rsa": True, "id_bytes": 1023}], ids=["phone", "windows"])
def test_bob_adds_a_passkey_and_signs_in_with_it_without_his_name(
    world: World, kind: dict[str, int]
) -> None:
    options = begun(world.bob)["public_key"]
    assert options["rp"]["id"] == "localhost"
    assert decoded(options["user"]["id"]) == bytes.fromhex(world.bob.id)
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    passkey = added(world.bob, **kind)
    (listed,) = world.bob.get("/me/passkeys").json()["passkeys"]
    assert listed["used_at"] is None
    answer = signed_in(world.server, passkey)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["id"] == world.bob.id
    token = answer.json()["access_token"]
    assert world.bob.get("/me", token=token).json()["id"] == world.bob.id
    assert world.bob.get("/me/passkeys").json()["passkeys"][0]["used_at"]
    assert signed_in(world.server, passkey).status_code == 200, "again and again"


def test_adding_one_needs_the_password_and_the_code_where_there_is_one(world: World) -> None:
    wrong = world.bob.post("/me/passkeys/options", {"password": "not it"})
    assert wrong.json()["error"]["fields"].keys() == {"password"}
    app = Authenticator(world.bob)
    without = world.bob.post("/me/passkeys/options", {"password": PASSWORD})
    assert without.json()["error"]["fields"].keys() == {"otp"}
    passkey = added(world.bob, app.code())
    assert signed_in(world.server, passkey).status_code == 200, "and nobody asks for a code then"


def test_bob_names_and_removes_his_own_and_nobody_elses(world: World) -> None:
    beginning = begun(world.bob)
    passkey = Passkey(beginning["public_key"])
    path = f"/me/passkeys/{introduced(world.bob, beginning, passkey, name='Phone').json()['id']}"
    assert names(world.bob) == ["Phone"]
    for answer in (
        world.mallory.patch(path, {"name": "Mine"}),
        world.mallory.delete(path),
        world.bob.patch("/me/passkeys/" + "0" * 24, {"name": "Mine"}),
    ):
        assert answer.status_code == 404
    assert world.bob.patch(path, {"name": "Old phone"}).json()["name"] == "Old phone"
    assert names(world.bob) == ["Old phone"]
    assert world.bob.delete(path).status_code == 204
    assert names(world.bob) == []
    assert refusal(signed_in(world.server, passkey)) == (401, UNKNOWN)


def test_a_device_is_told_which_passkeys_there_are_and_adds_none_twice(world: World) -> None:
    passkey = added(world.bob)
    beginning = begun(world.bob)
    (excluded,) = beginning["public_key"]["excludeCredentials"]
    assert decoded(excluded["id"]) == passkey.id
    assert introduced(world.bob, beginning, passkey).status_code == 409
    others = introduced(world.carol, begun(world.carol), passkey)
    assert others.status_code == 409, "nor does somebody else get it"
    assert signed_in(world.server, passkey).json()["user"]["id"] == world.bob.id


def test_there_are_twenty_at_most_also_when_two_are_added_at_once(world: World) -> None:
    early = [begun(world.bob) for _ in range(2)]
    for _ in range(MOST - 1):
        added(world.bob)
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda each: introduced(world.bob, each, Passkey(each["public_key"])), early
        )
    assert 409 in [answer.status_code for answer in answers]
    assert MOST - 1 <= len(names(world.bob)) <= MOST


@pytest.mark.parametrize(
    "said",
    [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": USED}, {"flags": 0}],
    ids=["origin", "host", "locked", "absent"],
)
def test_what_another_site_or_a_locked_device_says_makes_no_passkey(
    world: World, said: dict[str, str]
) -> None:
    beginning = begun(world.bob)
    refused = introduced(world.bob, beginning, Passkey(beginning["public_key"]), **said)
    assert refused.status_code == 409
    assert names(world.bob) == []


def test_a_beginning_is_for_one_person_one_passkey_and_a_while(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning = begun(world.bob)
    passkey = Passkey(beginning["public_key"])
    assert introduced(world.mallory, beginning, passkey).status_code == 409
    assert introduced(world.bob, beginning, passkey).status_code == 201
    assert introduced(world.bob, beginning, Passkey(beginning["public_key"])).status_code == 409
    of_sign_in = asked(world.server) | {"public_key": beginning["public_key"]}
    assert introduced(world.bob, of_sign_in, passkey).status_code == 409
    old = begun(world.bob)
    new = {"current_password": PASSWORD, "new_password": "a new horse battery staple"}
    assert world.bob.put("/me/password", new).status_code == 204
    assert introduced(world.bob, old, Passkey(old["public_key"])).status_code == 409
    assert signed_in(world.server, passkey).status_code == 200, "a passkey stays"
    with app.app_context():
        token = passkey_challenges.sign("a test", "a challenge")
        assert passkey_challenges.read("a test", token) == ["a challenge"]
        monkeypatch.setattr(passkey_challenges, "LASTS", timedelta(seconds=-1))
        assert passkey_challenges.read("a test", token) == []

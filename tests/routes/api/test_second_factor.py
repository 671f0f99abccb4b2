"""A second factor: whoever knows the password alone stays outside."""

from __future__ import annotations

import time

import pyotp
import requests
from bson import encode

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.authenticator import STEP, Authenticator
from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD, Person, World


def log_in(person: Person, otp: str = "", password: str = PASSWORD) -> requests.Response:
    body = {"username": person.username, "password": password} | ({"otp": otp} if otp else {})
    return requests.post(f"{person.server.url}/api/v1/auth/login", json=body, timeout=20)


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def prove(person: Person, method: str, path: str, otp: str) -> requests.Response:
    return person.ask(method, path, json={"password": PASSWORD, "otp": otp})


# turning it on and off


def test_bob_turns_it_on_by_a_first_code_and_signing_in_needs_one_then(world: World) -> None:
    assert world.bob.get("/me").json()["second_factor"] is False
    begun = world.bob.post("/me/totp", {"password": PASSWORD}).json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert begun["secret"] in begun["uri"]
    assert world.bob.username in begun["uri"]
    assert begun["qr_svg"].startswith("<svg")
    assert log_in(world.bob).status_code == 200, "a secret that is not confirmed asks nobody"
    totp = pyotp.TOTP(begun["secret"])
    refused = world.bob.put("/me/totp", {"otp": totp.at(time.time() - 10 * STEP)})
    assert refused.json()["error"]["fields"]["otp"].startswith("This code is wrong")
    codes = world.bob.put("/me/totp", {"otp": totp.now()}).json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert world.bob.get("/me").json()["second_factor"] is True, "his sessions go on"
    assert refusal(log_in(world.bob)) == (401, "second_factor_required")
    assert log_in(world.bob, codes[0]).status_code == 200


def test_one_needs_the_password_to_begin_and_begins_once(world: World) -> None:
    refused = world.bob.post("/me/totp", {"password": "not it"})
    assert "password" in refused.json()["error"]["fields"]
    assert refusal(world.bob.put("/me/totp", {"otp": "123456"})) == (409, "conflict")
    app = Authenticator(world.bob)
    assert refusal(world.bob.post("/me/totp", {"password": PASSWORD})) == (409, "conflict")
    assert refusal(world.bob.put("/me/totp", {"otp": app.code()})) == (409, "conflict")
    assert log_in(world.bob, app.code()).status_code == 200, "the secret is still the same"


def test_one_turns_it_off_with_the_password_and_a_code(world: World) -> None:
    app = Authenticator(world.bob)
    for body in ({"password": PASSWORD, "otp": app.wrong()}, {"password": "no", "otp": app.code()}):
        answer = world.bob.ask("DELETE", "/me/totp", json=body)
        assert refusal(answer) == (422, "validation_failed")
    assert prove(world.bob, "DELETE", "/me/totp", app.code()).status_code == 204
    assert world.bob.get("/me").json()["second_factor"] is False
    assert log_in(world.bob).status_code == 200
    assert refusal(prove(world.bob, "DELETE", "/me/totp", app.code(1))) == (409, "conflict")


def test_new_recovery_codes_replace_the_old_ones(world: World) -> None:
    app = Authenticator(world.bob)
    answer = prove(world.bob, "POST", "/me/totp/recovery-codes", app.code())
    assert answer.status_code == 201
    assert refusal(log_in(world.bob, app.recovery_codes[0])) == (401, "unauthenticated")
    assert log_in(world.bob, answer.json()["recovery_codes"][0]).status_code == 200


# codes


def test_a_code_works_once_and_one_step_early_or_late(world: World) -> None:
    app = Authenticator(world.bob)
    assert refusal(log_in(world.bob, app.code(-3))) == (401, "unauthenticated")
    assert refusal(log_in(world.bob, app.code(3))) == (401, "unauthenticated")
    late = app.code(1)
    assert log_in(world.bob, late).status_code == 200
    for replayed in (late, app.code(-1), app.code()):
        refused = log_in(world.bob, replayed)
        assert refusal(refused) == (401, "unauthenticated"), "nor an earlier one after it"
        assert "was used already" in refused.json()["error"]["message"]
    app.forget_used()
    early = app.code(-1)
    assert log_in(world.bob, f" {early[:3]} {early[3:]} ").status_code == 200, "as apps show it"


def test_the_code_of_another_account_is_wrong(world: World) -> None:
    bobs, carols = Authenticator(world.bob), Authenticator(world.carol)
    for code in (carols.code(), carols.recovery_codes[0]):
        assert refusal(log_in(world.bob, code)) == (401, "unauthenticated")
    assert log_in(world.carol, carols.recovery_codes[0]).status_code == 200, "and is not used up"
    assert log_in(world.bob, bobs.code()).status_code == 200


def test_a_recovery_code_works_once_however_it_is_typed(world: World) -> None:
    code = Authenticator(world.bob).recovery_codes[3]
    typed = code.upper().replace("-", " ").replace("0", "O").replace("1", "I")
    assert log_in(world.bob, typed).status_code == 200
    assert refusal(log_in(world.bob, code)) == (401, "unauthenticated")


def test_before_the_password_is_right_nobody_learns_whether_it_is_on(world: World) -> None:
    app = Authenticator(world.bob)
    for otp in ("", app.code(), app.recovery_codes[0]):
        with_it = log_in(world.bob, otp, "not it").json()["error"]
        without = log_in(world.carol, otp, "not it").json()["error"]
        assert with_it | {"request_id": ""} == without | {"request_id": ""}
    assert log_in(world.bob, app.code()).status_code == 200, "and no code is used up"


def test_the_database_tells_neither_the_secret_nor_a_recovery_code(world: World) -> None:
    begun = world.bob.post("/me/totp", {"password": PASSWORD}).json()
    otp = pyotp.TOTP(begun["secret"]).now()
    codes = world.bob.put("/me/totp", {"otp": otp}).json()["recovery_codes"]
    stored = encode(database["users"].find_one({"_id": id_from(world.bob.id)}))
    assert begun["secret"].encode() not in stored
    for code in codes:
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored


# a lost phone


def test_an_administrator_turns_it_off_for_bob_and_not_for_herself(world: World) -> None:
    Authenticator(world.bob)
    Authenticator(world.alice)
    path = f"/admin/users/{world.bob.id}/totp"
    assert refusal(world.carol.delete(path)) == (403, "forbidden")
    listed = world.alice.get("/admin/users", params={"q": world.bob.username}).json()["users"]
    assert [user["second_factor"] for user in listed] == [True]
    assert world.alice.delete(path).status_code == 204
    assert refusal(world.alice.delete(path)) == (409, "conflict")
    assert log_in(world.bob).status_code == 200
    own = world.alice.delete(f"/admin/users/{world.alice.id}/totp")
    assert refusal(own) == (403, "forbidden"), "that needs her password and a code"
    assert world.alice.delete(f"/admin/users/{'0' * 24}/totp").status_code == 404


# required of administrators


def everything_to_read(server: Server) -> list[str]:
    """Return the paths of all that administrators read."""
    document = requests.get(f"{server.url}/api/v1/openapi.json", timeout=20).json()
    paths = [
        path.removeprefix("/api/v1") for path, ways in document["paths"].items() if "get" in ways
    ]
    found = [path for path in paths if path.startswith("/admin/") and "{" not in path]
    assert len(found) >= 3
    return found


def test_an_administrator_without_one_turns_it_on_before_administering(
    world: World, server: Server
) -> None:
    required = {"second_factor": "administrators"}
    refused = world.alice.patch("/admin/settings", required)
    assert refusal(refused) == (403, "second_factor_missing"), "who requires it has it"
    app = Authenticator(world.alice)
    try:
        changed = world.alice.patch("/admin/settings", required)
        assert changed.json()["second_factor"] == "administrators"
        made = world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "administrator"})
        assert made.status_code == 200
        for path in everything_to_read(server):
            assert refusal(world.carol.get(path)) == (403, "second_factor_missing"), path
        for answer in (
            world.carol.patch("/admin/settings", {"second_factor": "optional"}),
            world.carol.patch(f"/admin/users/{world.bob.id}", {"role": "administrator"}),
            world.carol.post(f"/admin/users/{world.bob.id}/reset-link"),
            world.carol.delete(f"/admin/users/{world.alice.id}/totp"),
        ):
            assert refusal(answer) == (403, "second_factor_missing")
            assert answer.json()["error"]["message"].startswith("Turn on two-step sign-in")
        theirs = world.bob.post("/invites", {"note": "for a friend"}).json()["id"]
        assert theirs not in world.carol.get("/invites").text, "one's own, as everybody"
        assert world.carol.delete(f"/invites/{theirs}").status_code == 404
        world.carol.say(world.room(), "I am not locked out")
        Authenticator(world.carol)
        assert world.carol.get("/admin/settings").status_code == 200
        assert refusal(world.bob.get("/admin/settings")) == (403, "forbidden")
        app.forget_used()
        prove(world.alice, "DELETE", "/me/totp", app.code())
        assert refusal(world.alice.get("/admin/users")) == (403, "second_factor_missing")
    finally:
        database["meta"].update_one({"_id": "settings"}, {"$set": {"second_factor": "optional"}})
        world.carol.patch("/admin/settings", {"second_factor": "optional"})

"""Accounts and sessions through the API."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.helpers.world import PASSWORD, World


def new_name() -> str:
    return f"dora-{secrets.token_hex(4)}"


def post(
    world: World, path: str, body: object = None, token: str | None = None
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(f"{world.server.url}/api/v1{path}", json=body, headers=headers, timeout=20)


def test_whoever_registers_is_signed_in_and_can_sign_in_again(world: World) -> None:
    name = new_name()
    answer = post(
        world, "/auth/register", {"username": name, "password": PASSWORD, "display_name": " Dora  "}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["user"]["username"] == name
    assert body["user"]["display_name"] == "Dora"
    assert body["user"]["is_admin"] is False
    assert body["expires_in"] == 900
    assert PASSWORD not in answer.text
    again = post(world, "/auth/login", {"username": name.upper(), "password": PASSWORD})
    assert again.status_code == 200
    assert again.json()["user"]["id"] == body["user"]["id"]


def test_one_name_belongs_to_one_person_whatever_its_case_and_however_many_ask(
    world: World,
) -> None:
    name = new_name()
    spellings = [name, name.upper(), name.title(), name.swapcase()] * 2
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: post(world, "/auth/register", {"username": n, "password": PASSWORD}),
                spellings,
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused = next(answer for answer in answers if answer.status_code == 409).json()["error"]
    assert refused["code"] == "conflict"
    assert refused["fields"] == {"username": "This username is taken."}


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a", PASSWORD),
        ("a" * 33, PASSWORD),
        ("two words", PASSWORD),
        ("a/b", PASSWORD),
        ("<b>", PASSWORD),
        ("...", PASSWORD),
        ("Admin", PASSWORD),
        ("\uff41dmin", PASSWORD),
        ("\u3164\u3164", PASSWORD),
        ("room", PASSWORD),
        ("", PASSWORD),
        (None, PASSWORD),
        (["x"], PASSWORD),
        ({"$ne": None}, PASSWORD),
        ("erin", "1234567"),
        ("erin", "p" * 257),
        ("erin", 12345678),
        ("erin", None),
        ("erin", {"$gt": ""}),
    ],
)
def test_names_and_passwords_that_are_not_acceptable(
    world: World, username: object, password: object
) -> None:
    answer = post(world, "/auth/register", {"username": username, "password": password})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "validation_failed"
    assert set(answer.json()["error"]["fields"]) <= {"username", "password"}


@pytest.mark.parametrize(
    ("username", "sentence"),
    [
        ("nina new", "A username has no spaces. Put a dot or a hyphen there."),
        ("nin\u0430", "Use letters of one alphabet only."),  # its last letter is Cyrillic
        ("nina!", "Use 2 to 32 letters, digits, dots, hyphens or underscores."),
    ],
)
def test_a_refused_username_learns_which_fault_it_has(
    world: World, username: str, sentence: str
) -> None:
    answer = post(world, "/auth/register", {"username": username, "password": PASSWORD})
    assert answer.json()["error"]["fields"] == {"username": sentence}


@pytest.mark.parametrize(
    "password",
    [
        "七つの海を渡る船",
        "не трогай мой сыр",
        "A ferry at nine " * 16,
        " saw\t at ten ",
        "👩‍👩‍👧🐎🔋📎✅",
    ],
)
def test_passwords_of_any_script(world: World, password: str) -> None:
    name = new_name()
    assert (
        post(world, "/auth/register", {"username": name, "password": password}).status_code == 201
    )
    assert post(world, "/auth/login", {"username": name, "password": password}).status_code == 200
    assert (
        post(world, "/auth/login", {"username": name, "password": password[:-1]}).status_code == 401
    )


@pytest.mark.parametrize("password", ["password", "12345678", "p" * 256, "Passw0rd!"])
def test_a_password_that_is_easily_guessed_is_refused(world: World, password: str) -> None:
    sentence = "This password is easy to guess. Use several words, for example."
    answer = post(world, "/auth/register", {"username": new_name(), "password": password})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, {"password": sentence})
    answer = world.bob.put("/me/password", {"current_password": PASSWORD, "new_password": password})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (
        422,
        {"new_password": sentence},
    )


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(world: World) -> None:
    wrong = post(
        world, "/auth/login", {"username": world.bob.username, "password": "not it at all"}
    )
    unknown = post(world, "/auth/login", {"username": new_name(), "password": "not it at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["error"]["message"] == unknown.json()["error"]["message"]


def test_after_logout_the_token_is_refused_at_once_and_other_devices_stay(world: World) -> None:
    bob, phone = world.bob, world.bob.second_device()
    assert bob.post("/auth/logout").status_code == 204
    assert bob.get("/me").status_code == 401
    assert post(world, "/auth/refresh", token=bob.refresh_token).status_code == 401
    assert phone.get("/me").status_code == 200


def test_people_see_and_end_their_own_sessions_only(world: World) -> None:
    bob, phone = world.bob, world.bob.second_device()
    sessions = bob.get("/me/sessions").json()["sessions"]
    assert {session["id"]: session["current"] for session in sessions} == {
        bob.session_id: True,
        phone.session_id: False,
    }
    assert world.mallory.delete(f"/me/sessions/{bob.session_id}").status_code == 404
    assert bob.delete(f"/me/sessions/{phone.session_id}").status_code == 204
    assert phone.get("/me").status_code == 401
    assert bob.delete(f"/me/sessions/{phone.session_id}").status_code == 404
    assert bob.delete("/me/sessions/nonsense").status_code == 404


def test_another_password_signs_the_other_devices_out(world: World) -> None:
    name = new_name()
    laptop = post(world, "/auth/register", {"username": name, "password": PASSWORD}).json()
    phone = post(world, "/auth/login", {"username": name, "password": PASSWORD}).json()

    def change(current: str) -> requests.Response:
        return requests.put(
            f"{world.server.url}/api/v1/me/password",
            json={"current_password": current, "new_password": "another one entirely"},
            headers={"Authorization": f"Bearer {laptop['access_token']}"},
            timeout=20,
        )

    refused = change("not the right one")
    assert (refused.status_code, refused.json()["error"]["fields"].keys()) == (
        422,
        {"current_password"},
    )
    assert change(PASSWORD).status_code == 204
    assert world.bob.get("/me", token=phone["access_token"]).status_code == 401
    assert world.bob.get("/me", token=laptop["access_token"]).status_code == 200
    assert post(world, "/auth/login", {"username": name, "password": PASSWORD}).status_code == 401
    assert (
        post(
            world, "/auth/login", {"username": name, "password": "another one entirely"}
        ).status_code
        == 200
    )


def test_no_session_that_began_with_the_old_password_survives_its_change(world: World) -> None:
    name = new_name()
    laptop = post(world, "/auth/register", {"username": name, "password": PASSWORD}).json()
    with ThreadPoolExecutor(6) as pool:
        logins = [
            pool.submit(post, world, "/auth/login", {"username": name, "password": PASSWORD})
            for _ in range(5)
        ]
        changed = requests.put(
            f"{world.server.url}/api/v1/me/password",
            json={"current_password": PASSWORD, "new_password": "another one entirely"},
            headers={"Authorization": f"Bearer {laptop['access_token']}"},
            timeout=20,
        )
        answers = [login.result() for login in logins]
    assert changed.status_code == 204
    tokens = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert [world.bob.get("/me", token=token).status_code for token in tokens] == [401] * len(
        tokens
    )


def test_the_profile_can_be_changed_and_others_see_it(world: World) -> None:
    assert world.bob.patch("/me", {"display_name": "Bob O."}).json()["display_name"] == "Bob O."
    assert world.mallory.get(f"/users/{world.bob.id}").json()["display_name"] == "Bob O."
    assert world.bob.patch("/me", {"display_name": "  "}).status_code == 422
    assert world.bob.patch("/me", {"is_admin": True, "display_name": "x"}).status_code == 422


def test_people_are_found_by_the_beginning_of_a_name_and_nothing_private_is_told(
    world: World,
) -> None:
    found = world.mallory.get("/users", params={"q": world.carol.username.upper()}).json()["users"]
    assert world.carol.id in {user["id"] for user in found}
    assert all(
        user.keys()
        == {
            "id",
            "username",
            "display_name",
            "shows_username",
            "is_bot",
            "erased",
            "avatar_url",
            "status",
            "title",
        }
        for user in found
    )
    assert world.mallory.get("/users/ffffffffffffffffffffffff").status_code == 404
    assert world.mallory.get("/users/nonsense").status_code == 404

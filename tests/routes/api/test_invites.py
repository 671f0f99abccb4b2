"""Invites let people in by a link, until they are over, used up or revoked."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask

from chat import extensions
from chat.controllers import invites
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.expiry import delete_expired
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Gone
from tests.helpers.world import PASSWORD, Person, World


def made(person: Person, *room_ids: str, **wanted: Any) -> Any:
    answer = person.post("/invites", {"room_ids": list(room_ids), **wanted})
    assert answer.status_code == 201, answer.text
    return answer.json()


def register(world: World, code: str, username: str = "") -> requests.Response:
    body = {
        "username": username or f"dora-{secrets.token_hex(4)}",
        "password": PASSWORD,
        "invite": code,
    }
    return requests.post(f"{world.server.url}/api/v1/auth/register", json=body, timeout=20)


def rooms_of(registered: requests.Response, world: World) -> set[str]:
    assert registered.status_code == 201, registered.text
    token = registered.json()["access_token"]
    items = world.bob.get("/rooms", token=token).json()["rooms"]
    return {item["room"]["id"] for item in items}


def member_names(world: World, room_id: str) -> set[str]:
    members = world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    return {member["user"]["username"] for member in members}


def end(invite: Any) -> None:
    """Let the time of an invite be over."""
    database["invites"].update_one(
        {"_id": id_from(invite["id"])}, {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    )


def test_who_registers_with_an_invite_joins_its_rooms(world: World) -> None:
    public, private = world.room(), world.room("private", "Cellar")
    invite = made(world.bob, public, private, note="for the crew")
    assert invite["url"].endswith(f"/join/{invite['code']}")
    assert invite["qr_svg"].startswith("<svg")
    assert [room["name"] for room in invite["rooms"]] == ["Harbour", "Cellar"]
    heard = world.alice.listen()
    assert rooms_of(register(world, invite["code"]), world) == {public, private}
    assert {heard.next("room:member")["room_id"] for _ in range(2)} == {public, private}
    (shown,) = world.bob.get("/invites").json()["invites"]
    assert (shown["uses"], shown["note"]) == (1, "for the crew")
    assert shown["code"] is shown["url"] is shown["qr_svg"] is None, "the link is shown once"


def test_who_has_an_account_joins_the_rooms_and_a_second_time_is_no_use(world: World) -> None:
    room_id = world.room("private")
    invite = made(world.alice, room_id, max_uses=1)
    for _ in range(2):
        answer = world.mallory.post("/invites/accept", {"code": invite["code"]})
        assert [room["id"] for room in answer.json()["rooms"]] == [room_id]
    assert world.mallory.say(room_id, "here I am")["author"]["id"] == world.mallory.id
    assert register(world, invite["code"]).json()["error"]["code"] == "gone"


def test_an_invite_that_is_over_or_unknown_says_so(world: World) -> None:
    late, revoked = made(world.bob), made(world.bob)
    end(late)
    assert world.bob.delete(f"/invites/{revoked['id']}").status_code == 204
    for code, status, name in (
        (late["code"], 410, "gone"),
        (revoked["code"], 404, "not_found"),
        ("guessed", 404, "not_found"),
    ):
        for answer in (
            register(world, code),
            world.mallory.post("/invites/accept", {"code": code}),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, name)
            assert "Ask for a new link." in answer.json()["error"]["message"]


def test_no_more_people_come_in_than_an_invite_allows(world: World) -> None:
    invite = made(world.bob, world.room(), max_uses=2)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: register(world, invite["code"]), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 410, 410, 410, 410]


def test_a_registration_that_fails_is_no_use(world: World) -> None:
    invite = made(world.bob, max_uses=1)
    assert register(world, invite["code"], world.bob.username).status_code == 409
    assert register(world, invite["code"], "!").status_code == 422
    assert register(world, invite["code"]).status_code == 201


def test_nobody_invites_to_a_room_that_they_may_not_add_people_to(world: World) -> None:
    private = world.room("private")
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    archived = world.room()
    world.alice.patch(f"/rooms/{archived}", {"archived": True})
    for person, room_id, status in (
        (world.mallory, private, 404),
        (world.alice, direct, 403),
        (world.alice, archived, 403),
        (world.alice, "0" * 24, 404),
    ):
        assert person.post("/invites", {"room_ids": [room_id]}).status_code == status
    assert made(world.mallory, world.room())["rooms"], "everybody may enter a public room"


def test_the_rights_of_the_one_who_invited_count_when_somebody_comes(world: World) -> None:
    private, public = world.room("private"), world.room()
    invite = made(world.bob, private, public)
    world.alice.delete(f"/rooms/{private}/members/{world.bob.id}")
    assert rooms_of(register(world, invite["code"]), world) == {public}


def test_a_link_names_no_room_to_which_its_maker_cannot_add_people_any_more(world: World) -> None:
    private, public = world.room("private"), world.room(name="Quay")
    code = made(world.bob, private, public, max_uses=1)["code"]
    world.alice.delete(f"/rooms/{private}/members/{world.bob.id}")
    world.alice.patch(f"/rooms/{private}", {"name": "Layoffs"})
    page = requests.get(f"{world.server.url}/join/{code}", timeout=20).text
    assert "Quay" in page
    assert "Layoffs" not in page


def test_a_link_that_leads_nowhere_new_is_not_used_up(world: World) -> None:
    private = world.room("private")
    code = made(world.carol, private, max_uses=1)["code"]
    world.alice.post(f"/rooms/{private}/members", {"user_id": world.mallory.id})
    world.alice.delete(f"/rooms/{private}/members/{world.mallory.id}")
    world.alice.patch(f"/rooms/{private}/members/{world.carol.id}", {"role": "member"})
    for _ in range(2):  # carol may not bring in whom a moderator removed
        answer = world.mallory.post("/invites/accept", {"code": code})
        assert (answer.status_code, answer.json()["rooms"]) == (200, [])
    assert rooms_of(register(world, code), world) == {private}


def test_a_link_is_over_when_its_maker_may_not_invite_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    with app.app_context():
        user = User.find_now(Id(world.bob.id))
        assert user
        code = made(world.bob)["code"]
        assert invites.show(code).inviter == user
        settings = extensions.settings()
        monkeypatch.setattr(
            extensions, "settings", lambda: replace(settings, invites="administrators")
        )
        with pytest.raises(Gone):
            invites.show(code)
        assert invites.show(made(world.alice)["code"])


def test_who_was_removed_comes_back_only_by_somebody_who_may_add_them_again(world: World) -> None:
    for kind in ("private", "public"):
        room_id = world.room(kind)
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id})
        world.mallory.post("/invites/accept", {"code": made(world.alice, room_id)["code"]})
        world.alice.delete(f"/rooms/{room_id}/members/{world.mallory.id}")
        invite = made(world.bob, room_id)
        assert world.mallory.post("/invites/accept", {"code": invite["code"]}).json() == {
            "rooms": []
        }
        assert world.mallory.username not in member_names(world, room_id)
        invite = made(world.carol, room_id)  # a moderator
        world.mallory.post("/invites/accept", {"code": invite["code"]})
        assert world.mallory.username in member_names(world, room_id)


def test_one_sees_and_revokes_ones_own_invites_and_an_administrator_all(world: World) -> None:
    invite = made(world.bob)
    ids = [each["id"] for each in world.carol.get("/invites").json()["invites"]]
    assert invite["id"] not in ids
    assert world.carol.delete(f"/invites/{invite['id']}").status_code == 404
    assert invite["id"] in [each["id"] for each in world.alice.get("/invites").json()["invites"]]
    assert world.alice.delete(f"/invites/{invite['id']}").status_code == 204
    assert world.bob.get("/invites").json()["invites"] == []


def test_invites_come_in_pages_the_latest_first(world: World) -> None:
    ids = [made(world.bob)["id"] for _ in range(3)]
    first = world.bob.get("/invites?limit=2").json()
    rest = world.bob.get(f"/invites?limit=2&before={first['next']}").json()
    assert [each["id"] for each in first["invites"] + rest["invites"]] == ids[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": 366 * 86_400}, "expires_in"),
        ({"note": "n" * 201}, "note"),
        ({"room_ids": ["harbour"]}, "room_ids.0"),
        ({"room_ids": [secrets.token_hex(12) for _ in range(21)]}, "room_ids"),
    ],
)
def test_an_invite_has_bounds(world: World, wrong: dict[str, Any], field: str) -> None:
    answer = world.bob.post("/invites", wrong)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["fields"]


def test_the_database_does_not_know_the_code(world: World) -> None:
    invite = made(world.bob)
    stored = database["invites"].find_one({"_id": id_from(invite["id"])})
    assert stored and invite["code"] not in str(stored)


def test_an_invite_is_kept_for_a_month_after_its_end(app: Flask, world: World) -> None:
    for note, age in {"old": timedelta(days=31), "young": timedelta(days=29)}.items():
        invite = made(world.bob, note=note)
        database["invites"].update_one(
            {"_id": id_from(invite["id"])}, {"$set": {"expires_at": now() - age}}
        )
    delete_expired()
    assert [invite["note"] for invite in world.bob.get("/invites").json()["invites"]] == ["young"]

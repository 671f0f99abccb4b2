"""A form that is sent twice does its thing once, and ends where the first one ended."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.helpers import pictures
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD, Person, World

CSRF = re.compile(r'name="csrf_token" value="([0-9a-f]{128})"')
CLIENT_ID = re.compile(r'name="client_id" value="([\w-]+)"')


@pytest.fixture
def bob(server: Server, world: World) -> Browser:
    return Browser(server).sign_in(world.bob)


def token(browser: Browser, path: str) -> str:
    found = CSRF.search(browser.get(path).text)
    assert found
    return found[1]


def press_again(browser: Browser, page: str, action: str, **fields: str) -> list[requests.Response]:
    """Return the answers to the same form of a page, sent twice at once and once more."""
    fields["csrf_token"] = token(browser, page)

    def send(_: int = 0) -> requests.Response:
        return browser.submit(action, csrf=False, **fields)

    with ThreadPoolExecutor(2) as pool:
        return [*pool.map(send, range(2)), send()]


def end_alike(answers: list[requests.Response]) -> str:
    """Assert that all ended on the same page, and return its address."""
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.url for answer in answers}) == 1
    return answers[0].url


@pytest.mark.parametrize("kind", ["public", "private"])
def test_a_room_is_created_once(bob: Browser, world: World, kind: str) -> None:
    name = f"Atelier {world.bob.username} {kind}"
    room = end_alike(press_again(bob, "/rooms/new", "/rooms", name=name, topic="", kind=kind))
    mine = [item["room"] for item in world.bob.get("/rooms").json()["rooms"]]
    assert [each["id"] for each in mine if each["name"] == name] == [room.rpartition("/")[2]]


def test_another_room_of_the_same_page_is_another_form(bob: Browser, world: World) -> None:
    fields = {"csrf_token": token(bob, "/rooms/new"), "topic": "", "kind": "private"}
    first = bob.submit("/rooms", csrf=False, name="Atelier", **fields)
    second = bob.submit("/rooms", csrf=False, name="Studio", **fields)
    assert first.url != second.url
    again = fields | {"csrf_token": token(bob, "/rooms/new"), "name": "Atelier"}
    assert bob.submit("/rooms", csrf=False, **again).url not in (first.url, second.url)


def test_a_refused_form_is_refused_again_and_then_taken(bob: Browser, world: World) -> None:
    taken = f"Lobby {world.bob.username}"
    room_id = world.alice.make_room(taken)
    fields = {"csrf_token": token(bob, "/rooms/new"), "name": taken, "topic": "", "kind": "public"}
    for _ in range(2):
        assert bob.submit("/rooms", csrf=False, **fields).status_code == 409
    assert world.alice.patch(f"/rooms/{room_id}", {"name": f"{taken} of Alice"}).ok
    assert bob.submit("/rooms", csrf=False, **fields).status_code == 200


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_an_invitation_is_answered_once(bob: Browser, world: World, answer: str) -> None:
    room_id = world.mallory.make_room("Cellar", kind="private")
    invited = world.mallory.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id})
    assert invited.ok, invited.text
    (invitation,) = world.bob.get("/me/room-invitations").json()["invitations"]
    page = end_alike(press_again(bob, "/invitations", f"/invitations/{invitation['id']}/{answer}"))
    assert page.endswith(f"/rooms/{room_id}" if answer == "accept" else "/invitations")


def test_whoever_leaves_or_deletes_a_room_or_changes_its_people_has_done_it(
    bob: Browser, world: World, server: Server
) -> None:
    room_id = world.room()
    ask = f"/rooms/{room_id}/leave"
    assert end_alike(press_again(bob, ask, ask)).endswith("/rooms")
    alice = Browser(server).sign_in(world.alice)
    people = f"/rooms/{room_id}/members"
    added = end_alike(press_again(alice, people, people, user_id=world.bob.id))
    assert added.endswith(f"{people}?last={world.bob.id}")
    ask = f"/rooms/{room_id}/members/{world.carol.id}/remove"
    assert end_alike(press_again(alice, ask, ask)).endswith("/members")
    ask = f"/rooms/{room_id}/delete"
    assert end_alike(press_again(alice, ask, ask, typed="Harbour")).endswith("/rooms")


def test_devices_are_signed_out_once_and_a_message_goes_once(bob: Browser, world: World) -> None:
    here = next(each["id"] for each in sessions_of(world.bob) if each["current"])
    for action in ("end", "end-alike"):
        world.bob.second_device()
        others = [each["id"] for each in sessions_of(world.bob) if each["id"] != here]
        path = f"/settings/devices/{others[0]}/{action}"
        assert end_alike(press_again(bob, "/settings/devices", path)).endswith("/devices")
    assert [each["id"] for each in sessions_of(world.bob)] == [here]
    room_id = world.room()
    ask = f"/rooms/{room_id}/messages/{world.bob.say(room_id, 'oops')['id']}/delete"
    assert f"/rooms/{room_id}?" in end_alike(press_again(bob, ask, ask))


def test_an_invite_is_revoked_once(bob: Browser, world: World) -> None:
    invite = world.bob.post("/invites", {}).json()
    page = "/settings/invites"
    answers = press_again(bob, page, f"{page}/{invite['id']}/revoke")
    assert end_alike(answers).endswith(page)
    assert "No links yet." in answers[-1].text


def test_a_password_is_changed_once(bob: Browser, world: World) -> None:
    fields = {"current_password": PASSWORD, "new_password": "another " + PASSWORD}
    action = "/settings/profile/password"
    end_alike(press_again(bob, "/settings/profile", action, **fields))


def sessions_of(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/me/sessions").json()["sessions"]
    return found


def test_a_message_with_a_picture_is_sent_once(bob: Browser, world: World) -> None:
    room_id = world.room()
    page = bob.get(f"/rooms/{room_id}").text
    found, client_id = CSRF.search(page), CLIENT_ID.search(page)
    assert found and client_id
    picture = pictures.written(pictures.gradient(), "PNG")

    def send(body: str, *files: bytes) -> requests.Response:
        return bob.http.post(
            f"{bob.server.url}/rooms/{room_id}/messages",
            data={"csrf_token": found[1], "client_id": client_id[1], "body": body},
            files=[("image", ("a.png", file, "image/png")) for file in files],
            headers={"Origin": bob.server.url},
            timeout=30,
        )

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda _: send("a boat", picture), range(2)))
    end_alike([*sent, send("a boat", picture)])
    (message,) = world.carol.reads(room_id)["messages"]
    assert (message["body"], len(message["images"])) == ("a boat", 1)
    other = send("a ship", picture)
    assert other.status_code == 409
    assert "a ship" in other.text
    again = CLIENT_ID.search(other.text)
    assert again and again[1] != client_id[1], "so that it can be sent as well"
    assert send("a boat", pictures.written(pictures.gradient(99, 99), "PNG")).status_code == 409

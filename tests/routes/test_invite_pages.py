"""The pages of invites work without JavaScript: making a link, and coming in by it."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chat import extensions
from config import Settings
from tests.helpers.form_browser import Browser
from tests.helpers.world import PASSWORD, World


def link_made(world: World, *room_ids: str, **fields: str) -> str:
    """Return the path of a link that bob makes on his page."""
    page = Browser(world.server).sign_in(world.bob)
    made = page.submit("/settings/invites", room_ids=list(room_ids), **fields)
    assert made.status_code == 201, made.text
    link = re.search(r'readonly value="([^"]+)"', made.text)
    assert link and 'src="data:image/svg+xml;base64,' in made.text
    return urlsplit(link[1]).path


def test_a_newcomer_makes_an_account_and_stands_in_the_room(world: World) -> None:
    room_id = world.room("private", "Cellar")
    path = link_made(world, room_id)
    visitor = Browser(world.server)
    page = visitor.get(path).text
    assert "Bob" in page and "invites you to" in page and "Cellar" in page
    entered = visitor.submit(path, username=f"dora-{secrets.token_hex(4)}", password=PASSWORD)
    assert entered.status_code == 200
    assert entered.url.endswith(f"/rooms/{room_id}")


def test_a_mistake_keeps_what_was_typed_and_uses_nothing(world: World) -> None:
    path = link_made(world, world.room(), max_uses="1")
    visitor, name = Browser(world.server), f"dora-{secrets.token_hex(4)}"
    refused = visitor.submit(path, username=name, password="short")
    assert refused.status_code == 422
    assert f'value="{name}"' in refused.text and "8 to 256 characters" in refused.text
    assert visitor.submit(path, username=name, password=PASSWORD).status_code == 200


def test_a_refused_registration_signs_nobody_out(world: World) -> None:
    path = link_made(world)
    visitor = Browser(world.server).sign_in(world.mallory)
    assert visitor.submit(path, username="!", password=PASSWORD).status_code == 422
    assert urlsplit(visitor.get("/settings/profile").url).path == "/settings/profile"


def test_who_has_an_account_signs_in_and_joins(world: World) -> None:
    room_id = world.room("private")
    path = link_made(world, room_id)
    visitor = Browser(world.server)
    assert f"/login?next={path}" in visitor.get(path).text.replace("%2F", "/")
    visitor.sign_in(world.mallory)
    assert "Join as Mallory" in visitor.get(path).text
    assert visitor.submit(f"{path}/accept").url.endswith(f"/rooms/{room_id}")
    assert visitor.submit(f"{path}/accept", csrf=False).status_code == 403


def test_the_people_of_a_room_lead_to_a_link_into_that_room(world: World) -> None:
    room_id, _ = world.room("private", "Cellar"), world.room()
    page = Browser(world.server).sign_in(world.bob)
    people = page.get(f"/rooms/{room_id}/members?add=1").text
    address = re.search(r'href="(/settings/invites[^"]*)"', people)
    assert address
    asked = page.get(address[1]).text
    assert re.findall(r'value="([0-9a-f]{24})"\s+checked', asked) == [room_id]


def test_a_link_that_is_over_or_wrong_says_to_ask_for_a_new_one(world: World) -> None:
    path = link_made(world, max_uses="1")
    visitor = Browser(world.server)
    visitor.submit(path, username=f"dora-{secrets.token_hex(4)}", password=PASSWORD)
    for address, status in ((path, 410), ("/join/guessed", 404)):
        page = Browser(world.server).get(address)
        assert page.status_code == status
        assert re.search(r"<h1>[^<]+Ask for a new link\.</h1>", page.text)
        assert re.search(r'<a class="button" href="/">Sign in</a>', page.text)


def test_a_revoked_link_leads_nowhere_at_once(world: World) -> None:
    path = link_made(world, note="for the crew")
    (invite,) = world.bob.get("/invites").json()["invites"]
    page = Browser(world.server).sign_in(world.bob)
    assert "for the crew" in page.get("/settings/invites").text
    assert "No links yet." in page.submit(f"/settings/invites/{invite['id']}/revoke").text
    assert Browser(world.server).get(path).status_code == 404


@pytest.fixture
def chosen(app: Flask, settings: Settings) -> Iterator[Flask]:
    """Return the chat inside this process; afterwards it has its settings again."""
    yield app
    extensions.bind_settings(settings)


def client_of(chosen: Flask, settings: Settings, **changes: str) -> FlaskClient:
    extensions.bind_settings(dataclasses.replace(settings, **changes))
    return chosen.test_client()


def test_where_registration_needs_an_invite_one_is_enough(
    chosen: Flask, settings: Settings, world: World
) -> None:
    code = world.bob.post("/invites", {}).json()["code"]
    account = {"username": f"dora-{secrets.token_hex(4)}", "password": PASSWORD}
    invited = client_of(chosen, settings, registration="invite")
    register = "/api/v1/auth/register"
    assert invited.post(register, json=account).status_code == 403
    closed = client_of(chosen, settings, registration="closed")
    assert closed.post(register, json=account | {"invite": code}).status_code == 403
    assert "Registration is closed" in closed.get(f"/join/{code}").text
    invited = client_of(chosen, settings, registration="invite")
    assert invited.post(register, json=account | {"invite": code}).status_code == 201


def test_the_operator_leaves_inviting_to_administrators(
    chosen: Flask, settings: Settings, world: World
) -> None:
    client = client_of(chosen, settings, invites="administrators")
    for person, status in ((world.bob, 403), (world.alice, 201)):
        bearer = {"Authorization": f"Bearer {person.access_token}"}
        answer = client.post("/api/v1/invites", json={}, headers=bearer)
        assert answer.status_code == status


def test_administrators_end_everybodys_links_and_learn_of_no_private_room(world: World) -> None:
    vault = world.bob.make_room("Vault", "private")
    hall = world.bob.make_room("Hall", "public")
    body = {"note": "For the cooks", "room_ids": [vault, hall], "max_uses": 4}
    made = world.bob.post("/invites", body).json()
    page = Browser(world.server).sign_in(world.alice)
    shown = page.get("/admin/invitations").text
    row = next(each for each in shown.split('<li class="row')[1:] if "For the cooks" in each)
    assert "Bob" in row and "Hall" in row and "0 of 4 used" in row
    assert "Vault" not in shown
    assert "Vault" not in world.alice.get("/invites").text
    assert "Vault" in world.bob.get("/invites").text
    mallory = Browser(world.server).sign_in(world.mallory)
    assert mallory.get("/admin/invitations").status_code == 403
    assert mallory.submit(f"/settings/invites/{made['id']}/revoke").status_code == 404
    ended = page.submit(f"/settings/invites/{made['id']}/revoke", next="/admin/invitations")
    assert urlsplit(ended.url).path == "/admin/invitations"
    assert "For the cooks" not in ended.text
    assert world.mallory.post("/invites/accept", {"code": made["code"]}).status_code == 404


def test_whoever_makes_a_link_that_works_on_this_computer_only_reads_how_others_reach_it(
    chosen: Flask, settings: Settings, world: World
) -> None:
    own = "Links work on this computer only"
    page = Browser(world.server).sign_in(world.alice).get("/settings/invites").text
    assert own in page and f"PORT={settings.port} PUBLIC_URL=http://" in page
    extensions.bind_settings(dataclasses.replace(settings, public_urls=("https://chat.example",)))
    client = chosen.test_client()
    client.set_cookie(f"chat_access{extensions.settings().cookie_suffix}", world.alice.access_token)
    elsewhere = client.get("/settings/invites")
    assert elsewhere.status_code == 200
    assert own not in elsewhere.text

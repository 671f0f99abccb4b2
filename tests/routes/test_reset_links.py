"""Who forgot the password chooses a new one by a link, once, and is signed out elsewhere."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.user import User
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, Person, World

NEW = "a new horse battery staple"


def made(world: World, whose: Person) -> str:
    """Return the path of a link that alice makes."""
    answer = world.alice.post(f"/admin/users/{whose.id}/reset-link")
    assert answer.status_code == 201, answer.text
    assert answer.json()["expires_at"] > now().isoformat()
    return urlsplit(answer.json()["url"]).path


def log_in(person: Person, password: str) -> requests.Response:
    body = {"username": person.username, "password": password}
    return requests.post(f"{person.server.url}/api/v1/auth/login", json=body, timeout=20)


def stored(person: Person) -> dict[str, Any]:
    found = database["reset_links"].find_one({"user_id": id_from(person.id)})
    assert found
    return found


def test_bob_chooses_a_new_password_and_is_signed_in_here_alone(world: World) -> None:
    heard = world.bob.listen()
    path = made(world, world.bob)
    visitor = Browser(world.server)
    page = visitor.get(path).text
    assert f"@{world.bob.username}" in page
    assert 'name="new_password" type="password"' in page
    assert "<password-field" in page
    refused = visitor.submit(path, new_password="short")
    assert refused.status_code == 422
    assert "8 to 256 characters" in refused.text
    refused = visitor.submit(path, new_password="Passw0rd!")
    assert refused.status_code == 422
    assert "easy to guess" in refused.text
    entered = visitor.submit(path, new_password=NEW)
    assert urlsplit(entered.url).path == "/rooms"
    assert world.bob.username in visitor.get("/settings/profile").text
    assert world.bob.get("/me").status_code == 401, "signed out elsewhere"
    wait_until(lambda: not heard.client.connected, "his socket is closed")
    assert log_in(world.bob, PASSWORD).status_code == 401
    assert log_in(world.bob, NEW).status_code == 200


def test_a_link_works_once_though_two_use_it_at_the_same_moment(world: World) -> None:
    path = made(world, world.bob)
    visitors = [Browser(world.server) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        answers = pool.map(
            lambda visitor: visitor.submit(path, new_password=secrets.token_hex(8)), visitors
        )
        assert sorted(answer.status_code for answer in answers) == [200, 410, 410]
    later = Browser(world.server).get(path)
    assert later.status_code == 410
    assert "This link is over" in later.text


def test_a_link_ends_after_a_day_and_an_unknown_one_says_so(world: World) -> None:
    path = made(world, world.bob)
    lasts = stored(world.bob)["expires_at"] - now()
    assert timedelta(hours=23) < lasts <= timedelta(hours=24)
    ended = {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    database["reset_links"].update_one({"user_id": id_from(world.bob.id)}, ended)
    visitor = Browser(world.server)
    assert visitor.get(path).status_code == 410
    assert visitor.submit(path, new_password=NEW).status_code == 410
    unknown = visitor.submit("/reset/nothing", new_password=NEW)
    assert unknown.status_code == 404
    assert "This link doesn’t work" in unknown.text
    assert log_in(world.bob, PASSWORD).status_code == 200


def test_a_new_link_replaces_the_older_and_the_database_has_neither(world: World) -> None:
    older, newer = made(world, world.bob), made(world, world.bob)
    visitor = Browser(world.server)
    assert visitor.get(older).status_code == 404
    assert visitor.get(newer).status_code == 200
    record = stored(world.bob)
    token = newer.removeprefix("/reset/")
    assert len(token) >= 22, "128 bits or more"
    assert token not in str(record)
    assert record["made_by"] == id_from(world.alice.id)


def test_a_link_ends_with_the_rights_of_who_made_it(world: World) -> None:
    changed = world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "administrator"})
    assert changed.status_code == 200
    answer = world.carol.post(f"/admin/users/{world.bob.id}/reset-link")
    path = urlsplit(answer.json()["url"]).path
    visitor = Browser(world.server)
    assert visitor.get(path).status_code == 200
    world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "member"})
    assert visitor.get(path).status_code == 410
    assert visitor.submit(path, new_password=NEW).status_code == 410
    assert log_in(world.bob, PASSWORD).status_code == 200


def test_a_link_ends_when_the_password_changes_or_the_account_is_deactivated(world: World) -> None:
    visitor = Browser(world.server)
    path = made(world, world.bob)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert world.bob.put("/me/password", body).status_code == 204
    assert visitor.get(path).status_code == 404
    path = made(world, world.carol)
    for off in (True, False):
        world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": off})
    assert visitor.submit(path, new_password=NEW).status_code == 404


def test_a_change_by_the_old_password_does_not_undo_a_reset(world: World) -> None:
    stale = User.find_now(Id(world.bob.id))
    assert stale
    visitor = Browser(world.server)
    visitor.submit(made(world, world.bob), new_password=NEW)
    assert not stale.change_password_hash("of an attacker"), "it was decided by the old password"
    assert log_in(world.bob, NEW).status_code == 200


def test_administrators_alone_make_links(world: World) -> None:
    refused = world.bob.post(f"/admin/users/{world.bob.id}/reset-link")
    assert refused.json()["error"]["code"] == "forbidden"
    assert world.alice.post(f"/admin/users/{'0' * 24}/reset-link").status_code == 404


def test_the_page_takes_no_form_of_another_site(world: World) -> None:
    path = made(world, world.bob)
    visitor = Browser(world.server)
    answer = visitor.submit(path, origin="https://evil.example", new_password=NEW)
    assert answer.status_code == 403
    assert visitor.get(path).status_code == 200, "the link still works"


def test_the_page_of_signing_in_says_where_to_ask(world: World) -> None:
    page = Browser(world.server).get("/login").text
    assert "Forgot your password? Ask an administrator for a link." in page

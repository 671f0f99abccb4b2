"""Administrators give people another username: they stay who they are, and nobody takes it."""

from __future__ import annotations

from datetime import UTC, datetime

import requests
from flask import Flask

from chat.controllers import accounts
from chat.models.database import database
from chat.models.user import User
from config import Settings
from tests.helpers.command_line import bin_chat
from tests.helpers.commands import counted, listen
from tests.helpers.form_browser import Browser
from tests.helpers.world import PASSWORD, Person, World

NOTICE = "Your username was changed to "
TAKEN = "Somebody else had this username until lately. Choose another one."


def rename(world: World, whose: Person, name: str) -> requests.Response:
    return world.alice.patch(f"/admin/users/{whose.id}", {"username": name})


def register(world: World, username: str) -> requests.Response:
    body = {"username": username, "password": PASSWORD}
    return requests.post(f"{world.server.url}/api/v1/auth/register", json=body, timeout=20)


def fields(answer: requests.Response) -> dict[str, str]:
    found: dict[str, str] = answer.json()["error"]["fields"]
    return found


def test_who_is_renamed_stays_who_they_are(world: World) -> None:
    room_id, old = world.room(), world.bob.username
    said = world.carol.say(room_id, f"thanks @{old}")
    heard = world.carol.listen()
    new = old.replace("bob", "robert")
    assert rename(world, world.bob, new).json()["username"] == new
    assert heard.next("user:updated")["user"]["username"] == new
    assert world.bob.get("/me").json()["username"] == new, "no device is signed out"
    mentioned = world.bob.get("/mentions").json()["messages"]
    assert [message["id"] for message in mentioned] == [said["id"]]
    world.bob.say(room_id, "here I am")
    authors = {each["author"]["username"] for each in world.carol.reads(room_id)["messages"]}
    assert authors == {new, world.carol.username}
    for name, status in ((old, 401), (new, 200)):
        body = {"username": name, "password": PASSWORD}
        url = f"{world.server.url}/api/v1/auth/login"
        assert requests.post(url, json=body, timeout=20).status_code == status, name
    (entry,) = world.alice.get("/admin/audit", params={"limit": 1}).json()["entries"]
    assert (entry["action"], entry["before"], entry["after"]) == ("account.username", old, new)


def test_who_was_renamed_reads_so_on_every_page_until_they_say_ok(world: World) -> None:
    new = world.bob.username.replace("bob", "robert")
    bob, carol = (Browser(world.server).sign_in(each) for each in (world.bob, world.carol))
    assert NOTICE not in bob.get("/mentions").text
    rename(world, world.bob, new)
    for path in ("/mentions", "/rooms/browse?q=x"):
        text = bob.get(path).text
        assert f"{NOTICE}@{new}. Sign in with it from now on." in text
    assert NOTICE not in carol.get("/mentions").text
    done = bob.submit("/settings/profile/username/dismiss", next="/rooms/browse?q=x")
    assert done.url.endswith("/rooms/browse?q=x")
    assert NOTICE not in done.text
    assert NOTICE not in bob.get("/mentions").text


def test_who_renames_themselves_knows_it(world: World) -> None:
    rename(world, world.alice, f"{world.alice.username}-x")
    assert NOTICE not in Browser(world.server).sign_in(world.alice).get("/mentions").text


def log_in(world: World, username: str, password: str = PASSWORD) -> requests.Response:
    body = {"username": username, "password": password}
    return requests.post(f"{world.server.url}/api/v1/auth/login", json=body, timeout=20)


def test_the_old_name_with_the_right_password_says_the_new_one(world: World) -> None:
    old, new = world.bob.username, f"{world.bob.username}-2"
    between = f"{old}-1"
    rename(world, world.bob, between)
    rename(world, world.bob, new)
    sentence = f"Your username was changed to {new}. Sign in with it."
    for name in (old, old.upper(), between):
        told = log_in(world, name)
        assert (told.status_code, told.json()["error"]["message"]) == (401, sentence), name
    page = Browser(world.server).submit("/login", username=old, password=PASSWORD)
    assert sentence in page.text
    unknown = log_in(world, "nobody-at-all").json()["error"]["message"]
    for name, password in (
        (old, "not the password"),
        (old.replace("-", "_"), PASSWORD),  # it only looks like the old one
    ):
        told = log_in(world, name, password)
        assert (told.status_code, told.json()["error"]["message"]) == (401, unknown), name
    world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": True})
    deactivated = log_in(world, new).json()["error"]["message"]
    assert log_in(world, old).json()["error"]["message"] == deactivated


def test_a_former_name_costs_the_same_as_any_other(
    app: Flask, settings: Settings, world: World
) -> None:
    rename(world, world.bob, f"{world.bob.username}-2")
    listen(settings)
    costs = []
    for name in (world.bob.username, world.carol.username, "nobody-at-all"):
        with counted("users", "closed_names") as commands:
            accounts.find_named(name)
        costs.append(len(commands))
    assert costs == [3, 3, 3]


def test_nobody_takes_the_old_name_or_one_that_looks_like_it(world: World) -> None:
    old, other = world.bob.username, world.mallory.username
    assert rename(world, world.bob, f"{old}-renamed").status_code == 200
    for name in (old, old.replace("-", "_").upper()):
        refused = register(world, name)
        assert (refused.status_code, fields(refused)) == (409, {"username": TAKEN}), name
        assert fields(rename(world, world.mallory, name)) == {"username": TAKEN}
    assert world.mallory.get("/me").json()["username"] == other
    assert rename(world, world.bob, old).json()["username"] == old, "he may have it again"
    assert register(world, f"{old}-renamed").status_code == 409
    database["closed_names"].update_many({}, {"$set": {"until": datetime(2026, 1, 1, tzinfo=UTC)}})
    assert register(world, f"{old}-renamed").status_code == 201, "the time is over"


def test_a_name_that_is_taken_reserved_or_wrong_is_refused(world: World) -> None:
    bob = world.bob.username
    for name, status, reason in (
        (world.carol.username, 409, "This username is taken."),
        (world.carol.username.upper(), 409, "This username is taken."),
        ("admin", 422, "This username is reserved; choose another."),
    ):
        refused = rename(world, world.bob, name)
        assert (refused.status_code, fields(refused)["username"]) == (status, reason)
    assert world.bob.get("/me").json()["username"] == bob
    assert register(world, bob).status_code == 409, "a refused change gives nothing up"
    assert world.bob.patch(f"/admin/users/{world.bob.id}", {"username": "bobby"}).status_code == 403


def test_a_display_name_that_was_the_username_follows(app: Flask, world: World) -> None:
    old = f"newcomer-{world.bob.username}"
    assert register(world, old).json()["user"]["display_name"] == old
    told = bin_chat(app, "users", "rename", old, f"{old}-x")
    assert (told.exit_code, told.output) == (0, f"{old} is {old}-x now.\n")
    user = User.find_by_username(f"{old}-x")
    assert user
    assert user.display_name == f"{old}-x"
    refused = bin_chat(app, "users", "rename", f"{old}-x", "a b")
    assert refused.exit_code == 1
    assert "A username has no spaces." in refused.output


def test_a_page_renames_and_says_what_is_wrong(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    form = f"/admin/people/{world.bob.id}/rename"
    assert f'href="{form}' in page.get("/admin/people?q=bob").text
    assert world.bob.username in page.get(form).text
    refused = page.submit(form, username=world.carol.username, display_name="Robert")
    assert refused.status_code == 409
    assert "This username is taken." in refused.text
    new = world.bob.username.replace("bob", "robert")
    done = page.submit(form, username=new, display_name="Robert", next="/admin/people?q=robert")
    assert done.url.startswith(f"{world.server.url}/admin/people?q=robert&")
    assert "Robert has these names now." in done.text
    assert f"@{new}" in done.text
    assert world.bob.get("/me").json()["display_name"] == "Robert"
    assert Browser(world.server).sign_in(world.bob).get(form).status_code == 403

"""`bin/chat users` looks after people's accounts, while the chat runs."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from flask import Flask

from chat.models.database import database
from tests.helpers.authenticator import Authenticator
from tests.helpers.command_line import bin_chat
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, World


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_whom_an_operator_deactivates_is_cut_off_and_let_in_again(app: Flask, world: World) -> None:
    name, heard = world.bob.username, world.bob.listen()
    for _ in range(2):
        assert told(bin_chat(app, "users", "deactivate", name)) == f"{name} is deactivated."
    wait_until(lambda: not heard.client.connected, "his socket is closed without a queue, too")
    wait_until(lambda: world.bob.get("/me").status_code == 401, "and he is signed out")
    listed = json.loads(told(bin_chat(app, "users", "list", "--state", "deactivated", "--json")))
    assert name in [user["username"] for user in listed["users"]]
    lines = told(bin_chat(app, "users", "list")).splitlines()
    assert not [line for line in lines if line.startswith(f"{name} ")]
    (alice,) = [line for line in lines if line.startswith(f"{world.alice.username} ")]
    assert "administrator" in alice
    assert "last seen" in alice
    assert told(bin_chat(app, "users", "activate", name)) == f"{name} is active."


def test_a_reset_link_of_an_operator_leads_bob_in(app: Flask, world: World) -> None:
    link = told(bin_chat(app, "users", "reset-link", world.bob.username))
    visitor = Browser(world.server)
    entered = visitor.submit(urlsplit(link).path, new_password="a new password")
    assert urlsplit(entered.url).path == "/rooms"


def test_whom_an_operator_creates_chooses_a_password_by_the_link(app: Flask, world: World) -> None:
    name = f"new-{world.bob.username}"
    link = told(bin_chat(app, "users", "create", name, "--name", "Nelly"))
    page = Browser(world.server)
    entered = page.submit(urlsplit(link).path, new_password="a new password")
    assert urlsplit(entered.url).path == "/rooms"
    assert "Nelly" in entered.text
    again = bin_chat(app, "users", "create", name)
    assert (again.exit_code, again.output) == (1, "Error: This username is taken.\n")


def test_an_operator_turns_the_second_factor_of_bob_off(app: Flask, world: World) -> None:
    name = world.bob.username
    Authenticator(world.bob)
    off = told(bin_chat(app, "users", "second-factor-off", name))
    assert off == f"{name} signs in with the password alone."
    page = Browser(world.server).submit("/login", username=name, password=PASSWORD)
    assert "An administrator turned off two-step sign-in" in page.text
    again = bin_chat(app, "users", "second-factor-off", name)
    assert (again.exit_code, again.output) == (1, "Error: Two-step sign-in is off.\n")


def test_an_operator_gives_and_takes_the_role_but_not_the_last_one(
    app: Flask, world: World
) -> None:
    alice, bob = world.alice.username, world.bob.username
    assert told(bin_chat(app, "users", "make-admin", bob)) == f"{bob} is an administrator."
    assert told(bin_chat(app, "users", "make-member", bob)) == f"{bob} is a member."
    database["users"].update_many(
        {"is_admin": True, "username": {"$ne": alice}}, {"$set": {"is_admin": False}}
    )
    for verb in ("make-member", "deactivate"):
        refused = bin_chat(app, "users", verb, alice)
        assert refused.exit_code == 1
        assert refused.output == (
            "Error: The chat needs an active administrator. Name another one first.\n"
        )


@pytest.mark.parametrize(
    "verb",
    ["reset-link", "deactivate", "activate", "make-admin", "make-member", "second-factor-off"],
)
def test_a_name_that_nobody_has_is_said_so(app: Flask, world: World, verb: str) -> None:
    result = bin_chat(app, "users", verb, "nobody-at-all")
    assert (result.exit_code, result.output) == (1, "Error: Nobody has this username.\n")


def test_an_operator_lists_bots_apart_and_gives_them_no_role(app: Flask, world: World) -> None:
    name = f"r-{world.bob.username}"
    assert world.bob.post("/bots", {"username": name}).status_code == 201
    lines = told(bin_chat(app, "users", "list", "--state", "bots")).splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name} ")]
    assert f"bot of {world.bob.username}" in line
    assert name not in told(bin_chat(app, "users", "list", "--state", "all"))
    refused = bin_chat(app, "users", "make-admin", name)
    assert (refused.exit_code, refused.output) == (1, "Error: A bot has no role in the chat.\n")

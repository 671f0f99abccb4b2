"""The setup link makes the first administrator, once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import accounts, chat_settings, rooms
from chat.models import setup_link
from chat.models.chat_settings import ChatSettings
from chat.models.database import database
from chat.models.membership import Membership
from chat.models.peers.change_notices import ChangeNotice
from chat.models.user import User
from chat.utils.errors import ChatError, NotFound, ValidationFailed
from tests.helpers.command_line import bin_chat
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD


@pytest.fixture
def fresh(app: Flask) -> Iterator[None]:
    """Put the database into the state before the first administrator."""
    database["users"].update_many({"is_admin": True}, {"$set": {"is_admin": False}})
    database["meta"].delete_one({"_id": "setup"})
    for left in ("public_names", "invites"):
        database[left].delete_many({})
    yield
    database["meta"].delete_one({"_id": "setup"})
    ChangeNotice.store("chat")
    ChatSettings.change({"default_room_ids": [], "hides_first_steps": True})


def new_name() -> str:
    return f"erin-{secrets.token_hex(4)}"


def test_the_link_makes_one_administrator(fresh: None) -> None:
    token = setup_link.new_setup_token()
    assert token
    assert accounts.register_first_admin(token, new_name(), PASSWORD).is_admin
    with pytest.raises(NotFound):
        accounts.register_first_admin(token, new_name(), PASSWORD)
    assert setup_link.new_setup_token() is None, "no further link is printed"


def test_a_new_chat_has_a_room_that_everybody_joins(fresh: None, server: Server) -> None:
    token, browser = setup_link.new_setup_token() or "", Browser(server)
    ChatSettings.change({"hides_first_steps": False})
    name = new_name()
    browser.submit(
        f"/setup/{token}", username=name, password=PASSWORD, display_name="", chat_name=""
    )
    page = browser.get("/rooms").text
    assert "First steps" in page
    assert page.count("first-step-done") == 0
    newcomer = Browser(server)
    newcomer.submit("/register", username=new_name(), password=PASSWORD, display_name="")
    joined = newcomer.get("/rooms/all").text
    room_id = re.search(r'class="room-name" href="/rooms/(\w{24})">general</a>', joined)
    assert room_id, joined
    page = browser.get("/rooms").text
    assert page.count("first-step-done") == 1, "somebody came"
    assert f'href="/settings/invites?room_id={room_id[1]}"' in page
    browser.submit(f"/rooms/{room_id[1]}/messages", client_id="hello", body="Hello!")
    browser.submit("/admin/settings", name="Harbour office")
    assert browser.get("/rooms").text.count("first-step-done") == 3
    browser.submit("/admin/settings", name="Chat")
    assert "First steps" not in browser.submit("/admin/first-steps/hide").text
    assert "First steps" not in browser.get("/rooms").text


def test_the_first_steps_make_a_link_into_the_first_room_at_once(
    fresh: None, server: Server
) -> None:
    token, browser = setup_link.new_setup_token() or "", Browser(server)
    ChatSettings.change({"hides_first_steps": False})
    fields = {"username": new_name(), "password": PASSWORD, "display_name": ""}
    browser.submit(f"/setup/{token}", **fields, chat_name="")
    (room_id,) = re.findall(r'name="room_ids" value="(\w{24})"', browser.get("/rooms").text)
    made = browser.submit("/settings/invites", room_ids=room_id)
    assert made.status_code == 201
    assert f'href="/rooms/{room_id}">Go to general</a>' in made.text
    code = re.search(r"/join/([\w-]+)", made.text)
    assert code
    newcomer = Browser(server)
    entered = newcomer.submit(
        f"/join/{code[1]}", username=new_name(), password=PASSWORD, display_name=""
    )
    assert entered.url.endswith(f"/rooms/{room_id}"), "the newcomer is where people talk"
    assert 'href="/settings/invites?room_id=' in browser.get("/rooms").text, "it is done"


def test_who_came_before_the_administrator_may_have_made_the_room(fresh: None) -> None:
    token = setup_link.new_setup_token() or ""
    early = accounts.register(new_name(), PASSWORD)
    rooms.create(early, name="General", kind="public")
    admin = accounts.register_first_admin(token, new_name(), PASSWORD)
    assert not Membership.of_hidden_too(admin.id)


def test_of_many_who_use_the_link_at_once_one_becomes_administrator(fresh: None) -> None:
    token = setup_link.new_setup_token() or ""

    def use(_: int) -> bool:
        try:
            return accounts.register_first_admin(token, new_name(), PASSWORD).is_admin
        except ChatError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_the_page_of_the_link_names_the_chat_unless_the_operator_did(
    fresh: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, browser = setup_link.new_setup_token() or "", Browser(server)
    page = browser.get(f"/setup/{token}").text
    assert 'name="chat_name" type="text" value="Chat"' in page
    fields = {"username": new_name(), "password": PASSWORD, "display_name": ""}
    refused = browser.submit(f"/setup/{token}", **fields, chat_name="\u200b")
    assert refused.status_code == 422
    entered = browser.submit(f"/setup/{token}", **fields, chat_name="Harbour office")
    assert "Harbour office</title>" in entered.text
    assert "Chat</title>" in browser.submit("/admin/settings", name="Chat").text

    fixed = replace(extensions.settings(), chat_name="Dock 7")
    monkeypatch.setattr(extensions, "settings", lambda: fixed)
    admin = User.find_by_username(fields["username"])
    assert admin
    assert chat_settings.show(admin).name == "Dock 7"
    with pytest.raises(ValidationFailed) as refusal:
        chat_settings.change(admin, name="Mine")
    assert refusal.value.fields == {"name": "CHAT_NAME sets this. Ask whoever runs the chat."}


def test_a_name_that_is_taken_does_not_spend_the_link(fresh: None) -> None:
    token, taken = setup_link.new_setup_token() or "", new_name()
    accounts.register(taken, PASSWORD)
    with pytest.raises(ChatError):
        accounts.register_first_admin(token, taken, PASSWORD)
    assert accounts.register_first_admin(token, new_name(), PASSWORD).is_admin


@pytest.mark.parametrize("wrong", ["", "nonsense", "\x00"])
def test_a_wrong_link_is_not_there(fresh: None, app: Flask, wrong: str) -> None:
    setup_link.new_setup_token()
    with pytest.raises(NotFound):
        accounts.check_setup_token(wrong)


def test_a_newer_link_replaces_the_older(fresh: None) -> None:
    older, newer = setup_link.new_setup_token() or "", setup_link.new_setup_token() or ""
    assert not setup_link.is_setup_token(older)
    assert setup_link.is_setup_token(newer)


def test_an_administrator_made_by_hand_closes_the_link(fresh: None, app: Flask) -> None:
    token, name = setup_link.new_setup_token() or "", new_name()
    result = bin_chat(app, "create-admin", name, "--password", PASSWORD)
    assert (result.exit_code, "is an administrator" in result.output) == (0, True)
    assert not setup_link.is_setup_token(token)
    again = bin_chat(app, "create-admin", name, "--password", PASSWORD)
    assert (again.exit_code, "taken" in again.output) == (1, True)
    assert bin_chat(app, "create-admin", "x", "--password", "short").exit_code == 1


def test_whoever_becomes_administrator_closes_the_link(fresh: None, app: Flask) -> None:
    token, name = setup_link.new_setup_token() or "", new_name()
    accounts.register(name, PASSWORD)
    assert bin_chat(app, "users", "make-admin", name).exit_code == 0
    assert not setup_link.is_setup_token(token)
    bin_chat(app, "users", "make-member", name)
    with pytest.raises(NotFound):
        accounts.register_first_admin(token, new_name(), PASSWORD)


def test_the_doctor_names_the_database(app: Flask) -> None:
    result = bin_chat(app, "doctor", "--json")
    assert result.exit_code == 0, result.output
    assert '"ok": true' in result.output
    assert "127.0.0.1:" in result.output
    assert "No problems found" in bin_chat(app, "doctor").output

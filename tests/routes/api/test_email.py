"""E-mail addresses: who reads the mails to an address makes it theirs, and nobody else knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from flask import Flask

from chat.models import email_addresses, mail_outbox
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.clock import now
from config import Settings
from tests.helpers.authenticator import Authenticator
from tests.helpers.form_browser import Browser
from tests.helpers.mail_server import MailServer
from tests.helpers.mailing import MailingWorld, link_in, mailing_chat
from tests.helpers.servers import Server, wait_until
from tests.helpers.world import PASSWORD, Person, World

CONFIRM = "/settings/security/email/confirm/"


@pytest.fixture(scope="module")
def chat(app: Flask, settings: Settings, folder: Path) -> Iterator[tuple[Server, MailServer]]:
    with mailing_chat(folder, settings.mongo_uri) as running:
        yield running


@pytest.fixture
def world(app: Flask, chat: tuple[Server, MailServer]) -> Iterator[MailingWorld]:
    with app.app_context():
        yield MailingWorld(*chat)


def ask(person: Person, address: str, **more: str) -> requests.Response:
    return person.put("/me/email", {"address": address, "password": PASSWORD, **more})


def token_to(world: MailingWorld, address: str, count: int = 1) -> str:
    return link_in(world.post.next_to(address, count), CONFIRM).removeprefix(CONFIRM)


def address_of(person: Person) -> object:
    answer = person.get("/me/email").json()
    assert answer["mails"] is True
    return answer["address"]


def new_address() -> str:
    return f"ada-{new_id()}@example.org"


def test_an_address_is_bobs_once_he_follows_the_link_in_the_mail(world: MailingWorld) -> None:
    address = new_address()
    asked = ask(world.bob, address)
    assert asked.status_code == 202
    assert asked.json() == {"address": None, "verified_at": None, "mails": True}
    token = token_to(world, address)
    assert address not in token
    theirs = world.carol.post("/me/email/confirm", {"token": token})
    assert theirs.status_code == 403, "it is for bob alone"
    confirmed = world.bob.post("/me/email/confirm", {"token": token})
    assert confirmed.json()["address"] == address
    assert address_of(world.bob) == address
    assert address not in world.carol.get(f"/users?q={world.bob.username}").text
    again = world.bob.post("/me/email/confirm", {"token": token})
    assert again.status_code == 410, "it works once"


def test_a_change_needs_the_password_and_the_code(world: MailingWorld) -> None:
    address = new_address()
    for body in ({"password": "wrong"}, {}):
        answer = world.bob.put("/me/email", {"address": address, **body})
        assert "password" in answer.json()["error"]["fields"]
    app = Authenticator(world.bob)
    for otp in ("", app.wrong()):
        assert "otp" in ask(world.bob, address, otp=otp).json()["error"]["fields"]
    assert world.post.to(address) == []
    assert ask(world.bob, address, otp=app.code()).status_code == 202
    world.bob.post("/me/email/confirm", {"token": token_to(world, address)})
    refused = world.bob.ask("DELETE", "/me/email", json={"password": PASSWORD})
    assert "otp" in refused.json()["error"]["fields"]
    assert address_of(world.bob) == address


def test_nobody_learns_whose_an_address_is_but_the_owner_is_told(world: MailingWorld) -> None:
    alices = world.address_of(world.alice)
    free = new_address()
    answers = [ask(world.mallory, address) for address in (alices, free)]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    told = world.post.next_to(alices)
    assert f"@{world.mallory.username} wants to use this" in told.text
    assert CONFIRM not in told.text
    assert email_addresses.person_with_address(alices) == Id(world.alice.id)


def test_who_proved_an_address_first_has_it(world: MailingWorld) -> None:
    address = new_address()
    for count, person in enumerate((world.alice, world.bob), 1):
        ask(person, address)
        world.post.next_to(address, count)
    tokens = [token_to(world, address, count) for count in (1, 2)]
    assert world.alice.post("/me/email/confirm", {"token": tokens[0]}).status_code == 200
    assert world.bob.post("/me/email/confirm", {"token": tokens[1]}).status_code == 409
    assert address_of(world.bob) is None


def test_the_address_from_before_is_told_of_a_change_and_of_a_removal(world: MailingWorld) -> None:
    first, second = world.address_of(world.bob), new_address()
    ask(world.bob, second)
    world.bob.post("/me/email/confirm", {"token": token_to(world, second)})
    assert "no longer belongs" in world.post.next_to(first).text
    removed = world.bob.ask("DELETE", "/me/email", json={"password": PASSWORD})
    assert removed.status_code == 204
    assert address_of(world.bob) is None
    assert "no longer belongs" in world.post.next_to(second, 2).text


def test_a_link_ends_with_another_password(world: MailingWorld) -> None:
    address = new_address()
    ask(world.bob, address)
    token = token_to(world, address)
    new = {"current_password": PASSWORD, "new_password": "another horse battery staple"}
    assert world.bob.put("/me/password", new).status_code == 204
    assert world.bob.post("/me/email/confirm", {"token": token}).status_code == 410
    for wrong in ("", "x", token[:-4], token[:-1] + ("A" if token[-1] != "A" else "B")):
        assert world.bob.post("/me/email/confirm", {"token": wrong}).status_code == 410


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "a@b",
        "bob@example.org\r\nBcc: eve@example.org",
        "=?utf-8?q?bob=40evil?=@example.org",
    ],
)
def test_only_an_address_is_taken(world: MailingWorld, address: str) -> None:
    answer = ask(world.bob, address)
    assert answer.json()["error"]["fields"]["address"].startswith("Enter an e-mail address")


def test_the_address_of_an_erased_account_is_free_again(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    mail_outbox.put(mail_id := new_id(), "a test", address, "", Id(world.bob.id))
    later = {"$set": {"due_at": now() + timedelta(hours=1)}}
    database["mails"].update_one({"_id": mail_id}, later)
    body = {"password": PASSWORD, "messages": "keep"}
    assert world.bob.ask("DELETE", "/me", json=body).status_code in (202, 204)
    wait_until(lambda: not email_addresses.person_with_address(address), "nobody has it")
    wait_until(lambda: not database["mails"].find_one({"_id": mail_id}), "no mail waits", 5)


def test_mails_are_in_the_language_of_their_reader(world: MailingWorld) -> None:
    alices = world.address_of(world.alice)
    world.alice.patch("/me/preferences", {"language": "de"})
    ask(world.bob, alices)
    told = world.post.next_to(alices)
    assert told.mail["Content-Language"] == "de"
    assert "möchte diese E-Mail-Adresse verwenden" in told.text


def test_the_pages_do_the_same_without_scripts(world: MailingWorld) -> None:
    address = new_address()
    browser = Browser(world.server).sign_in(world.bob)
    assert "/settings/security/email" in browser.get("/settings/security").text
    refused = browser.submit("/settings/security/email", address="bob", password=PASSWORD)
    assert refused.status_code == 422
    page = browser.submit("/settings/security/email", address=address, password=PASSWORD)
    assert "Look into your mailbox" in page.text
    link = link_in(world.post.next_to(address), CONFIRM)
    assert address in browser.get(link).text
    assert address_of(world.bob) is None, "to open a link changes nothing"
    assert "Add your address" in browser.get("/settings/notifications").text
    assert "This is your address now." in browser.submit(link, missed="true").text
    assert world.bob.get("/me/preferences").json()["email"] == "missed"
    assert 'name="email_content"' in browser.get("/settings/notifications").text
    browser.submit("/settings/notifications", email="never", email_content="true")
    chosen = world.bob.get("/me/preferences").json()
    assert (chosen["email"], chosen["email_content"]) == ("never", True)
    assert address_of(world.bob) == address
    assert address in browser.get("/settings/security").text
    browser.get("/settings/security/email/remove")
    gone = browser.submit("/settings/security/email/remove", password=PASSWORD)
    assert "Your address is removed." in gone.text
    assert address_of(world.bob) is None


def test_a_chat_without_a_mail_server_asks_for_no_address(app: Flask, server: Server) -> None:
    with app.app_context():
        bob = World(server).bob
    answer = bob.put("/me/email", {"address": new_address(), "password": PASSWORD})
    assert answer.status_code == 409
    assert bob.get("/me/email").json()["mails"] is False
    browser = Browser(server).sign_in(bob)
    assert "/settings/security/email" not in browser.get("/settings/security").text
    assert "sends no mails" in browser.get("/settings/security/email").text

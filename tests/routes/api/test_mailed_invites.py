"""Invites by mail: the link arrives, and nobody sends advertisements through the chat."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from chat.models.document import new_id
from config import Settings
from tests.helpers.form_browser import Browser
from tests.helpers.mail_server import MailServer
from tests.helpers.mailing import MailingWorld, link_in, mailing_chat
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import PASSWORD, Person, World


@pytest.fixture(scope="module")
def chat(app: Flask, settings: Settings, folder: Path) -> Iterator[tuple[Server, MailServer]]:
    with mailing_chat(folder, settings.mongo_uri) as running:
        yield running


@pytest.fixture
def world(app: Flask, chat: tuple[Server, MailServer]) -> Iterator[MailingWorld]:
    with app.app_context():
        yield MailingWorld(*chat)


def new_address() -> str:
    return f"dora-{new_id()}@example.org"


def invite(person: Person, emails: list[Any], server: Server | None = None) -> requests.Response:
    if server:
        person.server = server
    return person.post("/invites", {"emails": emails, "note": "amaranth"})


def test_who_is_invited_by_mail_comes_in(world: MailingWorld) -> None:
    dora, emil = new_address(), new_address()
    world.bob.patch("/me", {"display_name": "Bob Builder"})
    made = invite(world.bob, [dora, emil.upper(), dora])
    assert made.status_code == 201
    for address in (dora, emil.upper().replace("EXAMPLE.ORG", "example.org")):
        mail = world.post.next_to(address)
        assert "Bob Builder invites you" in str(mail.mail["Subject"])
        assert "amaranth" not in mail.text, "the note is bob's own"
        path = link_in(mail, "/join/")
        assert path.endswith(made.json()["code"])
    assert len(world.post.to(dora)) == 1
    name = f"dora-{secrets.token_hex(4)}"
    entered = Browser(world.server).submit(path, username=name, password=PASSWORD)
    assert entered.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "Win at casino.example",
        "casino。example",
        "casino．example",
        "♥.example",
        "http:win",
        "Buy/now",
        "Buy／now",
        "a@b",
    ],
)
def test_no_name_becomes_a_link_in_a_mail(world: MailingWorld, name: str) -> None:
    dora = new_address()
    assert world.bob.patch("/me", {"display_name": name}).status_code == 200
    invite(world.bob, [dora])
    mail = world.post.next_to(dora)
    assert name not in mail.text + mail.html + str(mail.mail["Subject"])
    assert f"@{world.bob.username} invites you" in mail.text


def test_no_username_becomes_a_link_in_a_mail_to_others(world: MailingWorld) -> None:
    name = f"www.{secrets.token_hex(3)}-gift.example"
    renamed = world.alice.patch(f"/admin/users/{world.bob.id}", {"username": name})
    assert renamed.status_code == 200, renamed.text
    alices, free = world.address_of(world.alice), new_address()
    world.bob.patch("/me", {"display_name": "Bob Builder"})
    invite(world.bob, [free])
    assert "Bob Builder invites you" in world.post.next_to(free).text
    world.bob.patch("/me", {"display_name": name})
    invite(world.bob, [free])
    assert "Somebody invites you" in world.post.next_to(free, 2).text
    for address in (free, alices):
        world.bob.put("/me/email", {"address": address, "password": PASSWORD})
    confirm = world.post.next_to(free, 3).text
    assert confirm.splitlines()[0] == "Hello,"
    assert "Somebody wants to use this" in world.post.next_to(alices).text
    for mail in (*world.post.to(free), *world.post.to(alices)):
        assert name not in mail.text + mail.html + str(mail.mail["Subject"])


@pytest.mark.parametrize(
    "name", ["=?utf-8?q?Go_to_https=3A=2F=2Fevil=2Ecom?=", "=?utf-7?q?+2AE-?=", "a =?b", "ä" * 50]
)
def test_a_name_in_a_subject_is_read_as_it_was_typed(world: MailingWorld, name: str) -> None:
    dora = new_address()
    assert world.bob.patch("/me", {"display_name": name}).status_code == 200
    assert invite(world.bob, [dora]).status_code == 201
    mail = world.post.next_to(dora)
    assert str(mail.mail["Subject"]).startswith(f"{name} invites you to ")
    assert "evil.com" not in mail.text + mail.html


@pytest.mark.parametrize(
    "emails",
    [
        ["dora"],
        [""],
        [7],
        "dora@example.org",
        ["a@b.example"] * 21,
        ["dora@example.org", "=?utf-8?q?a?=@example.org"],
    ],
)
def test_only_some_addresses_are_taken(world: MailingWorld, emails: Any) -> None:
    assert invite(world.bob, emails).status_code == 422


def test_the_page_takes_addresses_as_people_paste_them(world: MailingWorld) -> None:
    dora, emil = new_address(), new_address()
    browser = Browser(world.server).sign_in(world.bob)
    page = browser.submit("/settings/invites", emails=f"Dora <{dora}>, {emil};")
    assert page.status_code == 422
    assert "Dora is no e-mail address." in page.text
    page = browser.submit("/settings/invites", emails=f"<{dora}>, {emil}; ")
    assert page.status_code == 201
    assert "It is mailed to 2 addresses." in page.text
    assert link_in(world.post.next_to(dora), "/join/") == link_in(
        world.post.next_to(emil), "/join/"
    )


def test_budgets_end_what_one_person_and_what_all_can_mail(
    world: MailingWorld, settings: Settings, folder: Path
) -> None:
    limits = {"RATE_LIMITS": "on", "SMTP_URL": world.post.url}
    limits |= {"LIMIT_MAIL_INVITES": "3 per day", "LIMIT_MAIL_INVITES_OF_THE_CHAT": "4 per day"}
    with new_chat(folder, settings.mongo_uri, **limits) as limited:
        first = [new_address() for _ in range(2)]
        assert invite(world.bob, first, limited).status_code == 201
        more = [new_address() for _ in range(2)]
        assert invite(world.bob, more, limited).status_code == 429
        assert invite(world.bob, []).status_code == 201, "links without mails go on"
        assert invite(world.carol, more, limited).status_code == 201
        assert invite(world.alice, [new_address()], limited).status_code == 429
        for address in (*first, *more):
            world.post.next_to(address)


def test_without_a_mail_server_there_is_no_field(app: Flask, server: Server) -> None:
    with app.app_context():
        bob = World(server).bob
    refused = invite(bob, [new_address()])
    assert refused.status_code == 409, "as for an address of one's own"
    assert "emails" in refused.json()["error"]["fields"]
    assert 'name="emails"' not in Browser(server).sign_in(bob).get("/settings/invites").text

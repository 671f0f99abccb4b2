"""Who forgot the password gets a link by mail; nobody else learns who has an account."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from chat import connect, extensions
from chat.models import mail_outbox
from chat.models.database import database
from chat.models.document import new_id
from chat.utils.clock import now
from config import Settings
from tests.helpers.authenticator import Authenticator
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.form_browser import Browser
from tests.helpers.mail_server import MailServer
from tests.helpers.mailing import MailingWorld, link_in, mailing_chat
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import PASSWORD

NEW = "a new horse battery staple"


@pytest.fixture(scope="module")
def chat(app: Flask, settings: Settings, folder: Path) -> Iterator[tuple[Server, MailServer]]:
    with mailing_chat(folder, settings.mongo_uri) as running:
        yield running


@pytest.fixture
def world(app: Flask, chat: tuple[Server, MailServer]) -> Iterator[MailingWorld]:
    with app.app_context():
        yield MailingWorld(*chat)


def ask(server: Server, account: str) -> requests.Response:
    body = {"account": account}
    return requests.post(f"{server.url}/api/v1/auth/forgot", json=body, timeout=20)


def test_bob_gets_a_link_and_chooses_a_new_password(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    visitor = Browser(world.server)
    assert 'href="/forgot"' in visitor.get("/login").text
    assert 'name="account"' in visitor.get("/forgot").text
    page = visitor.submit("/forgot", account=world.bob.username)
    assert "Look into your mailbox" in page.text
    mail = world.post.next_to(address)
    assert f"@{world.bob.username}" in mail.text
    entered = visitor.submit(link_in(mail, "/reset/"), new_password=NEW)
    assert urlsplit(entered.url).path == "/rooms"
    assert world.bob.get("/me").status_code == 401, "signed out elsewhere"


def test_an_address_is_enough_and_only_the_newest_link_works(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    assert ask(world.server, f" {address.upper()} ").status_code == 204
    first = link_in(world.post.next_to(address), "/reset/")
    ask(world.server, world.bob.username.upper())
    second = link_in(world.post.next_to(address, 2), "/reset/")
    visitor = Browser(world.server)
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200
    removed = world.bob.ask("DELETE", "/me/email", json={"password": PASSWORD})
    assert removed.status_code == 204
    assert visitor.get(second).status_code == 404, "the mailbox is not his any more"


def test_nobody_ends_an_administrators_link_by_asking_for_a_mail(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    answer = world.alice.post(f"/admin/users/{world.bob.id}/reset-link")
    by_alice = urlsplit(answer.json()["url"]).path
    ask(world.server, world.bob.username)
    mailed = link_in(world.post.next_to(address), "/reset/")
    visitor = Browser(world.server)
    assert [visitor.get(each).status_code for each in (by_alice, mailed)] == [200, 200]
    assert urlsplit(visitor.submit(mailed, new_password=NEW).url).path == "/rooms"
    assert visitor.get(by_alice).status_code == 404, "one of them is enough"
    world.alice.post(f"/admin/users/{world.bob.id}/reset-link")
    assert visitor.get(mailed).status_code == 404, "a newer one of hers ends all"


def test_the_answer_does_not_say_who_has_an_account(world: MailingWorld) -> None:
    address = world.address_of(world.alice)
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    without = world.address_of(world.carol)
    accounts = (f"nobody-{new_id()}", f"{new_id()}@example.org", world.bob.username, without, "@")
    answers = [ask(world.server, account) for account in (*accounts, address)]
    assert {(each.status_code, each.content) for each in answers} == {(204, b"")}
    world.post.next_to(address)
    assert world.post.to(without) == [], "her account is deactivated"
    assert not [each for each in world.post.received if "nobody" in each.to]


def test_the_second_factor_is_asked_all_the_same(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    app = Authenticator(world.bob)
    ask(world.server, world.bob.username)
    visitor = Browser(world.server)
    page = visitor.submit(link_in(world.post.next_to(address), "/reset/"), new_password=NEW)
    assert "Enter your code" in page.text
    assert urlsplit(visitor.get("/rooms").url).path == "/login"
    entered = visitor.submit(urlsplit(page.url).path, otp=app.code())
    assert urlsplit(entered.url).path == "/rooms"


def test_nobody_fills_the_mailbox_of_another(
    world: MailingWorld, settings: Settings, folder: Path
) -> None:
    limits = {"RATE_LIMITS": "on", "LIMIT_MAILS_TO_AN_ADDRESS": "2 per day"}
    limits |= {"LIMIT_FORGET_PASSWORDS": "4 per day", "SMTP_URL": world.post.url}
    address, other = world.address_of(world.bob), world.address_of(world.carol)
    with new_chat(folder, settings.mongo_uri, **limits) as limited:
        answers = [ask(limited, world.bob.username).status_code for _ in range(3)]
        assert answers == [204, 204, 204], "the answer tells nothing"
        assert ask(limited, world.carol.username).status_code == 204
        assert ask(limited, world.carol.username).status_code == 429
        world.post.next_to(other)
        wait_until(lambda: len(world.post.to(address)) == 2, "two mails to bob")


def test_what_others_let_the_chat_mail_keeps_no_link_away_and_tells_nothing(
    world: MailingWorld, settings: Settings, folder: Path
) -> None:
    limits = {"RATE_LIMITS": "on", "LIMIT_MAILS_TO_AN_ADDRESS": "1 per day"}
    limits |= {"SMTP_URL": world.post.url, "LIMIT_MAIL_INVITES": "2 per day"}
    address, free = world.address_of(world.bob), f"{new_id()}@example.org"
    with new_chat(folder, settings.mongo_uri, **limits) as limited:
        world.mallory.server = world.carol.server = limited
        invite = {"emails": [address, free], "room_ids": [str(new_id())]}
        refused = [world.carol.post("/invites", invite).status_code for _ in range(2)]
        assert refused == [404, 404]
        done = world.carol.post("/invites", {"emails": [address, free]})
        assert done.status_code == 201, "what was refused costs nothing"
        for count in (1, 2):
            wanted = [
                world.mallory.put("/me/email", {"address": each, "password": PASSWORD})
                for each in (address, free)
            ]
            assert [each.status_code for each in wanted] == [202, 202], count
            assert wanted[0].json() == wanted[1].json()
        assert ask(limited, world.bob.username).status_code == 204
        texts = {world.post.next_to(address, count).text for count in (1, 2, 3)}
        assert [each for each in texts if "/reset/" in each]
        world.post.next_to(free, 2)
    assert (len(world.post.to(address)), len(world.post.to(free))) == (3, 2)


def test_a_mail_outlives_the_chat_and_a_mail_server_that_is_away(
    world: MailingWorld, own_uri: str, folder: Path
) -> None:
    """On a database of its own, or the other chat would send it."""
    connect(extensions.settings(), own_uri, embedded=IS_EMBEDDED)
    people = MailingWorld(world.server, MailServer())
    address = people.address_of(people.bob)
    chat = new_chat(folder, own_uri, SMTP_URL=people.post.url)
    with chat.start():
        assert ask(chat, people.bob.username).status_code == 204
        put_off = {"tries": 1, "due_at": {"$lt": now() + mail_outbox.CLAIM / 2}}
        wait_until(lambda: database["mails"].find_one(put_off), "one try was in vain")
        chat.stop(signal.SIGKILL)
        database["mails"].update_one({"tries": 1}, {"$set": {"due_at": now()}})
        with people.post:
            chat.start()
            mail = people.post.next_to(address)
            assert Browser(chat).get(link_in(mail, "/reset/")).status_code == 200


def test_without_a_mail_server_an_administrator_helps(server: Server) -> None:
    visitor = Browser(server)
    assert "/forgot" not in visitor.get("/login").text
    assert "Ask an administrator for a link." in visitor.get("/forgot").text
    assert visitor.submit("/forgot", account="bob").status_code == 404
    assert ask(server, "bob").status_code == 404

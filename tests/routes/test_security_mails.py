"""Who has a proved address gets a mail when how they sign in changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.helpers import passkeys
from tests.helpers.authenticator import Authenticator
from tests.helpers.form_browser import Browser
from tests.helpers.mail_server import MailServer
from tests.helpers.mailing import MailingWorld, link_in, mailing_chat
from tests.helpers.servers import Server
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


def test_bob_reads_that_his_password_was_changed_by_whatever_way(world: MailingWorld) -> None:
    address = world.address_of(world.bob)
    changed = world.bob.put("/me/password", {"current_password": PASSWORD, "new_password": NEW})
    assert changed.status_code < 300, changed.text
    mail = world.post.next_to(address)
    assert mail.mail["Subject"] == "Your password in Chat was changed"
    assert f"@{world.bob.username}" in mail.text
    assert "If this wasn’t you" in mail.text
    assert link_in(mail, "/forgot") == "/forgot"
    link = world.alice.post(f"/admin/users/{world.bob.id}/reset-link").json()["url"]
    Browser(world.server).submit(link[link.index("/reset/") :], new_password=PASSWORD)
    assert world.post.next_to(address, 2).mail["Subject"] == "Your password in Chat was changed"


def test_bob_reads_in_his_language_of_a_passkey_and_of_a_second_factor_that_is_off(
    world: MailingWorld,
) -> None:
    address = world.address_of(world.bob)
    passkeys.added(world.bob)
    mail = world.post.next_to(address)
    assert mail.mail["Subject"] == "A new passkey for your account in Chat"
    assert link_in(mail, "/settings") == "/settings/security"
    world.bob.patch("/me/preferences", {"language": "de"})
    phone = Authenticator(world.bob)
    off = world.bob.ask("DELETE", "/me/totp", json={"password": PASSWORD, "otp": phone.code()})
    assert off.status_code == 204, off.text
    mail = world.post.next_to(address, 2)
    assert mail.mail["Subject"] == "Die Anmeldung in zwei Schritten ist aus für dein Konto in Chat"
    Authenticator(world.bob)
    admin = Browser(world.server).sign_in(world.alice)
    admin.submit(f"/admin/people/{world.bob.id}/second-factor")  # as if the phone were lost
    assert world.post.next_to(address, 3).mail["Subject"] == mail.mail["Subject"]


def test_who_has_no_proved_address_gets_no_mail(world: MailingWorld) -> None:
    world.carol.put("/me/password", {"current_password": PASSWORD, "new_password": NEW})
    address = world.address_of(world.bob)
    passkeys.added(world.bob)
    world.post.next_to(address)
    assert not [each for each in world.post.received if world.carol.username in each.to]

"""Mails: whatever happens to the chat or to the mail server, each arrives, and none is readable."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import timedelta
from email.errors import InvalidHeaderDefect
from pathlib import Path

import pytest
from bson import encode
from flask import Flask

from chat import extensions
from chat.controllers import mails
from chat.models import mail_outbox
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.utils.clock import now
from chat.utils.configuration import smtp
from chat.utils.configuration.variables import Variables
from chat.utils.letters import Letter
from config import Settings
from tests.helpers.command_line import bin_chat
from tests.helpers.mail_server import MailServer
from tests.helpers.servers import free_port

LETTER = Letter("News for you", ("heliotrope",))


def use(settings: Settings, url: str) -> None:
    server = smtp.read(Variables({"SMTP_URL": url}))
    extensions.bind_settings(dataclasses.replace(settings, mail_server=server))


@pytest.fixture
def post_office(app: Flask, settings: Settings) -> Iterator[MailServer]:
    """A mail server that the chat of this process uses; nothing waits for it."""
    database["mails"].delete_many({})
    with app.app_context(), MailServer() as server:
        use(settings, server.url)
        yield server
    extensions.bind_settings(settings)


def make_due(mail_id: Id) -> None:
    """Let the time of the next try come."""
    database["mails"].update_one({"_id": mail_id}, {"$set": {"due_at": now()}})


def waiting(mail_id: Id) -> dict[str, object]:
    found = database["mails"].find_one({"_id": mail_id})
    assert found
    return found


def test_what_waits_is_sealed_and_gone_once_it_was_taken(post_office: MailServer) -> None:
    mail_id = new_id()
    mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    stored = encode(waiting(mail_id))
    for secret in (b"heliotrope", b"ada@", b"News"):
        assert secret not in stored
    mails.send_waiting()
    mails.send_waiting()
    (taken,) = post_office.to("ada@example.org")
    assert taken.mail["Subject"] == "News for you"
    assert "heliotrope" in taken.text
    assert database["mails"].find_one({"_id": mail_id}) is None


def test_a_stored_mail_that_was_sent_opens_for_nobody(post_office: MailServer) -> None:
    """Nor for a thief of an old copy of the database, who has SECRET_KEY."""
    mail_id = new_id()
    mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    copy = waiting(mail_id)
    mails.send_waiting()
    database["mails"].insert_one(copy)
    assert mail_outbox.claim() is None
    assert database["mails"].find_one({"_id": mail_id}) is None, "it is cleared away, unread"


def test_a_mail_waits_while_the_server_is_away_and_longer_each_time(
    post_office: MailServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    mail_id = new_id()
    use(settings, f"smtp://ada:geheimnis@127.0.0.1:{free_port()}?from=chat@example.org")
    mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    delays = []
    with caplog.at_level(logging.INFO):
        for _ in range(9):
            make_due(mail_id)
            mails.send_waiting()
            due_at = waiting(mail_id)["due_at"]
            delays.append(round((due_at - now()).total_seconds() / 60))  # type: ignore[operator]
    assert delays == [1, 2, 4, 8, 16, 32, 64, 120, 120]
    assert caplog.records
    for record in caplog.records:
        assert "geheimnis" not in str(vars(record))
        assert "ada@example.org" not in str(vars(record)), "nobody's address is in the log"
    use(settings, post_office.url)
    make_due(mail_id)
    mails.send_waiting()
    assert len(post_office.to("ada@example.org")) == 1


def test_a_mail_is_given_up_after_a_day(
    post_office: MailServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    mail_id = new_id()
    use(settings, f"smtp://127.0.0.1:{free_port()}?from=chat@example.org")
    mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    made_at = now() - timedelta(days=1)
    database["mails"].update_one({"_id": mail_id}, {"$set": {"made_at": made_at}})
    with caplog.at_level(logging.WARNING):
        mails.send_waiting()
    assert [record.message for record in caplog.records] == ["a mail was given up"]
    assert database["mails"].find_one({"_id": mail_id}) is None


def test_who_does_not_exist_keeps_nobody_waiting(post_office: MailServer) -> None:
    post_office.refuse = lambda to: "550 5.1.1 unknown" if to.startswith("nobody") else ""
    for name in ("nobody", "ada", "nobody", "bob"):
        mails.post("a test", f"{name}@example.org", LETTER)
    mails.send_waiting()
    assert {each.to for each in post_office.received} == {"ada@example.org", "bob@example.org"}
    assert database["mails"].find_one({"kind": "a test"}) is None


def test_who_is_to_be_tried_again_keeps_nobody_waiting(post_office: MailServer) -> None:
    busy = {"busy@example.org": "450 4.2.1 mailbox busy", "full@example.org": ""}
    post_office.refuse = lambda to: busy.get(to, "")
    post_office.refuse_content = lambda to: "451 4.3.0 later" if to in busy else ""
    for name in ("busy", "full", "ada", "busy", "bob"):
        mails.post("a test", f"{name}@example.org", LETTER)
    mails.send_waiting()
    assert {each.to for each in post_office.received} == {"ada@example.org", "bob@example.org"}
    put_off = list(database["mails"].find({"kind": "a test"}))
    assert [(each["tries"], each["due_at"] > now()) for each in put_off] == [(1, True)] * 3


def test_a_server_that_ends_the_conversation_gets_nothing_more(post_office: MailServer) -> None:
    post_office.refuse = lambda to: "421 4.3.2 closing" if to.startswith("busy") else ""
    for name in ("busy", "ada"):
        mails.post("a test", f"{name}@example.org", LETTER)
    mails.send_waiting()
    assert post_office.received == []
    mails.send_waiting()
    assert [each.to for each in post_office.received] == ["ada@example.org"]


def test_who_dies_while_sending_leaves_the_mail_to_others(post_office: MailServer) -> None:
    mail_id = new_id()
    mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    claimed = mail_outbox.claim()
    assert claimed
    assert mail_outbox.claim() is None, "nobody else takes it meanwhile"
    make_due(mail_id)  # the claim of the dead process is over
    mails.send_waiting()
    taken = post_office.to("ada@example.org")[0].mail
    assert taken["Message-ID"] in claimed.content.partition("\r\n")[0], "each try has the same id"


def test_a_mail_with_an_id_waits_once(post_office: MailServer) -> None:
    mail_id = new_id()
    for _ in range(2):
        mails.post("a test", "ada@example.org", LETTER, mail_id=mail_id)
    mails.send_waiting()
    assert len(post_office.received) == 1


def test_a_letter_to_several_waits_for_all_of_them_or_for_none(post_office: MailServer) -> None:
    with pytest.raises(InvalidHeaderDefect):
        mails.post_to_each("a test", ["ada@example.org", "=?utf-8?q?a?=@example.org"], LETTER)
    assert database["mails"].find_one({"kind": "a test"}) is None
    mails.post_to_each("a test", ["ada@example.org", "bob@example.org"], LETTER)
    mails.send_waiting()
    assert len(post_office.received) == 2


def test_the_name_of_the_chat_is_the_senders_whatever_it_has(post_office: MailServer) -> None:
    names = ("=?utf-8?q?Other?=", 'Chat, "the" <real> one', "Käfer")
    for name in names:
        extensions.bind_settings(dataclasses.replace(extensions.settings(), chat_name=name))
        mails.post("a test", "ada@example.org", LETTER)
    mails.send_waiting()
    shown = [each.mail["From"].addresses[0] for each in post_office.received]
    assert {each.addr_spec for each in shown} == {"chat@example.org"}
    assert {each.display_name for each in shown} == set(names)


def test_mails_go_over_starttls_with_a_password(
    post_office: MailServer, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(tmp_path, with_password=True) as strict:
        use(settings, strict.url)
        refusal = mails.check()
        assert refusal
        assert "certificate" in refusal.reason, "nobody else can pretend to be the server"
        monkeypatch.setenv("SSL_CERT_FILE", str(strict.certificate))
        assert mails.check() is None
        mails.post("a test", "ada@example.org", LETTER)
        mails.send_waiting()
        (taken,) = strict.received
        assert taken.was_encrypted
        use(settings, strict.url.replace("p%40ss", "wrong"))
        refusal = mails.check()
        assert refusal
        assert refusal.reason.startswith("password: 535")
    use(settings, f"{post_office.url}&tls=on")
    refusal = mails.check()
    assert refusal
    assert "STARTTLS" in refusal.reason, "a server that cannot encrypt gets nothing"


def test_an_operator_tries_the_mail_server(
    app: Flask, post_office: MailServer, settings: Settings
) -> None:
    assert f"127.0.0.1:{post_office.port} takes mails" in bin_chat(app, "doctor").output
    assert "took it" in bin_chat(app, "mail", "test", "ada@example.org").output
    assert len(post_office.to("ada@example.org")) == 1
    wrong = bin_chat(app, "mail", "test", "ada")
    assert (wrong.exit_code, "an address like" in wrong.output) == (1, True)
    use(settings, f"smtp://127.0.0.1:{free_port()}?from=chat@example.org")
    assert "SMTP_URL: 127.0.0.1" in bin_chat(app, "doctor").output
    assert "did not take it" in bin_chat(app, "mail", "test", "ada@example.org").output
    extensions.bind_settings(settings)
    assert "SMTP_URL is not set" in bin_chat(app, "mail", "test", "ada@example.org").output
    assert "the chat sends no mails" in bin_chat(app, "doctor").output

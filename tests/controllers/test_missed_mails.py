"""Mails about what was missed: once, and only what notifies, is unread and was not disturbed by."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import (
    blocks,
    mails,
    memberships,
    messages,
    missed_mails,
    preferences,
    presence,
    readings,
)
from chat.models import email_addresses, mail_outbox, missed_mail
from chat.models.database import database
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.configuration import smtp
from chat.utils.configuration.variables import Variables
from config import Settings
from tests.helpers.mail_server import MailServer, Received
from tests.helpers.rooms import make_room

_numbers = itertools.count(1)


class Away:
    """Bob, who wants mails, has an address and is away, in a room with alice."""

    def __init__(self, post: MailServer):
        self.post = post
        self.room, people = make_room("alice", "bob")
        self.alice, self.bob = people.values()
        self.address = f"{self.bob.username}@example.org"
        email_addresses.keep_verified(self.bob.id, self.address)
        self.prefer(email="missed")

    def prefer(self, **changes: object) -> None:
        self.bob = preferences.change(User.find_now(self.bob.id) or self.bob, **changes)

    def says(self, body: str, room: Room | None = None) -> str:
        client_id = f"c{next(_numbers)}"
        room_id = str((room or self.room).id)
        message, _ = messages.post(
            self.alice, room_id, body=body, client_id=client_id, image_ids=[]
        )
        return str(message.id)

    def names_bob(self) -> str:
        return self.says(f"@{self.bob.username} heliotrope")

    def look(self) -> list[Received]:
        """Let the time of the next look come. Return all mails so far."""
        due = {"$set": {"check_at": now()}}
        database["missed_mails"].update_one({"_id": self.bob.id}, due)
        missed_mails.mail_missed()
        mails.send_waiting()
        return self.post.to(self.address)


@pytest.fixture
def away(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    monkeypatch.setattr(missed_mails, "UNREAD_FOR", timedelta(0))
    for collection in ("mails", "missed_mails"):
        database[collection].delete_many({"_id": {"$exists": True}})
    with app.app_context(), MailServer() as server:
        mail_server = smtp.read(Variables({"SMTP_URL": server.url}))
        extensions.bind_settings(dataclasses.replace(settings, mail_server=mail_server))
        yield Away(server)
    extensions.bind_settings(settings)


def test_one_mail_names_rooms_and_counts_and_nothing_is_told_twice(away: Away) -> None:
    away.names_bob()
    away.names_bob()
    away.says("nobody is named")
    (mail,) = away.look()
    assert f"{away.room.name}: 2 messages" in mail.text
    assert "heliotrope" not in mail.text + mail.html
    assert len(away.look()) == 1
    away.names_bob()
    assert f"{away.room.name}: 1 message" in away.look()[1].text
    assert len(away.look()) == 2


def test_who_wants_reads_in_the_mail_what_was_written(away: Away) -> None:
    away.prefer(email_content=True)
    away.names_bob()
    (mail,) = away.look()
    assert f"Alice: @{away.bob.username} heliotrope" in mail.text.replace(away.alice.label, "Alice")


def test_nothing_is_mailed_before_it_was_unread_for_a_while(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed_mails, "UNREAD_FOR", timedelta(minutes=30))
    away.names_bob()
    assert away.look() == []
    earlier = {"$set": {"since": now() - timedelta(hours=1)}}
    database["missed_mails"].update_one({"_id": away.bob.id}, earlier)
    assert away.look() == [], "it is not half an hour old"
    monkeypatch.setattr(missed_mails, "UNREAD_FOR", timedelta(0))
    assert len(away.look()) == 1


def test_what_was_read_deleted_muted_or_blocked_is_not_missed(away: Away) -> None:
    away.names_bob()
    readings.mark_read(away.bob, str(away.room.id), 1)
    assert away.look() == []
    messages.delete(away.alice, away.names_bob())
    assert away.look() == []
    memberships.choose_notifications(away.bob, str(away.room.id), "nothing")
    away.names_bob()
    assert away.look() == []
    memberships.choose_notifications(away.bob, str(away.room.id), "all")
    blocks.block(away.bob, str(away.alice.id))
    away.says("every message notifies, but hers")
    assert away.look() == []
    blocks.unblock(away.bob, str(away.alice.id))
    away.says("every message")
    assert len(away.look()) == 1


def test_nobody_is_mailed_who_is_there_or_wants_to_be_left_alone(
    away: Away,
) -> None:
    away.names_bob()
    presence.connected(away.bob, "a socket")
    try:
        assert away.look() == []
    finally:
        presence.disconnected(away.bob.id, "a socket")
    presence._leaving.clear()
    away.prefer(dnd_until=now() + timedelta(hours=1))
    assert away.look() == []
    away.says(f"@{away.bob.username}, while he does not want to be disturbed")
    over = {"$set": {"preferences.dnd_until": now()}}
    database["users"].update_one({"_id": away.bob.id}, over)
    away.prefer()
    (mail,) = away.look()
    assert f"{away.room.name}: 1 message" in mail.text, "what came meanwhile is not told later"


@pytest.mark.parametrize("step", ["_hold", "_release"])
def test_whoever_dies_while_making_a_mail_it_goes_once(
    away: Away, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    away.names_bob()
    does = getattr(missed_mails, step)

    def die(*args: object) -> None:
        if step == "_hold":
            does(*args)  # the mail is in the outbox, and the process dies before it notes so
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(missed_mails, step, die)
        with pytest.raises(KeyboardInterrupt):
            away.look()
    assert away.post.received == []
    assert len(away.look()) == 1
    assert len(away.look()) == 1
    away.names_bob()
    assert len(away.look()) == 2


def test_a_mail_that_went_before_its_process_died_does_not_go_again(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    away.names_bob()
    with monkeypatch.context() as dying:
        dying.setattr(missed_mail.Watch, "released", lambda _: None)
        assert len(away.look()) == 1
    assert len(away.look()) == 1


def test_between_two_mails_are_three_hours(away: Away) -> None:
    away.names_bob()
    away.look()
    record = database["missed_mails"].find_one({"_id": away.bob.id})
    assert record
    assert timedelta(hours=2, minutes=59) < record["check_at"] - now() <= timedelta(hours=3)


def test_who_stops_them_gets_none_not_even_one_that_waits(away: Away) -> None:
    away.names_bob()
    database["missed_mails"].update_one({"_id": away.bob.id}, {"$set": {"check_at": now()}})
    missed_mails.mail_missed()
    away.prefer(email="never")
    assert away.look() == []
    assert mail_outbox.claim() is None
    away.names_bob()
    assert away.look() == []
    away.prefer(email="missed")
    assert away.look() == [], "what came before is not told"


def test_a_link_in_each_mail_stops_them(away: Away) -> None:
    away.names_bob()
    (received,) = away.look()
    mail: EmailMessage = received.mail
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(mail["List-Unsubscribe"]).strip("<>")
    assert url in received.text
    token = url.rpartition("/")[2]
    assert missed_mails.person_of(token).id == away.bob.id
    missed_mails.stop(token)
    away.names_bob()
    assert len(away.look()) == 1

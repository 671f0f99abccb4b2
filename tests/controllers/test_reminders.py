"""Reminders that cannot be said hold up nobody else's, and pass no block."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import blocks
from chat.controllers.commands import programs, reminders, running
from chat.models import reminder as stored
from chat.models.database import Record, database
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.paged import USUAL_PAGE
from chat.models.reminder import Content, Reminder
from chat.models.slash_command import CommandCall, SlashCommand
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden, NotFound
from chat.utils.hook_payloads import UnreadablePayload
from config import Settings
from tests.helpers.databases import of_its_own
from tests.helpers.rooms import make_room

_numbers = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def own(app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use a database of these tests' own: no other process delivers what is due here."""
    with of_its_own(settings, tmp_path_factory.mktemp("secrets")), app.app_context():
        yield


class Harbour:
    """A room of alice, bob and carol."""

    def __init__(self) -> None:
        self.room, people = make_room("alice", "bob", "carol")
        self.alice, self.bob, self.carol = people.values()

    def bot(self) -> User:
        """Return a bot of bob's that is in the room."""
        robby = User.register(f"robby-{self.room.id}", "Robby", "", owner_id=self.bob.id)
        Membership.begin(self.room, robby.id, "member", 0)
        return robby

    def gives(self, person: User, text: str) -> None:
        running.run(person, str(self.room.id), text, f"c{next(_numbers)}", "UTC")

    def asks_for(self, person: User, body: Any) -> None:
        """Let a person ask for a reminder that is due, whatever it says."""
        content = Content("Reminder", body)
        Reminder.make(person.id, self.room.id, f"c{next(_numbers)}", now(), content)

    def said(self) -> list[Message]:
        return Message.page(self.room.id, limit=USUAL_PAGE).messages

    def bodies(self) -> list[str]:
        return [message.text.body for message in self.said()]

    def waiting(self) -> list[Record]:
        """Return the reminders of the room that were neither said nor dropped."""
        return list(database["reminders"].find({"room_id": self.room.id}))


def deliver(here: Harbour) -> None:
    """Deliver as the job does, when every reminder of the room is due."""
    database["reminders"].update_many({"room_id": here.room.id}, {"$set": {"due_at": now()}})
    reminders.deliver_due()


def test_what_was_charged_when_it_was_asked_for_is_said_beyond_the_quota(
    app: Flask, settings: Settings
) -> None:
    here = Harbour()
    here.gives(here.bob, "/remind here in 1 h tea")
    extensions.bind_settings(
        dataclasses.replace(settings, rate_limits=True, text_quota_bytes_per_person_per_day=1)
    )
    try:
        deliver(here)
    finally:
        extensions.bind_settings(settings)
    assert here.bodies() == ["tea (from bob)"]
    assert here.waiting() == []


def test_reminders_that_cannot_be_said_let_others_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stored, "AT_A_TIME", 2)
    here, elsewhere = Harbour(), Harbour()
    elsewhere.asks_for(here.bob, "he is not there")
    here.asks_for(here.bob, "damaged")
    database["reminders"].update_one({"room_id": here.room.id}, {"$set": {"sealed": b"x" * 256}})
    here.asks_for(here.bob, 5)  # what no code expects
    here.asks_for(here.bob, 6)
    here.asks_for(here.alice, "tea")
    for _ in range(3):
        reminders.deliver_due()
    assert here.bodies() == ["tea"]
    later = [each["due_at"] - now() for each in here.waiting()]
    assert len(later) == 2, "what fails by a bug is tried again"
    assert min(later) > timedelta(minutes=50)


def test_nobody_is_reminded_by_somebody_whom_they_block() -> None:
    here = Harbour()
    here.gives(here.bob, f"/remind @{here.carol.username} in 1 h before the block")
    blocks.block(here.carol, str(here.bob.id))
    with pytest.raises(Forbidden, match="You cannot write to these people"):
        here.gives(here.bob, f"/remind @{here.carol.username} in 1 h after it")
    deliver(here)
    assert here.said() == []
    here.gives(here.bob, f"/remind @{here.alice.username} in 1 h and @{here.carol.username}")
    deliver(here)
    (message,) = here.said()
    assert message.mentions == [here.alice.id]


def called(here: Harbour, person: User) -> str:
    """Return the token with which a program answers a command that a person gave."""
    name = "deploy-" + "".join(random.choices("abcdefgh", k=12))
    command = SlashCommand.make(here.alice.id, name, "Deploy", "https://example.org", "whsec_")
    return CommandCall.begin(command.id, person.id, here.room.id, "c")[1]


def test_the_program_of_a_command_names_nobody_who_blocks_its_author() -> None:
    here = Harbour()
    blocks.block(here.carol, str(here.bob.id))
    body = f"@{here.carol.username} @{here.alice.username} look"
    said = b'{"body": "%s", "response_type": "in_channel"}' % body.encode()
    programs.answer_later(called(here, here.bob), "application/json", said)
    robby = here.bot()
    programs.answer_later(called(here, robby), "application/json", said)
    for message in here.said():
        assert message.mentions == [here.alice.id]
        assert body in message.text.body
    assert len(here.said()) == 2


def test_a_bot_whose_owner_is_deactivated_says_nothing_more() -> None:
    here = Harbour()
    robby = here.bot()
    here.asks_for(robby, "tea")
    token = called(here, robby)
    database["users"].update_one({"_id": here.bob.id}, {"$set": {"deactivated_at": now()}})
    User.forget(here.bob.id)
    deliver(here)
    with pytest.raises(NotFound):
        programs.answer_later(token, "text/plain", b"out")
    assert here.said() == []
    assert here.waiting() == []


def test_an_answer_of_endless_nesting_is_unreadable() -> None:
    here = Harbour()
    with pytest.raises(UnreadablePayload):
        programs.answer_later(called(here, here.bob), "", b'{"a":' * 30_000)

"""Lists whose length other people decide are bounded."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.controllers import mentions, sessions
from chat.controllers.devices import Device
from chat.controllers.sign_on import by_password
from chat.controllers.visitors import Visitor
from chat.models import mention_index
from chat.models.database import database
from chat.models.document import new_id
from chat.models.message import Message
from chat.models.session import Session
from chat.models.user import User
from chat.utils.passwords import hash_password
from tests.helpers.rooms import make_room


def test_whoever_signs_in_on_one_device_too_many_is_signed_out_on_the_one_used_longest_ago(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_DEVICES", 3)
    alice = User.register(f"alice-{new_id()}", "Alice", hash_password("correct horse"))
    bob = User.register(f"bob-{new_id()}", "Bob", hash_password("correct horse"))
    of_bob = Session.begin(bob.id, "his own")
    signed_in = []
    for number in range(5):
        visitor = Visitor("a network", Device.new(), f"device {number}")
        _, session = by_password.log_in(alice.username, "correct horse", visitor)
        signed_in.append(session.rotate(visitor.key))
    assert [session.device for session in Session.of(alice.id)] == [
        "device 4",
        "device 3",
        "device 2",
    ]
    assert Session.find_now(signed_in[0].id).revoked
    assert [session.id for session in Session.of(bob.id)] == [of_bob.id]


def test_of_a_session_that_ended_nothing_is_left_after_a_day(app: Flask) -> None:
    alice = User.register(f"alice-{new_id()}", "Alice", "")
    session = Session.begin(alice.id, "device")
    before = database["sessions"].find_one({"_id": session.id})["expires_at"]
    session.revoke()
    assert (before - database["sessions"].find_one({"_id": session.id})["expires_at"]).days >= 28


def test_a_list_of_mentions_that_were_taken_back_ends_and_goes_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mentions, "MOST_ROUNDS", 2)
    room, people = make_room("alice", "bob")
    there, _ = Message.post(room.id, people["alice"], "c1", f"@{people['bob'].username}")
    for _ in range(25):
        mention_index.note(new_id(), [people["bob"].id])  # of messages that never came to be
    found, before, answers = [], mentions.LAST, 0
    while before:
        page, before = mentions.list_of(people["bob"], before, 5)
        found += [message.id for message in page]
        answers += 1
    assert found == [there.id]
    assert answers == 3

"""Unread counts: derived from the log, and always equal to a naive recount."""

from __future__ import annotations

import random
from collections import OrderedDict

import pytest
from flask import Flask

from chat.controllers import readings
from chat.models import reading as reading_module
from chat.models.database import database
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.reading import Reading, Recent
from tests.helpers.rooms import make_room, standing


def test_a_random_walk_of_posts_and_reads_equals_a_naive_recount(app: Flask) -> None:
    dice = random.Random(7)
    room, people = make_room("alice", "bob", "carol")
    said: list[str] = []  # by whom, in order
    read = dict.fromkeys(people, 0)
    mark = dict.fromkeys(people, 0)
    for step in range(300):
        name = dice.choice(list(people))
        action = dice.random()
        if action < 0.6:
            Message.post(room.id, people[name], f"c{step}", "x")
            said.append(name)
            read[name] = len(said)
        else:
            seq = dice.randint(0, len(said) + 2)
            goes_back = min(seq, len(said)) < read[name]
            read[name] = min(seq, len(said))
            mark[name] = len(said) if goes_back else mark[name]
            readings.mark_read(people[name], str(room.id), seq)
        for other, user in people.items():
            found = standing(room, user)
            recount = sum(author != other for author in said[read[other] :])
            assert (found.head_seq, found.read_seq, found.unread) == (
                len(said),
                read[other],
                recount,
            ), (step, name, other)


def test_marking_unread_survives_own_older_posts_and_a_new_post_reads_again(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    for i in range(4):
        Message.post(room.id, people["bob" if i % 2 else "alice"], f"c{i}", "x")
    readings.mark_read(people["alice"], str(room.id), 1)
    assert standing(room, people["alice"]).unread == 2
    Message.post(room.id, people["alice"], "c9", "x")
    assert standing(room, people["alice"]) == Reading(5, 5, 0)


def test_counts_are_exact_beyond_what_is_remembered_and_stop_at_the_most(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "MOST", 50)
    monkeypatch.setattr(reading_module, "FEW", 7)
    monkeypatch.setattr(reading_module, "MANY", 10)
    room, people = make_room("alice", "bob")
    for i in range(60):
        Message.post(room.id, people["bob"], f"c{i}", "x")
    alice = Membership.find(room.id, people["alice"].id)
    assert alice
    assert Recent(room.id).reading(alice).unread == 50
    assert Recent(room.id).reading(alice.change_read_seq(17, 60)).unread == 43
    recent = Recent(room.id)
    assert recent.reading(alice.change_read_seq(60, 60)).unread == 0
    for i in range(200):
        Message.post(room.id, people["bob"], f"d{i}", "x")
        assert recent.reading(alice.change_read_seq(60 + i, 60)).unread == 1
    assert len(recent._posts) <= 101


def test_of_two_devices_that_read_at_one_moment_the_slower_takes_nothing_back(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    for i in range(9):
        Message.post(room.id, people["bob"], f"c{i}", "x")
    phone = laptop = Membership.find(room.id, people["alice"].id)
    assert phone and laptop
    assert phone.advance_read_seq(7)
    assert not laptop.advance_read_seq(5), "it had looked before"
    after = Membership.find_now(room.id, people["alice"].id)
    assert after
    assert (after.read_seq, after.seen_seq) == (7, 7)
    assert after.change_read_seq(2, 9).seen_seq == 7, (
        "what was seen was seen, though it is marked unread"
    )


def test_how_far_people_have_read_is_what_they_said_or_their_own_newest_message(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "FEW", 3)
    monkeypatch.setattr(reading_module, "MANY", 10)
    room, people = make_room("alice", "bob", "carol", "dora")
    for i, name in enumerate(["dora", "alice", "bob", "alice", "alice", "alice", "alice", "alice"]):
        Message.post(room.id, people[name], f"c{i}", "x")
    readings.read_up_to(people["carol"], str(room.id), 5)
    readings.mark_read(people["bob"], str(room.id), 1)
    seqs = Recent(room.id).seen_seqs(Membership.within(room))
    assert {name: seqs[user.id] for name, user in people.items()} == {
        "alice": 8,
        "bob": 3,
        "carol": 5,
        "dora": 1,
    }
    assert Recent(room.id).seen_seqs([]) == {}


def test_looking_at_the_newest_never_lowers_what_is_read(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    for i in range(3):
        Message.post(room.id, people["bob"], f"c{i}", "x")
    readings.read_up_to(people["alice"], str(room.id), 3)
    readings.read_up_to(people["alice"], str(room.id), 1)
    assert standing(room, people["alice"]).read_seq == 3
    assert database["log"].count_documents({"room_id": room.id}) == log_of(room.id).head().seq == 3


def test_a_process_caches_the_entries_of_few_rooms_and_counts_right_in_all(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "_recents", OrderedDict())
    monkeypatch.setattr(reading_module, "MOST_ROOMS", 2)
    rooms = [make_room("alice", "bob") for _ in range(4)]
    for step in range(3):
        for room, people in rooms:
            Message.post(room.id, people["bob"], f"c{step}", "x")
            assert standing(room, people["alice"]).unread == step + 1
    assert list(reading_module._recents) == [room.id for room, _ in rooms[-2:]]

"""Who is mentioned: by whom, in which rooms, and after every change."""

from __future__ import annotations

import random
import time

import pytest
from flask import Flask

from chat.controllers import mentions, readings
from chat.models import mention_index
from chat.models.database import database
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message import mentioning as mentioning_module
from chat.models.reading import Reading, Recent
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Forbidden
from tests.helpers.rooms import make_room, standing


def bodies(person: User) -> list[str]:
    return [message.text.body for message in mentions.list_of(person)[0]]


def test_a_message_names_people_of_its_room_by_id_and_its_author_calls_nobody_twice(
    app: Flask,
) -> None:
    room, people = make_room("alice", "bob")
    _, elsewhere = make_room("mallory")
    body = (
        f"@{people['bob'].username} @{people['bob'].username.upper()} "
        f"@{elsewhere['mallory'].username} @{people['alice'].username}"
    )
    message, _ = Message.post(room.id, people["alice"], "c1", body)
    assert set(message.mentions) == {people["alice"].id, people["bob"].id}
    assert not message.mentions_room
    assert bodies(people["bob"]) == [body]
    assert bodies(people["alice"]) == bodies(elsewhere["mallory"]) == []
    assert (standing(room, people["bob"]).mentions, standing(room, people["alice"]).mentions) == (
        1,
        0,
    )


def test_a_retry_notes_nothing_twice_and_leaves_nothing_behind(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    for _ in range(3):
        Message.post(room.id, people["alice"], "c1", f"@{people['bob'].username}")
    assert database["mentions"].count_documents({"audience": people["bob"].id}) == 1
    assert len(bodies(people["bob"])) == 1


def test_edits_and_deletions_are_followed(app: Flask) -> None:
    room, people = make_room("alice", "bob", "carol")
    alice, bob, carol = people.values()
    message, _ = Message.post(room.id, alice, "c1", "nobody yet")
    message = message.edit(alice, f"@{bob.username}").message
    assert (message.mentions, len(bodies(bob)), standing(room, bob).mentions) == ([bob.id], 1, 1)
    message = message.edit(alice, f"@{carol.username}").message
    assert (bodies(bob), standing(room, bob).mentions) == ([], 0)
    assert (len(bodies(carol)), standing(room, carol).mentions) == (1, 1)
    message = message.edit(alice, "@room").message
    assert (message.mentions, message.mentions_room, standing(room, bob).mentions) == ([], True, 1)
    message.delete(alice, "member")
    assert (bodies(bob), bodies(carol), standing(room, bob).mentions) == ([], [], 0)
    assert database["mentions"].count_documents({"message_id": message.id}) == 0


def test_nobody_can_name_people_with_somebody_elses_message(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    message, _ = Message.post(room.id, people["alice"], "c1", "x")
    with pytest.raises(Forbidden):
        message.edit(people["bob"], f"@{people['alice'].username}")
    assert database["mentions"].count_documents({"message_id": message.id}) == 0


def test_everybody_is_named_where_few_are_and_by_moderators_where_many_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob", "carol")
    Membership.find(room.id, people["carol"].id).change_role("moderator")
    assert Message.post(room.id, people["alice"], "c1", "@room one")[0].mentions_room
    monkeypatch.setattr(mentioning_module, "LARGE_ROOM", 2)
    refused, _ = Message.post(room.id, people["bob"], "c2", "@room two")
    assert (refused.mentions_room, refused.text.html) == (False, "<p>@room two</p>")
    assert Message.post(room.id, people["carol"], "c3", "@room three")[0].mentions_room
    assert bodies(people["bob"]) == ["@room three", "@room one"]
    assert bodies(people["carol"]) == ["@room one"]


def test_who_comes_later_was_not_called_and_who_left_sees_nothing(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    late = User.register(f"late-{room.id}", "late", "")
    Message.post(room.id, people["alice"], "c1", "@room")
    time.sleep(0.002)  # times are kept in milliseconds
    Membership.begin(room, late.id, "member", 1)
    assert bodies(late) == []
    Message.post(room.id, people["alice"], "c2", f"@{late.username} @{people['bob'].username}")
    assert len(bodies(late)) == 1
    Membership.find(room.id, late.id).end()
    assert bodies(late) == []
    assert len(bodies(people["bob"])) == 2


def test_the_list_goes_on_over_rooms_and_passes_over_what_was_taken_back(app: Flask) -> None:
    here, people = make_room("alice", "bob")
    there = Room.prepare("private", "y", "")
    there.open()
    for user in people.values():
        Membership.begin(there, user.id, "member", 0)
    names = ("room", people["bob"].username)
    said = [
        Message.post(
            (here, there)[i % 2].id, people["alice"], f"c{i}", f"{i} @{names[i % 3 == 0]}"
        )[0]
        for i in range(20)
    ]
    for message in said[5:15]:
        message.delete(people["alice"], "member")
    wanted = [message.id for message in reversed([*said[:5], *said[15:]])]
    found: list[Id] = []
    at: str | None = mentions.LAST
    while at:
        page, at = mentions.list_of(people["bob"], at, 3)
        found += [message.id for message in page]
    assert found == wanted


def test_who_is_named_in_the_second_in_which_they_came_finds_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice")
    monkeypatch.setattr(
        "chat.models.user.new_user_id", lambda: Id(Id().binary[:4] + b"\xff" * 8)
    )  # made by a process whose ids sort last
    late = User.register(f"late-{room.id}", "late", "")
    Membership.begin(room, late.id, "member", 0)
    Message.post(room.id, people["alice"], "c1", f"@{late.username}")
    assert len(bodies(late)) == 1


def test_the_list_reaches_back_over_years(app: Flask) -> None:
    person = Id((1_000_000_000).to_bytes(4, "big") + bytes(8))
    old, new = Id((1_000_000_005).to_bytes(4, "big") + bytes(8)), Id()
    for message_id in (old, new):
        mention_index.note(message_id, [person])
        mention_index.note(message_id, [person])
    assert mention_index.newest(person, Id("f" * 24), 10) == [new, old]
    assert mention_index.newest(person, new, 10) == [old]
    assert mention_index.newest(new, Id("f" * 24), 10) == []


def test_who_is_named_stays_so_when_the_text_is_rendered_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    message, _ = Message.post(room.id, people["alice"], "c1", f"*hello* @{people['bob'].username}")
    Membership.find(room.id, people["bob"].id).end()
    monkeypatch.setattr("chat.utils.markup.RENDERER", 99)
    again = Message.find(message.id)
    assert again.text.html == message.text.html
    assert str(people["bob"].id) in again.text.html


def test_a_random_walk_of_mentions_equals_a_naive_recount(app: Flask) -> None:
    dice = random.Random(11)
    room, people = make_room("alice", "bob", "carol", "dave", "eve")
    said: list[dict] = []
    for step in range(250):
        name = dice.choice(list(people))
        action, named = dice.random(), set(dice.sample([*people, "room"], dice.randint(0, 2)))
        body = f"{step} " + " ".join(
            f"@{'room' if each == 'room' else people[each].username}" for each in named
        )
        mine = [message for message in said if message["by"] == name and not message["deleted"]]
        if action < 0.5 or not mine:
            message, _ = Message.post(room.id, people[name], f"c{step}", body)
            said.append({"by": name, "named": named, "deleted": False, "message": message})
        elif action < 0.7:
            chosen = dice.choice(mine)
            chosen["message"].edit(people[name], body)
            chosen["named"] = named
        elif action < 0.8:
            chosen = dice.choice(mine)
            chosen["message"].delete(people[name], "member")
            chosen |= {"deleted": True, "named": set()}
        else:
            readings.mark_read(
                people[name], str(room.id), dice.randint(0, standing(room, people[name]).head_seq)
            )
        for other, user in people.items():
            found = standing(room, user)
            waiting = [
                each
                for each in said
                if each["by"] != other
                and not each["deleted"]
                and each["message"].seq > found.read_seq
            ]
            calls = [each for each in waiting if {other, "room"} & each["named"]]
            assert (found.unread, found.mentions) == (len(waiting), len(calls)), (step, other)
            if step % 10 == 0:
                assert anew(room, user) == found
    for other, user in people.items():
        listed = [
            each["message"].id
            for each in said
            if each["by"] != other and {other, "room"} & each["named"]
        ]
        assert [message.id for message in mentions.list_of(user, limit=200)[0]] == sorted(
            listed, reverse=True
        )


def anew(room: Room, user: User) -> Reading:
    """Return the reading of a person in the room, as a process with empty caches computes it."""
    membership = Membership.find(room.id, user.id)
    assert membership
    return Recent(room.id).reading(membership)

"""The record cache returns a record only as long as it is unchanged."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import orjson
import pytest
from flask import Flask

from chat.models.database import database
from chat.models.log import log_of
from chat.models.message import Message, forget_opened
from chat.models.user import User
from chat.schemas.messages import message_json, show_message
from chat.utils.encryption import CannotOpen
from tests.helpers.rooms import make_room


def test_what_is_read_again_is_the_record_and_the_message_that_it_was(app: Flask) -> None:
    room, people = make_room("alice")
    Message.post(room.id, people["alice"], "c1", "hello")
    first, again = (log_of(room.id).entries(0, 1) for _ in range(2))
    assert first[0] is again[0]
    assert Message.from_records(first)[0] is Message.from_records(again)[0]


def test_a_message_that_changed_is_another_one(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    Message.post(room.id, people["alice"], "c1", "hello")
    before = Message.page(room.id).messages[0]
    before.edit(people["alice"], "goodbye")
    assert Message.page(room.id).messages[0].text.body == "goodbye"
    before.react(people["bob"], "👍", on=True)
    assert Message.page(room.id).messages[0].reactions == [("👍", [people["bob"].id])]
    assert before.text.body == "hello", "what somebody holds does not change under their hands"


def test_who_said_it_is_shown_as_they_are_now(app: Flask) -> None:
    room, people = make_room("alice")
    Message.post(room.id, people["alice"], "c1", "hello")
    assert Message.page(room.id).messages[0].author.display_name == people["alice"].display_name
    people["alice"].rename("Alice of the Harbour")
    message = Message.page(room.id).messages[0]
    assert message.author.display_name == "Alice of the Harbour"
    assert (
        orjson.loads(orjson.dumps(message_json(message)))["author"]["display_name"]
        == "Alice of the Harbour"
    )


def test_an_answer_shows_what_it_answers_as_that_is_now(app: Flask) -> None:
    room, people = make_room("alice")
    question, _ = Message.post(room.id, people["alice"], "c1", "where?")
    Message.post(room.id, people["alice"], "c2", "here", reply_to_id=question.id)

    def excerpt() -> str | None:
        reply_to = Message.page(room.id).messages[1].reply_to
        return reply_to and reply_to.excerpt

    assert excerpt() == "where?"
    question.edit(people["alice"], "when?")
    assert excerpt() == "when?"
    question.delete(people["alice"], "member")
    assert excerpt() == ""


def test_what_was_deleted_stays_in_no_memory(app: Flask) -> None:
    room, people = make_room("alice")
    message, _ = Message.post(room.id, people["alice"], "c1", "a secret")
    read = weakref.ref(Message.page(room.id).messages[0])
    assert read() is not None, "it is remembered"
    message.delete(people["alice"], "member")
    gc.collect()
    assert read() is None
    assert Message.page(room.id).messages[0].text.body == ""


def test_a_text_that_was_damaged_after_it_was_read_is_an_error(app: Flask) -> None:
    room, people = make_room("alice")
    message, _ = Message.post(room.id, people["alice"], "c1", "hello")
    other, _ = Message.post(room.id, people["alice"], "c2", "other")
    assert len(Message.page(room.id).messages) == 2
    sealed = database["log"].find_one({"_id": other.id}) or {}
    database["log"].update_one({"_id": message.id}, {"$set": {"text": sealed["text"]}})
    with pytest.raises(CannotOpen):
        Message.page(room.id)


def test_what_is_written_once_is_what_would_be_written_anew(app: Flask) -> None:
    room, people = make_room("alice", "bob")
    question, _ = Message.post(room.id, people["alice"], "c1", "*where* is @bob?")
    Message.post(room.id, people["bob"], "c2", "here", reply_to_id=question.id)
    for message in Message.page(room.id).messages:
        anew = orjson.dumps(show_message(message))
        assert [orjson.dumps(message_json(message)) for _ in range(2)] == [anew, anew]
    forget_opened()
    assert [message.text.body for message in Message.page(room.id).messages] == [
        "*where* is @bob?",
        "here",
    ]


def test_equal_people_are_one_to_what_is_remembered(app: Flask) -> None:
    """People are read again every few seconds; only their changes matter."""
    room, people = make_room("alice")
    Message.post(room.id, people["alice"], "c1", "hello")
    first = Message.page(room.id).messages[0]
    User.find_many([people["alice"].id])
    assert hash(replace(people["alice"])) == hash(people["alice"])
    assert Message.page(room.id).messages[0] is first

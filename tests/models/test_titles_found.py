"""People are found by their titles, of which the database has no readable word."""

from __future__ import annotations

import secrets

import pytest
from bson import encode
from flask import Flask

from chat import connect
from chat.models import erasure, title_index
from chat.models.database import database
from chat.models.resealing import SEALING_VERSION
from chat.models.user import User
from chat.models.user_search import LONGEST_LIST, found_among, people_found, people_starting_with
from config import Settings
from tests.helpers.databases import IS_EMBEDDED

TITLES = {
    "Harbour pilot": ["harbour", "har", "PILOT", "pilot harb", "harbour pilot"],
    "Bürgermeisterin": ["burg", "burgermeister", "Bürgermeisterin"],
    "QA & IT": ["qa", "it", "it qa"],
    "CTO": ["cto"],
    "港口引航员": ["港", "引航", "港口引航员"],
    "Head of R2D2-maintenance": ["r2d2", "mainten", "maintenance"],
}


def somebody(title: str = "", name: str = "") -> User:
    user = User.register(f"u{secrets.token_hex(6)}", name or secrets.token_hex(6), "")
    return user.change_about({"title": title}) if title else user


def found(typed: str) -> list[User]:
    return people_found(typed)


@pytest.mark.parametrize("title", TITLES)
def test_somebody_is_found_by_what_others_type_for_their_title(app: Flask, title: str) -> None:
    user, other = somebody(title), somebody("Lamplighter")
    for typed in TITLES[title]:
        ids = {each.id for each in found(typed)}
        assert user.id in ids and other.id not in ids, typed
        for count in (2, 1_000_000):
            among = {user_id for _, user_id in found_among(typed, lambda: [user.id], count)}
            assert user.id in among and other.id not in among, typed


@pytest.mark.parametrize("typed", ["ha", "q", "arbour", "harbours", "burgermeisterei", "pilot zz"])
def test_nobody_is_found_by_what_begins_no_word_of_their_title(app: Flask, typed: str) -> None:
    people = {somebody(title).id for title in TITLES}
    assert not people & {each.id for each in found(typed)}


def test_a_name_and_a_title_are_found_together_and_names_come_first(app: Flask) -> None:
    word = f"z{secrets.token_hex(4)}"[:8]
    called, titled = somebody(name=f"{word} Last"), somebody(word, name="Anna First")
    assert [user.id for user in found(word)] == [called.id, titled.id]
    assert [user.id for user in found(f"anna {word}")] == [titled.id]
    assert [user.id for user in found(f"{word} anna")] == [titled.id]
    assert found(f"bob {word}") == []
    people = [called.id, titled.id]
    assert [user_id for _, user_id in found_among(word, lambda: people, 2)] == people
    assert people_starting_with(word) == [called], "what means a person means their name"


def test_many_people_with_one_title_are_no_more_than_a_list(app: Flask) -> None:
    word = f"y{secrets.token_hex(4)}"[:8]
    people = [somebody(f"{word} warden") for _number in range(LONGEST_LIST + 1)]
    assert len(found(word)) == LONGEST_LIST
    few = [people[0].id, people[1].id]
    places = found_among(word, lambda: few, 2)
    assert sorted(user_id for _, user_id in places) == sorted(few), "of the room alone"


def test_a_title_that_is_cleared_changed_or_of_an_erased_account_leaves_the_index(
    app: Flask,
) -> None:
    word = f"x{secrets.token_hex(4)}"[:8]
    user = somebody(f"{word} keeper")
    assert found(word) == [user]
    user = user.change_about({"title": "Lamplighter"})
    assert found(word) == [] and user in found("lamplighter")
    user = user.change_about({"title": ""})
    assert user.id not in {each.id for each in found("lamplighter")}
    user = user.change_about({"title": f"{word} keeper"})
    erasure.take_names(user)
    record = database["users"].find_one({"_id": user.id})
    assert record and record["title_tokens"] == [] and found(word) == []


def test_the_database_has_neither_a_word_nor_a_hash_that_anybody_could_compute(
    app: Flask,
) -> None:
    user = somebody("Heliotrope warden")
    record = database["users"].find_one({"_id": user.id})
    assert record and len(record["title_tokens"]) == 6 + 4
    assert all(len(token) == title_index.TOKEN_BYTES for token in record["title_tokens"])
    assert b"eliotrope" not in encode(record) and b"arden" not in encode(record)
    other = somebody("Heliotrope warden")
    same = database["users"].find_one({"_id": other.id})
    assert same and same["title"] != record["title"], "it is sealed for each person"


def test_titles_from_before_are_found_after_the_start(own_uri: str, settings: Settings) -> None:
    connect(settings, own_uri, embedded=IS_EMBEDDED)
    user = somebody("Harbour pilot")
    somebody()
    damaged = somebody("Lamplighter")
    database["users"].update_many({}, {"$unset": {"title_tokens": ""}})
    database["users"].update_one({"_id": damaged.id}, {"$set": {"title": b"\x01damaged"}})
    database["meta"].update_one({"_id": "sealing"}, {"$set": {"version": 1}})
    User.forget(user.id)
    assert found("harbour") == []
    for _start in range(2):
        connect(settings, own_uri, embedded=IS_EMBEDDED)
        assert [each.id for each in found("harbour")] == [user.id]
    assert database["meta"].find_one({"_id": "sealing"}) == {
        "_id": "sealing",
        "version": SEALING_VERSION,
    }
    assert SEALING_VERSION == 2

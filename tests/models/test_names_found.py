"""People and rooms are found by base letters, and by the beginning of each word of their names."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask

from chat import connect
from chat.models.database import database
from chat.models.migrations.names import make_keys_of_names
from chat.models.room import Room
from chat.models.room_changes import change
from chat.models.user import User
from chat.models.user_search import (
    LONGEST_LIST,
    found_among,
    people_called,
    people_starting_with,
)
from config import Settings
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.rooms import make_room

NAMES = {
    "Łukasz O'Neil": [
        "lukasz",
        "ŁUK",
        "neil",
        "o'neil",
        "O’Neil",
        "oneil",
        "lukasz nei",
        "neil lukasz",
    ],
    "Søren Þór-Æbel": ["soren", "thor", "þór", "aebel", "Þór-Æ", "sor aeb"],
    "王小明": ["王", "小明", "王小明"],
    "Ｗｉｄｅ ﬁeld": ["wide", "field"],
    "مصطفى": ["مصطفي", "مصطفی"],
    "Διόνυσος": ["διονυσος", "ΔΙΟΝΥΣΟΣ"],
    "Ёлкин": ["елк"],
    "Hawaiʻi Jane": ["hawaii", "hawai'i jane"],
    "J. R. Smith": ["smith", "j. smith"],
}


def somebody(display_name: str) -> User:
    return User.register(f"u{secrets.token_hex(6)}", display_name, "")


@pytest.mark.parametrize("name", NAMES)
def test_somebody_is_found_by_what_others_type_for_their_name(app: Flask, name: str) -> None:
    user, other = somebody(name), somebody("Nobody Else")
    for typed in NAMES[name]:
        found = {each.id for each in people_starting_with(typed)}
        assert user.id in found, typed
        assert other.id not in found, typed
        for count in (2, 1_000_000):  # by the ids, by the names
            among = found_among(typed, lambda: [user.id, other.id], count)
            assert user.id in {user_id for _, user_id in among}, typed
            assert other.id not in {user_id for _, user_id in among}, typed
    assert user.id in {each.id for each in people_called(name.casefold())}


def test_who_is_called_so_is_found_before_many_whose_names_go_on(app: Flask) -> None:
    name = f"caro{secrets.token_hex(4)}"
    for number in range(LONGEST_LIST * 2):
        User.register(f"{name}l-{number}", f"{name}l", "")
    caro = User.register(f"z{secrets.token_hex(6)}", name, "")
    found = people_starting_with(name)
    assert caro.id in {each.id for each in found}
    assert len(found) == LONGEST_LIST


def test_who_only_contains_what_was_typed_is_not_found(app: Flask) -> None:
    user = somebody("Łukasz O'Neil")
    for typed in ("ukasz", "eil", "lukasz smith", "neil x"):
        assert user.id not in {each.id for each in people_starting_with(typed)}, typed


def test_those_of_a_few_are_found_without_reading_all_who_are_called_like_them(app: Flask) -> None:
    word = f"quay{secrets.token_hex(4)}"
    people = [somebody(f"{name} {word}") for name in ("Cleo", "Bea", "Ada", "Dan", "Eve")]
    few = [person.id for person in people[:3]]
    assert found_among(word, lambda: few, 3) == sorted((word, each) for each in few)
    assert found_among(f"be {word}", lambda: few, 3) == [("bea", people[1].id)]
    assert len(found_among(word, lambda: few, 5)) == 5, "so few that the room is not asked"


def test_a_room_is_browsed_by_base_letters(app: Flask) -> None:
    room, _ = make_room("alice")
    name = f"Łódź {secrets.token_hex(4)}"
    change(room, name=name, kind="public")
    assert room.id in {each.id for each in Room.browse("lodz", "")}
    assert [each.id for each in Room.named(name.upper())] == [room.id]
    assert Room.named(name.replace("Ł", "L")) == [], (
        "who names a room to the program means that one"
    )


def test_names_of_an_earlier_program_get_their_keys(own_uri: str, settings: Settings) -> None:
    connect(settings, own_uri, embedded=IS_EMBEDDED)
    user, (room, _) = somebody("Łukasz O'Neil"), make_room("alice")
    change(room, name="Łódź")
    database["users"].update_one({"_id": user.id}, {"$set": {"name_keys": ["łukasz"]}})
    database["rooms"].update_one({"_id": room.id}, {"$set": {"name_key": f"łódź\0{room.id}"}})
    make_keys_of_names(database["users"].database)
    assert user.id in {each.id for each in people_starting_with("neil")}
    kept = database["rooms"].find_one({"_id": room.id})
    assert kept
    assert kept["name_key"] == f"lodz\0{room.id}"

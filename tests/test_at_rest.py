"""No message text is readable in the database's files, or in other files that the chat writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bson import encode
from flask import Flask

from chat.models.database import database
from tests.helpers.world import World

PLANTED = ["heliotrope", "quincunx", "☃zaffre☃"]


def kept_records() -> Iterator[bytes]:
    for name in database["meta"].database.list_collection_names():
        for record in database[name].find():
            yield encode(record)


def files_with(word: str, folder: Path) -> list[str]:
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes()
    ]


def found_by(world: World, word: str) -> list[str]:
    users = world.bob.get("/users", params={"q": word}).json()["users"]
    return [user["id"] for user in users]


def test_planted_words_are_nowhere_in_the_clear(app: Flask, world: World, folder: Path) -> None:
    room_id = world.room("private")
    for number, word in enumerate(PLANTED):
        world.bob.say(room_id, f"the secret is {word}", f"c{number}")
    assert world.carol.reads(room_id)["messages"][2]["body"] == f"the secret is {PLANTED[2]}", (
        "they can be read by who may"
    )
    for planted in (PLANTED[:2], PLANTED[2:]):
        title = f"Keeper of {' and '.join(planted)}"
        assert planted[-1].strip("☃") in world.carol.patch("/me", {"title": title}).json()["title"]
        assert found_by(world, planted[-1].strip("☃")) == [world.carol.id]
    database["meta"].update_one(
        {"_id": "control"}, {"$set": {"text": "ultramarine in the clear"}}, upsert=True
    )
    database.flush()

    records = list(kept_records())
    assert any(b"ultramarine" in record for record in records), (
        "the control is found: the search can find"
    )
    assert files_with("ultramarine", folder / "data")
    for word in PLANTED:
        assert not any(word.encode() in record for record in records), word
        assert not files_with(word, folder / "data"), word
        assert not files_with(word, folder / "server"), word
    database["meta"].delete_one({"_id": "control"})

"""`bin/chat verify` finds what is broken, and names it."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from bson import Binary
from flask import Flask

from chat.controllers.verification import Recount
from chat.models.database import database
from chat.models.document import id_from, new_id
from chat.models.reading import Recent
from chat.utils.clock import now
from tests.helpers.command_line import bin_chat
from tests.helpers.uploads import chosen, uploaded
from tests.helpers.world import World

COLLECTIONS = ("rooms", "log", "images", "avatars", "usage", "pictures.files", "pictures.chunks")
AT_A_TIME = 200  # records


@pytest.fixture
def nothing_else(app: Flask) -> Iterator[None]:
    """Delete what other tests left, and afterwards what this test broke."""
    clear()
    yield
    clear()


def clear() -> None:
    """Delete in portions: a whole suite's data exceeds the database's time limit for one action."""
    for name in COLLECTIONS:
        while some := [
            record["_id"] for record in database[name].find({}, {"_id": 1}).limit(AT_A_TIME)
        ]:
            database[name].delete_many({"_id": {"$in": some}})


def verify(app: Flask) -> tuple[int, list[str]]:
    result = bin_chat(app, "verify", "--json")
    found = json.loads(result.output)
    assert found["ok"] is (not found["problems"])
    return result.exit_code, found["problems"]


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("a hole", "entry 2 is missing"),
        ("a changed text", "entry 1 does not open"),
        ("a wrong count", "entry 3 counts as message 7, but is 3"),
        ("a missing segment", "this segment is missing"),
        ("a foreign segment", "damaged, or moved from elsewhere"),
        ("a lost image", "its image"),
        ("a left file", "it belongs to no picture"),
        ("an altered avatar", "not in a format this program knows"),
        ("a wrong counter", "bytes of pictures are counted, but there are"),
        ("a left avatar", "it is nobody's"),
        ("a member too many", "4 members and 1 owners are counted, but there are 3 and 1"),
    ],
)
def test_what_is_broken_is_found_and_named(
    nothing_else: None, app: Flask, world: World, what: str, named: str
) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    avatar_key = chosen(world.bob).partition("?v=")[2] + "/48"
    for number in range(2):
        world.bob.say(room_id, "words", f"c{number}")
    world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "i", "image_ids": [image["id"]]})
    assert verify(app) == (0, [])

    room, image_key = id_from(room_id), f"{image['id']}/original"
    chunks, log = database["pictures.chunks"], database["log"]
    actions: dict[str, Callable[[], object]] = {
        "a hole": lambda: log.delete_one({"room_id": room, "seq": 2}),
        "a changed text": lambda: log.update_one(
            {"room_id": room, "seq": 1}, {"$set": {"text": Binary(b"changed" * 9)}}
        ),
        "a wrong count": lambda: log.update_one(
            {"room_id": room, "seq": 3}, {"$set": {"ordinal": 7}}
        ),
        "a missing segment": lambda: chunks.delete_one({"files_id": image_key}),
        "a foreign segment": lambda: chunks.update_one(
            {"files_id": image_key},
            {
                "$set": {
                    "data": (chunks.find_one({"files_id": f"{image['id']}/thumbnail"}) or {})[
                        "data"
                    ]
                }
            },
        ),
        "a lost image": lambda: database["images"].delete_one({"_id": id_from(image["id"])}),
        "an altered avatar": lambda: chunks.update_one(
            {"files_id": avatar_key}, {"$set": {"data": b"altered" * 9}}
        ),
        "a wrong counter": lambda: database["usage"].update_one(
            {"_id": id_from(world.bob.id)},
            {"$inc": {"bytes": 7}, "$set": {"changed_at": now() - timedelta(minutes=1)}},
        ),
        "a left avatar": lambda: database["users"].update_one(
            {"_id": id_from(world.bob.id)}, {"$set": {"avatar_id": None}}
        ),
        "a member too many": lambda: database["rooms"].update_one(
            {"_id": room}, {"$inc": {"members": 1}}
        ),
        "a left file": lambda: database["pictures.files"].insert_one(
            {"_id": "f" * 24 + "/original"}
        ),
    }
    actions[what]()
    code, problems = verify(app)
    assert code == 1
    assert any(named in problem for problem in problems), problems
    assert not any("words" in problem for problem in problems)
    told = bin_chat(app, "verify")
    assert (told.exit_code, named in told.output) == (1, True)


def test_edits_reactions_pins_and_deletions_leave_all_whole_and_no_chunk(
    nothing_else: None, app: Flask, world: World
) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    shown = world.bob.post(
        f"/rooms/{room_id}/messages", {"client_id": "i", "image_ids": [image["id"]]}
    ).json()
    said = world.bob.say(room_id, "frist")
    world.bob.patch(f"/messages/{said['id']}", {"body": "first"})
    world.alice.put(f"/messages/{said['id']}/reactions/👍")
    world.carol.put(f"/messages/{said['id']}/pin")
    assert verify(app) == (0, [])
    for message in (shown, said):
        world.bob.delete(f"/messages/{message['id']}")
    assert (
        database["pictures.chunks"].count_documents({})
        == database["pictures.files"].count_documents({})
        == 0
    )
    assert bin_chat(app, "sweep").exit_code == 0
    assert verify(app) == (0, [])


def test_counts_that_do_not_equal_a_recount_are_named(
    nothing_else: None, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "one")
    right = Recent.reading
    monkeypatch.setattr(
        Recent, "reading", lambda *arguments: dataclasses.replace(right(*arguments), unread=7)
    )
    code, problems = verify(app)
    assert code == 1
    assert f"room {room_id}: 7 messages count as unread for {world.alice.id}, but 1 are" in problems


def test_something_sent_twice_is_told_apart() -> None:
    recount, author = Recount(), new_id()
    sent = {"event": "message:posted", "seq": 1, "author_id": author, "client_id": "c"}
    assert recount.add(sent)
    assert recount.add(sent | {"seq": 2, "client_id": "d"})
    assert not recount.add(sent | {"seq": 3})


def test_a_restored_backup_is_whole_though_things_were_deleted_since(
    nothing_else: None, app: Flask, world: World
) -> None:
    stays, goes = world.room(), world.alice.make_room()
    world.alice.say(goes, "heliotrope")
    image, message = uploaded(world.bob, stays), world.bob.say(stays, "heliotrope")
    shown = world.bob.post(
        f"/rooms/{stays}/messages", {"client_id": "i", "image_ids": [image["id"]]}
    ).json()
    world.bob.say(stays, "quincunx")
    avatar = chosen(world.bob)
    parts = {name: {"room_id": id_from(goes)} for name in ("keys", "memberships")} | {
        "users": {"_id": id_from(world.bob.id)}
    }
    backup = {
        name: list(database[name].find(parts.get(name, {}))) for name in (*COLLECTIONS, *parts)
    }
    for path in (f"/messages/{message['id']}", f"/messages/{shown['id']}"):
        assert world.bob.delete(path).status_code == 200
    assert world.alice.delete(f"/rooms/{goes}").status_code == 204
    database["graves"].delete_many({})
    chosen(world.bob)
    for name, records in backup.items():
        if name in COLLECTIONS:
            database[name].delete_many({"_id": {"$nin": [record["_id"] for record in records]}})
        for record in records:
            database[name].replace_one({"_id": record["_id"]}, record, upsert=True)
    # The server's caches are newer than the backup; operators start the server after a restore.
    time.sleep(6)
    bin_chat(app, "sweep")
    assert verify(app) == (0, [])
    assert world.alice.get(f"/rooms/{goes}").status_code == 404
    assert [each["body"] for each in world.carol.reads(stays)["messages"]] == ["", "", "quincunx"]
    assert world.carol.get(f"/images/{image['id']}").status_code == 404
    assert world.carol.get(avatar.removeprefix("/api/v1")).status_code == 404

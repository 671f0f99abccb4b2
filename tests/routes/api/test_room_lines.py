"""Lines about what happened to a room and its people, through the API and as events."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from chat.controllers import rooms
from chat.controllers.broadcasts import SMALL_ROOM
from chat.models import room_changes
from chat.models.database import database
from chat.models.document import Id, id_from, new_id
from chat.models.log import PINNED as PIN
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.world import Person, World

Told = tuple[int, str, str, str | None]


def lines(person: Person, room_id: str, **query: int) -> list[Any]:
    answer = person.get(f"/rooms/{room_id}/lines", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["lines"]
    return found


def told(found: list[Any]) -> list[Told]:
    """Return of each line: after which entry, what, who did it, and to whom."""
    return [
        (
            line["seq"],
            line["kind"],
            line["actor"]["display_name"],
            line["user"] and line["user"]["display_name"],
        )
        for line in found
    ]


def test_whoever_joins_or_leaves_is_named_and_who_added_or_removed_them(world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "good morning")
    world.mallory.join(room_id)
    assert world.carol.delete(f"/rooms/{room_id}/members/{world.mallory.id}").status_code == 204
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 204
    world.alice.join(room_id)  # she is there already: nothing happens
    assert told(lines(world.alice, room_id)) == [
        (0, "added", "Alice", "Bob"),
        (0, "added", "Alice", "Carol"),
        (1, "joined", "Mallory", None),
        (1, "removed", "Carol", "Mallory"),
        (1, "left", "Bob", None),
    ]
    assert world.mallory.get(f"/rooms/{room_id}/lines").status_code == 404


def test_a_change_of_a_room_has_a_line_for_each_thing_that_is_different(world: World) -> None:
    room_id = world.room()
    before = len(lines(world.bob, room_id))
    for change in (
        {"name": "Quay", "topic": "Ferries", "kind": "private", "archived": False},
        {"name": "Quay"},  # as it is
        {"topic": ""},
        {"kind": "public", "archived": True},
        {"archived": False},
    ):
        assert world.alice.patch(f"/rooms/{room_id}", change).status_code == 200
    found = lines(world.bob, room_id)[before:]
    assert [(line["kind"], line["text"], line["earlier"]) for line in found] == [
        ("renamed", "Quay", "Harbour"),
        ("topic", "Ferries", ""),
        ("private", "", ""),
        ("topic", "", ""),
        ("public", "", ""),
        ("archived", "", ""),
        ("unarchived", "", ""),
    ]
    assert {line["actor"]["id"] for line in found} == {world.alice.id}


def test_a_pin_is_a_line_at_its_own_place_and_a_pin_taken_off_is_none(world: World) -> None:
    room_id = world.room()
    first = world.bob.say(room_id, "one")
    world.bob.say(room_id, "two")
    assert world.carol.put(f"/messages/{first['id']}/pin").status_code == 200
    assert world.carol.delete(f"/messages/{first['id']}/pin").status_code == 200
    [pin] = lines(world.bob, room_id, after=1)
    assert (pin["seq"], pin["kind"], pin["actor"]["id"]) == (3, "pinned", world.carol.id)
    assert (pin["message_id"], pin["message_seq"]) == (first["id"], first["seq"])


def test_pages_of_lines_that_follow_pages_of_messages_have_each_line_once(world: World) -> None:
    room_id = world.room()
    for number in range(1, 7):
        sent = world.alice.say(room_id, f"{number}")
        world.alice.patch(f"/rooms/{room_id}", {"topic": f"after {number}"})
        world.alice.put(f"/messages/{sent['id']}/pin")
    every = lines(world.bob, room_id)
    assert len(every) == 2 + 6 + 6
    found: list[Any] = []
    before: int | None = None
    while before != 0:
        query = {} if before is None else {"before": before}
        page = world.bob.reads(room_id, limit=2, **query)
        first = page["messages"][0]["seq"] if page["has_before"] else 0
        found = lines(world.bob, room_id, after=first, **query) + found
        before = first
    assert found == every


def test_lines_take_no_number_of_the_log_are_unread_for_nobody_and_notify_nobody(
    world: World,
) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    world.mallory.join(room_id)
    world.alice.patch(f"/rooms/{room_id}", {"topic": f"@{world.bob.username} look"})
    assert bob.next("room:line")["line"]["kind"] == "joined"
    heard = bob.next("room:line")
    assert heard == {"room_id": room_id, "line": lines(world.bob, room_id)[-1]}
    standing = world.bob.standing(room_id)
    assert (standing["head_seq"], standing["unread"], standing["mentions"]) == (0, 0, 0)
    assert not bob.all("notification")
    assert world.alice.say(room_id, "first")["seq"] == 1


def test_lines_are_heard_in_the_room_and_nowhere_else(world: World) -> None:
    room_id = world.room("private")
    bob, mallory = world.bob.listen(), world.mallory.listen()
    sent = world.bob.say(room_id, "one")
    world.carol.put(f"/messages/{sent['id']}/pin")
    assert bob.next("room:line")["line"]["message_id"] == sent["id"]
    assert mallory.hears_nothing_of("room:line", room_id)
    answer = bob.call("room:lines", {"room_id": room_id, "after": 1})
    assert [line["kind"] for line in answer["lines"]] == ["pinned"]
    refused = mallory.call("room:lines", {"room_id": room_id})
    assert refused["error"]["code"] == "not_found"


def test_nobody_joins_a_direct_room(world: World) -> None:
    talk = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(talk, "good morning")
    assert lines(world.bob, talk) == []


def test_a_room_names_who_created_it(world: World) -> None:
    room_id = world.room()
    assert world.bob.get(f"/rooms/{room_id}").json()["created_by"] == world.alice.id


def test_in_a_large_room_nobodys_coming_and_going_has_a_line_but_a_new_topic_has(
    world: World,
) -> None:
    room_id = world.room()
    room = Room.find_now(Id(room_id))
    assert room
    before = len(lines(world.bob, room_id))
    for _ in range(SMALL_ROOM - 3):
        Membership.begin(room, new_id(), "member", 0)
    world.mallory.join(room_id)
    world.alice.patch(f"/rooms/{room_id}", {"topic": "Ferries"})
    assert [line["kind"] for line in lines(world.bob, room_id)[before:]] == ["topic"]


def test_lines_go_with_their_room(world: World, app: Flask) -> None:
    room_id = world.room()
    query = {"room_id": Id(room_id), "seq": {"$gte": 0}}
    assert database["lines"].count_documents(query) == 2
    assert world.alice.delete(f"/rooms/{room_id}").status_code == 204
    with app.app_context():
        rooms.finish_deletions()
    assert database["lines"].count_documents(query) == 0


def test_a_line_tells_only_what_its_author_changed(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = world.room()
    alice = User.find(id_from(world.alice.id))  # type: ignore[arg-type]
    assert alice
    real = room_changes.change

    def change_after_bob(room: Room, **asked: Any) -> Room:
        real(room, topic="bob's")
        return real(room, **asked)

    monkeypatch.setattr(room_changes, "change", change_after_bob)
    changed = rooms.change(alice, room_id, name=f"Quay {room_id}")
    assert changed.room.topic == "bob's"
    assert [line["kind"] for line in lines(world.alice, room_id)][-1:] == ["renamed"]


def test_however_often_people_pin_a_page_reads_the_newest_of_it(world: World, app: Flask) -> None:
    room_id = world.room()
    room = id_from(room_id)
    assert room
    for number in range(4):
        said = world.bob.say(room_id, f"{number}")
        world.alice.put(f"/messages/{said['id']}/pin")
        world.alice.delete(f"/messages/{said['id']}/pin")
    newest = log_of(room).newest_of_kind(PIN, 0, 100, 4)
    assert [entry["ordinal"] for entry in newest] == [4, 4, 3, 3]
    pins = [line for line in lines(world.alice, room_id) if line["kind"] == "pinned"]
    assert [line["seq"] for line in pins] == [2, 5, 8, 11]

"""Data of an earlier version opens, and has this version's format afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.membership import Membership, roster_check
from chat.models.migrations import SCHEMA_VERSION
from chat.models.migrations import rosters as migrations
from chat.models.room import Room
from chat.utils.clock import now
from tests.helpers.databases import IS_EMBEDDED


@pytest.fixture
def earlier(own_uri: str) -> str:
    """Return the address of a database that version 2 made."""
    database.connect(own_uri, embedded=IS_EMBEDDED)
    database["memberships"].create_index([("room_id", 1), ("role", 1)])
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 2}})
    return own_uri


def written(kind: str, *roles: str, **more: object) -> Id:
    """Return a room as version 2 wrote it."""
    room_id, begun = new_id(), now()
    database["rooms"].insert_one(
        {
            "_id": room_id,
            "kind": kind,
            "name": "Harbour",
            "name_key": f"harbour\0{room_id}",
            "topic": "",
            "people_key": str(room_id),
            "shelf": kind,
            "archived_at": None,
            "created_at": begun,
            **more,
        }
    )
    for number, role in enumerate(roles):
        database["memberships"].insert_one(
            {
                "_id": new_id(),
                "room_id": room_id,
                "user_id": new_id(),
                "role": role,
                "number": number,
                "read_seq": 0,
                "seen_seq": 0,
                "unread_mark": 0,
                "joined_at": begun,
                "notifications": "all",
            }
        )
    return room_id


def roles_in(room_id: Id) -> list[str]:
    room = Room.find_now(room_id)
    assert room
    return [member.role for member in Membership.within(room)]


def test_rooms_count_their_members_from_then_on(earlier: str) -> None:
    owned = written("public", "owner", "member", "moderator", numbers=2)
    alone = written("private", "owner")  # as it was made: the count of places came with the second
    empty = written("public", numbers=1)
    direct = written("direct", "member", "member")
    database.connect(earlier, embedded=IS_EMBEDDED)
    kept = database["meta"].find_one({"_id": "schema"})
    assert kept
    assert kept["version"] == SCHEMA_VERSION
    counted = {
        room["_id"]: (room["members"], room["owners"], room["numbers"])
        for room in database["rooms"].find()
    }
    assert counted == {owned: (3, 1, 2), alone: (1, 1, 0), empty: (0, 0, 1), direct: (2, 0, 0)}
    assert [problem for room_id in counted for problem in roster_check.problems(room_id)] == []
    newcomer = new_id()
    room = Room.find(owned)
    assert room
    assert Membership.begin(room, newcomer, "member", 0)[1]
    assert [member.user_id for member in Membership.of_hidden_too(newcomer)]
    assert roles_in(owned) == ["owner", "member", "moderator", "member"]


def test_direct_rooms_without_a_word_leave_the_lists_and_only_who_wrote_is_known_there(
    earlier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "ENTRIES", 3)
    silent, spoken = written("direct", "member", "member"), written("direct", "member", "member")
    bob, mallory = (
        record["user_id"] for record in database["memberships"].find({"room_id": spoken})
    )
    database["log"].insert_many(
        [
            {
                "_id": new_id(),
                "room_id": spoken,
                "seq": seq,
                "author_id": bob if seq == 7 else mallory,
                "client_id": str(seq),
                "event": "message:posted",
                "ordinal": seq,
            }
            for seq in range(1, 8)
        ]
    )
    one_sided = written("direct", "member", "member")
    writer = database["memberships"].find_one({"room_id": one_sided})["user_id"]
    database["log"].insert_one(
        {
            "_id": new_id(),
            "room_id": one_sided,
            "seq": 1,
            "author_id": writer,
            "client_id": "1",
            "event": "message:posted",
            "ordinal": 1,
        }
    )
    database.connect(earlier, embedded=IS_EMBEDDED)

    def states(room_id: Id) -> dict[Id, tuple[str, bool]]:
        records = database["memberships"].find({"room_id": room_id})
        return {record["user_id"]: (record["state"], record["connects"]) for record in records}

    assert set(states(silent).values()) == {("unsaid", False)}
    assert states(spoken) == dict.fromkeys((bob, mallory), ("listed", True))
    assert states(one_sided)[writer] == ("listed", True)
    assert sorted(states(one_sided).values()) == [("listed", False), ("listed", True)]


def test_a_room_that_had_lost_its_owners_has_one(earlier: str) -> None:
    moderated, others = (
        written("public", "member", "moderator"),
        written("private", "member", "member"),
    )
    database.connect(earlier, embedded=IS_EMBEDDED)
    assert roles_in(moderated) == ["member", "owner"]
    assert roles_in(others) == ["owner", "member"]


def test_a_start_that_was_interrupted_is_taken_up_by_the_next(
    earlier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, count = (
        [written("public", "owner", "member") for _ in range(3)],
        migrations._count_members_of,
    )

    def dies_at_the_last(data: object, room: dict) -> None:
        if room["_id"] == rooms[2]:
            raise KeyboardInterrupt
        count(data, room)

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_count_members_of", dies_at_the_last)
        with pytest.raises(KeyboardInterrupt):
            database.connect(earlier, embedded=IS_EMBEDDED)
    database.connect(earlier, embedded=IS_EMBEDDED)
    assert [problem for room_id in rooms for problem in roster_check.problems(room_id)] == []


def test_processes_that_start_at_once_undo_nothing_of_what_the_first_did_since(
    earlier: str,
) -> None:
    room_id = written("public", "owner", "member", numbers=1)
    data = database["meta"].database
    stale = data["rooms"].find_one({"_id": room_id})
    database.connect(earlier, embedded=IS_EMBEDDED)
    room = Room.find_now(room_id)
    assert room
    Membership.begin(room, new_id(), "member", 0)
    bob = Membership.within(room)[1].change_role("moderator")
    migrations._count_members_of(database["meta"].database, stale)
    assert roster_check.problems(room_id) == []
    assert roles_in(room_id) == ["owner", "moderator", "member"]
    bob.end()
    assert roster_check.problems(room_id) == []


def test_many_processes_may_start_at_once(earlier: str) -> None:
    rooms = [written("public", "owner", *["member"] * 5) for _ in range(20)]
    data = database["meta"].database
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrations.count_members(data), range(4)))
    assert [problem for room_id in rooms for problem in roster_check.problems(room_id)] == []

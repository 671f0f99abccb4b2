"""Rooms and their members, through the API; every test asks what mallory does not see."""

from __future__ import annotations

import itertools
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.controllers.rooms import finish_deletions
from chat.models import deleted_rooms
from chat.models.database import database
from chat.models.document import id_from, new_id
from chat.utils.clock import now
from chat.utils.lookalikes import looks_of
from tests.helpers.world import Person, World


def test_whoever_makes_a_room_owns_it(world: World) -> None:
    answer = world.alice.post("/rooms", {"name": "Harbour", "kind": "public", "topic": "ferries"})
    assert answer.status_code == 201
    room = answer.json()
    assert (room["name"], room["kind"], room["topic"], room["role"], room["member_count"]) == (
        "Harbour",
        "public",
        "ferries",
        "owner",
        1,
    )
    assert room["archived_at"] is None
    assert world.alice.get(f"/rooms/{room['id']}").json() == room
    assert world.mallory.get(f"/rooms/{room['id']}").status_code == 404


def test_a_public_room_is_found_and_joined_and_left(world: World) -> None:
    name = f"Harbour {world.alice.username}"
    room_id = world.alice.make_room(name)
    found = world.bob.get("/rooms/browse", params={"q": name.lower()}).json()["rooms"]
    assert [(room["id"], room["role"]) for room in found] == [(room_id, None)]
    joined = world.bob.post(f"/rooms/{room_id}/join")
    assert (joined.status_code, joined.json()["role"], joined.json()["member_count"]) == (
        200,
        "member",
        2,
    )
    assert world.bob.post(f"/rooms/{room_id}/join").status_code == 200, "again is harmless"
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 204
    assert world.bob.get(f"/rooms/{room_id}").status_code == 404
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 404


def test_what_was_said_before_somebody_joined_counts_as_read(world: World) -> None:
    room_id = world.alice.make_room()
    for i in range(3):
        world.alice.say(room_id, f"{i}")
    world.bob.join(room_id)
    assert world.bob.standing(room_id)["unread"] == 0
    world.alice.say(room_id, "now")
    standing = world.bob.standing(room_id)
    assert (
        standing["head_seq"],
        standing["read_seq"],
        standing["unread"],
        standing["mentions"],
    ) == (4, 3, 1, 0)
    assert world.alice.standing(room_id)["unread"] == 0
    assert world.bob.put(f"/rooms/{room_id}/read", {"seq": 4}).json() == {
        "read_seq": 4,
        "unread": 0,
        "mentions": 0,
    }
    assert world.bob.put(f"/rooms/{room_id}/read", {"seq": 3}).json() == {
        "read_seq": 3,
        "unread": 1,
        "mentions": 0,
    }
    assert world.mallory.put(f"/rooms/{room_id}/read", {"seq": 4}).status_code == 404


def test_a_private_room_does_not_exist_for_who_is_not_in_it(world: World) -> None:
    room_id = world.room("private")
    for method, path, body in [
        ("GET", f"/rooms/{room_id}", None),
        ("GET", f"/rooms/{room_id}/messages", None),
        ("GET", f"/rooms/{room_id}/log", None),
        ("GET", f"/rooms/{room_id}/members", None),
        ("POST", f"/rooms/{room_id}/join", None),
        ("POST", f"/rooms/{room_id}/leave", None),
        ("PATCH", f"/rooms/{room_id}", {"name": "mine"}),
        ("PUT", f"/rooms/{room_id}/read", {"seq": 1}),
        ("POST", f"/rooms/{room_id}/messages", {"client_id": "c", "body": "x"}),
        ("POST", f"/rooms/{room_id}/members", {"user_id": world.mallory.id}),
        ("PATCH", f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"}),
        ("DELETE", f"/rooms/{room_id}/members/{world.bob.id}", None),
    ]:
        there = world.mallory.ask(method, path, json=body)
        nowhere = world.mallory.ask(method, path.replace(room_id, "f" * 24), json=body)
        assert there.status_code == nowhere.status_code == 404, path
        assert there.json()["error"]["message"] == nowhere.json()["error"]["message"], (
            "the answer does not tell which rooms there are"
        )
    assert room_id not in world.mallory.get("/rooms/browse").text
    assert room_id not in world.mallory.get("/rooms").text


def test_a_direct_room_is_the_one_room_of_exactly_its_people(world: World) -> None:
    bob, carol = world.bob, world.carol
    first = bob.post("/direct-rooms", {"user_ids": [carol.id]})
    again = carol.post("/direct-rooms", {"user_ids": [bob.id, carol.id]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["name"], again.json()["name"]) == ("Carol", "Bob")
    assert (first.json()["kind"], first.json()["role"], first.json()["member_count"]) == (
        "direct",
        "member",
        2,
    )
    three = bob.post("/direct-rooms", {"user_ids": [carol.id, world.alice.id]})
    assert three.status_code == 201
    assert three.json()["id"] != first.json()["id"]
    assert world.mallory.get(f"/rooms/{first.json()['id']}").status_code == 404
    assert world.mallory.post(f"/rooms/{first.json()['id']}/join").status_code == 404


def test_two_people_who_open_their_direct_room_at_once_get_the_same(world: World) -> None:
    pairs = [(world.bob, world.carol), (world.carol, world.bob)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda pair: pair[0].post("/direct-rooms", {"user_ids": [pair[1].id]}), pairs)
        )
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(answer.status_code == 201 for answer in answers) == 1


def test_a_direct_room_keeps_its_people(world: World) -> None:
    room_id = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    assert (
        world.bob.post(f"/rooms/{room_id}/members", {"user_id": world.alice.id}).status_code == 403
    )
    assert world.bob.delete(f"/rooms/{room_id}/members/{world.carol.id}").status_code == 403
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 403
    assert world.bob.patch(f"/rooms/{room_id}", {"name": "x"}).status_code == 403
    members = world.bob.get(f"/rooms/{room_id}/members").json()["members"]
    assert {member["user"]["id"] for member in members} == {world.bob.id, world.carol.id}


@pytest.mark.parametrize(
    "user_ids", [[], ["nonsense"], ["f" * 24], "abc", None, [None], [{"$ne": None}], ["f" * 24] * 9]
)
def test_a_direct_room_needs_people_who_exist(world: World, user_ids: object) -> None:
    assert world.bob.post("/direct-rooms", {"user_ids": user_ids}).status_code == 422


def test_roles_decide_who_may_change_a_room(world: World) -> None:
    room_id = world.room()
    assert world.bob.patch(f"/rooms/{room_id}", {"topic": "mine"}).status_code == 403
    assert world.carol.patch(f"/rooms/{room_id}", {"topic": "weather"}).json()["topic"] == "weather"
    assert world.bob.get(f"/rooms/{room_id}").json()["topic"] == "weather"
    assert (
        world.carol.patch(
            f"/rooms/{room_id}/members/{world.bob.id}", {"role": "moderator"}
        ).status_code
        == 403
    )
    assert (
        world.carol.post(
            f"/rooms/{room_id}/members", {"user_id": world.mallory.id, "role": "owner"}
        ).status_code
        == 403
    )
    assert world.carol.delete(f"/rooms/{room_id}/members/{world.alice.id}").status_code == 403
    assert world.bob.delete(f"/rooms/{room_id}/members/{world.carol.id}").status_code == 403
    assert world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
    assert world.bob.get(f"/rooms/{room_id}").status_code == 404
    roles = {
        member["user"]["id"]: member["role"]
        for member in world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    }
    assert roles == {world.alice.id: "owner", world.carol.id: "moderator"}


def test_a_room_with_people_in_it_keeps_an_owner(world: World) -> None:
    room_id = world.room()
    assert world.alice.post(f"/rooms/{room_id}/leave").status_code == 409
    assert (
        world.alice.patch(
            f"/rooms/{room_id}/members/{world.alice.id}", {"role": "member"}
        ).status_code
        == 409
    )
    assert (
        world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"}).json()[
            "role"
        ]
        == "owner"
    )
    assert world.alice.post(f"/rooms/{room_id}/leave").status_code == 204
    assert world.bob.get(f"/rooms/{room_id}").json()["role"] == "owner"


def test_of_two_owners_who_leave_at_once_one_stays(world: World) -> None:
    for _ in range(5):
        room_id = world.room()
        world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"})
        with ThreadPoolExecutor(2) as pool:
            left = list(
                pool.map(
                    lambda person: person.post(f"/rooms/{room_id}/leave").status_code,
                    (world.alice, world.bob),
                )
            )
        roles = [
            member["role"]
            for member in world.carol.get(f"/rooms/{room_id}/members").json()["members"]
        ]
        assert "owner" in roles, left


def test_of_two_owners_who_put_each_other_down_one_stays(world: World) -> None:
    for _ in range(5):
        room_id = world.room()
        world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"})
        actions = [(world.alice, world.bob), (world.bob, world.alice)]
        with ThreadPoolExecutor(2) as pool:
            list(
                pool.map(
                    lambda two: two[0].patch(
                        f"/rooms/{room_id}/members/{two[1].id}", {"role": "member"}
                    ),
                    actions,
                )
            )
        assert "owner" in [
            member["role"]
            for member in world.carol.get(f"/rooms/{room_id}/members").json()["members"]
        ]


def test_whoever_is_alone_cannot_put_themselves_down_but_may_leave_and_the_next_owns_the_room(
    world: World,
) -> None:
    room_id = world.alice.make_room()
    assert (
        world.alice.patch(
            f"/rooms/{room_id}/members/{world.alice.id}", {"role": "member"}
        ).status_code
        == 409
    )
    assert world.alice.get(f"/rooms/{room_id}").json()["role"] == "owner"
    assert world.alice.post(f"/rooms/{room_id}/leave").status_code == 204
    assert world.bob.post(f"/rooms/{room_id}/join").json()["role"] == "owner"


def test_a_name_and_a_topic_that_are_changed_at_once_are_both_kept(world: World) -> None:
    room_id = world.room()
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda change: world.alice.patch(f"/rooms/{room_id}", change),
                ({"name": "Docks"}, {"topic": "ships"}),
            )
        )
    room = world.bob.get(f"/rooms/{room_id}").json()
    assert (room["name"], room["topic"]) == ("Docks", "ships")


def test_people_are_brought_in_once(world: World) -> None:
    room_id = world.alice.make_room(kind="private")
    body = {"user_id": world.bob.id}
    assert [world.alice.post(f"/rooms/{room_id}/members", body).status_code for _ in range(2)] == [
        201,
        200,
    ]
    assert world.alice.post(f"/rooms/{room_id}/members", {"user_id": "f" * 24}).status_code == 404
    assert world.bob.get(f"/rooms/{room_id}").json()["role"] == "member"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "public"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": 5}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "x", "kind": "direct"}, "kind"),
        ({"name": "x", "kind": {"$ne": 1}}, "kind"),
        ({"name": "x", "topic": "t" * 251}, "topic"),
        ({"name": "x", "owner": "me"}, "owner"),
        ({"name": {"$ne": None}}, "name"),
    ],
)
def test_rooms_that_are_not_acceptable(world: World, body: object, field: str) -> None:
    answer = world.alice.post("/rooms", body)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]


def test_public_rooms_are_listed_by_name_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = world.alice.username
    ids = [world.alice.make_room(f"{tag} {letter}") for letter in "cab"]
    rooms = world.mallory.get("/rooms/browse", params={"q": tag}).json()["rooms"]
    assert [room["id"] for room in rooms] == [ids[1], ids[2], ids[0]]


def test_an_archived_room_is_read_only_leaves_the_shelf_and_comes_back(world: World) -> None:
    room_id = world.room()
    name = secrets.token_hex(6)
    world.alice.patch(f"/rooms/{room_id}", {"name": name})
    bob = world.bob.listen()

    def is_browsed() -> bool:
        return any(
            room["id"] == room_id
            for room in world.mallory.get(f"/rooms/browse?q={name}").json()["rooms"]
        )

    assert is_browsed()
    assert world.alice.patch(f"/rooms/{room_id}", {"archived": True}).json()["archived_at"]
    assert bob.next("room:updated")["room"]["archived_at"]
    refused = world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "c", "body": "x"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "This room is archived.",
    )
    assert not is_browsed()
    assert world.mallory.post(f"/rooms/{room_id}/join").status_code == 403
    assert world.bob.get(f"/rooms/{room_id}/messages").status_code == 200
    assert world.alice.patch(f"/rooms/{room_id}", {"archived": False}).json()["archived_at"] is None
    assert is_browsed()
    world.bob.say(room_id, "again")


def test_several_changes_at_once_are_made_together_or_not_at_all(world: World) -> None:
    room_id = world.room()

    def change(person: Person, **body: object) -> tuple[int, str, bool]:
        status = person.patch(f"/rooms/{room_id}", body).status_code
        room = world.alice.get(f"/rooms/{room_id}").json()
        return status, room["topic"], room["archived_at"] is not None

    assert change(world.carol, topic="hers", archived=True) == (403, "", False), (
        "she may do one of the two: neither is done"
    )
    assert change(world.alice, topic="last words", archived=True) == (200, "last words", True)
    assert change(world.alice, topic="whispered") == (403, "last words", True)
    assert change(world.alice, topic="open again", archived=False) == (200, "open again", False)


def test_a_private_room_that_becomes_public_can_be_found_and_the_other_way_round(
    world: World,
) -> None:
    room_id = world.room("private")
    assert world.mallory.post(f"/rooms/{room_id}/join").status_code == 404
    assert world.carol.patch(f"/rooms/{room_id}", {"kind": "public"}).status_code == 403, (
        "only an owner shows everybody what was said"
    )
    assert world.alice.patch(f"/rooms/{room_id}", {"kind": "public"}).json()["kind"] == "public"
    assert world.mallory.post(f"/rooms/{room_id}/join").status_code == 200
    assert world.alice.patch(f"/rooms/{room_id}", {"kind": "private"}).json()["kind"] == "private"
    assert world.mallory.get(f"/rooms/{room_id}").status_code == 200, "who is in it stays"


def test_a_deleted_room_is_gone_for_everybody_at_once_and_nothing_of_it_is_left(
    world: World,
) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    world.bob.say(room_id, "ephemeral")
    assert world.carol.delete(f"/rooms/{room_id}").status_code == 403
    assert world.alice.delete(f"/rooms/{room_id}").status_code == 204
    assert bob.next("room:removed") == {"room_id": room_id}
    for person in (world.alice, world.bob, world.mallory):
        assert person.get(f"/rooms/{room_id}/messages").status_code == 404
    room = id_from(room_id)
    assert database["keys"].count_documents({"room_id": room}) == 0, (
        "from this moment nobody can read it"
    )
    assert room in deleted_rooms.unfinished()
    finish_deletions()
    for name in ("log", "memberships", "keys", "images"):
        assert database[name].count_documents({"room_id": room}) == 0, name
    assert room not in deleted_rooms.unfinished()
    assert all(item["room"]["id"] != room_id for item in world.bob.get("/rooms").json()["rooms"])


def test_people_are_listed_page_by_page_each_once_whoever_left(world: World) -> None:
    room_id = world.room()
    others = [Person(world, f"p{number}") for number in range(12)]
    for person in others:
        person.join(room_id)
    for person in others[3:9]:
        person.post(f"/rooms/{room_id}/leave")
    seen, after = [], 0
    while after is not None:
        page = world.bob.get(f"/rooms/{room_id}/members?limit=3&after={after}").json()
        assert len(page["members"]) < 2 * 3, "a range that is not full is filled from the next"
        seen += [member["user"]["id"] for member in page["members"]]
        after = page["next"]
    there = [world.alice, world.bob, world.carol, *others[:3], *others[9:]]
    assert seen == [person.id for person in there]
    assert world.bob.get(f"/rooms/{room_id}").json()["member_count"] == len(there)
    assert world.bob.get(f"/rooms/{room_id}/members?after=nonsense").status_code == 422


def crowd(room_id: str, name: str, count: int, *, there: bool) -> list[str]:
    """Create people called name-000, name-001, …, and return their usernames.

    They are in a room, or only in the chat.
    """
    number = itertools.count(1_000)
    people = [
        {
            "_id": new_id(),
            "username": f"{name}-{each:03}",
            "username_key": f"{name}-{each:03}",
            "display_name": "One of many",
            "name_keys": [f"{name}-{each:03}", "many", "of", "one"],
            "password_hash": "",
            "is_admin": False,
            "created_at": now(),
            **looks_of(f"{name}-{each:03}", "One of many"),
            "shows_username": True,
            "erased": False,
            "places": 1,
        }
        for each in range(count)
    ]
    database["users"].insert_many(people)
    if there:
        database["memberships"].insert_many(
            [
                {
                    "_id": new_id(),
                    "room_id": id_from(room_id),
                    "user_id": person["_id"],
                    "role": "member",
                    "number": next(number),
                    "read_seq": 0,
                    "seen_seq": 0,
                    "unread_mark": 0,
                    "joined_at": now(),
                    "level": "mentions",
                    "state": "listed",
                    "ended": None,
                    "change": 0,
                    "connects": True,
                    "place": 1,
                }
                for person in people
            ]
        )
        database["rooms"].update_one({"_id": id_from(room_id)}, {"$inc": {"members": count}})
    return [str(person["username"]) for person in people]


def named(person: Person, room_id: str, beginning: str, limit: int) -> list[str]:
    """Return all usernames that a search in a room finds, page by page."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = person.get(
            f"/rooms/{room_id}/members", params={"q": beginning, "limit": limit, "after": after}
        ).json()
        assert 0 < len(page["members"]) <= limit or not found
        found += [member["user"]["username"] for member in page["members"]]
        after = page["next"]
    return found


def test_people_are_found_in_a_room_whoever_else_in_the_chat_is_called_so(world: World) -> None:
    room_id, tag = world.room("private"), secrets.token_hex(3)
    elsewhere = crowd(room_id, f"{tag}-a", 250, there=False)
    few = crowd(room_id, f"{tag}-b", 5, there=True)
    assert named(world.bob, room_id, tag.upper(), 2) == few, "few of many"
    assert world.mallory.get(f"/rooms/{room_id}/members", params={"q": tag}).status_code == 404
    many = crowd(room_id, f"{tag}-c", 230, there=True)
    world.alice.post(
        f"/rooms/{room_id}/members", {"user_id": Person(world, "dave").id}
    )  # now it is known to be large
    assert named(world.bob, room_id, f"{tag}-c", 100) == many, "all of many, each once, by name"
    assert named(world.bob, room_id, f"{tag}-c-01", 50) == many[10:20]
    assert named(world.bob, room_id, elsewhere[0], 50) == []
    assert world.bob.username in named(world.bob, room_id, "bob", 50)
    assert set(named(world.bob, room_id, "many", 90)) == {*few, *many}, (
        "by a word of the display name, too"
    )


def test_a_role_that_another_process_took_away_changes_no_room(world: World) -> None:
    room_id = world.room()
    world.alice.get(f"/rooms/{room_id}")  # from now on this process remembers that she is its owner
    mine = {"room_id": id_from(room_id), "user_id": id_from(world.alice.id)}
    database["memberships"].update_one(mine, {"$set": {"role": "member"}})
    assert world.alice.patch(f"/rooms/{room_id}", {"name": "mine"}).status_code == 403

"""A person in more rooms than a page holds."""

from __future__ import annotations

from typing import Any

from tests.helpers.crowded import put_into_rooms
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World


def pages(person: Person, **query: Any) -> list[list[str]]:
    """Return the rooms of every page."""
    found: list[list[str]] = []
    before: str | None = ""
    while before is not None:
        answer = person.get("/rooms", params=query | ({"before": before} if before else {}))
        assert answer.status_code == 200, answer.text
        found.append([item["room"]["id"] for item in answer.json()["rooms"]])
        before = answer.json()["next"]
    return found


def every(found: list[list[str]]) -> list[str]:
    return [room_id for page in found for room_id in page]


def test_rooms_are_listed_a_hundred_at_a_time_each_once(world: World) -> None:
    ids = put_into_rooms(world.bob, 150)
    assert pages(world.bob) == [ids[:49:-1], ids[49::-1]]
    assert [len(page) for page in pages(world.bob, limit=40)] == [40, 40, 40, 30]
    assert every(pages(world.bob, limit=7)) == ids[::-1]
    assert pages(world.mallory) == [[]]
    for wrong in (
        "limit=0",
        "limit=101",
        "before=x",
        "before=0",
        f"q={'x' * 81}",
        f"ids={'a,' * 2000}",
    ):
        assert world.bob.get(f"/rooms?{wrong}").status_code == 422, wrong


def test_a_room_of_long_ago_comes_to_the_first_page_when_something_is_said_or_it_is_opened(
    world: World,
) -> None:
    said, *_, opened = ids = put_into_rooms(world.bob, 101, world.alice)
    ids = put_into_rooms(world.bob, 100, world.alice)
    assert pages(world.bob)[0] == ids[::-1]
    world.bob.say(said, "I am still here")
    assert pages(world.bob)[0] == [said, *ids[:0:-1]]
    cookies = {world.server.cookie("chat_access"): world.bob.access_token}
    assert (
        world.bob._http.get(
            f"{world.server.url}/rooms/{opened}", cookies=cookies, timeout=20
        ).status_code
        == 200
    )
    assert pages(world.bob)[0] == [opened, said, *ids[:1:-1]]
    everywhere = every(pages(world.bob))
    assert len(everywhere) == len(set(everywhere)) == 201


def test_a_direct_message_brings_its_room_to_the_first_page_of_whom_it_is_for(world: World) -> None:
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    put_into_rooms(world.bob, 100)
    assert direct not in pages(world.bob)[0]
    world.alice.say(direct, "psst")
    wait_until(lambda: pages(world.bob)[0][0] == direct, "it is the first one")
    assert pages(world.mallory) == [[]]


def test_a_page_is_counted_as_each_room_is(world: World) -> None:
    ids = put_into_rooms(world.bob, 3, world.alice)
    for count, room_id in enumerate(ids):
        for _ in range(count):
            world.alice.say(room_id, f"@{world.bob.username}")
    found = world.bob.get("/rooms").json()["rooms"]
    assert [(item["head_seq"], item["unread"], item["mentions"]) for item in found] == [
        (2, 2, 2),
        (1, 1, 1),
        (0, 0, 0),
    ]
    assert [item["room"]["member_count"] for item in found] == [2, 2, 2]


def test_single_rooms_are_asked_about_by_their_ids(world: World) -> None:
    ids = put_into_rooms(world.bob, 130, world.alice)
    elsewhere = put_into_rooms(world.alice, 1)
    world.alice.say(ids[0], "news")
    wanted = ",".join([ids[0], ids[120], elsewhere[0], "nonsense", "", "f" * 24])
    answer = world.bob.get("/rooms", params={"ids": wanted}).json()
    assert {item["room"]["id"]: item["unread"] for item in answer["rooms"]} == {
        ids[0]: 1,
        ids[120]: 0,
    }
    assert answer["next"] is None
    assert world.mallory.get("/rooms", params={"ids": wanted}).json() == {"rooms": [], "next": None}


def test_rooms_are_found_by_a_part_of_their_name(world: World) -> None:
    ids = put_into_rooms(world.bob, 120, world.alice)
    world.bob.post("/direct-rooms", {"user_ids": [world.alice.id]})
    assert every(pages(world.bob, q="room 11")) == [*ids[119:109:-1], ids[11]]
    assert len(every(pages(world.bob, q="ALI"))) == 1, "direct rooms by the people in them"
    assert every(pages(world.bob, q="nowhere")) == every(pages(world.mallory, q="room")) == []


def test_hello_tells_the_first_page_and_the_socket_hears_every_room(world: World) -> None:
    ids = put_into_rooms(world.bob, 120, world.alice)
    world.alice.say(ids[0], "before anybody listens")
    bob, mallory = world.bob.listen(), world.mallory.listen()
    hello = bob.all("hello")[0]
    first = world.bob.get("/rooms").json()
    assert (hello["rooms"], hello["next"]) == (first["rooms"], first["next"])
    assert [item["room"]["id"] for item in hello["rooms"]] == ids[:19:-1]
    said = [world.alice.say(room_id, f"in {room_id}") for room_id in (ids[0], ids[119], ids[7])]
    said.append(world.alice.patch(f"/messages/{said[0]['id']}", {"body": "edited"}).json())
    for message in said:
        entry = bob.next(
            "message:posted" if message["version"] == message["seq"] else "message:edited"
        )
        assert (entry["room_id"], entry["message"]["id"]) == (message["room_id"], message["id"])
    assert [entry["seq"] for entry in bob.all("message:posted")] == [2, 1, 1], (
        "in order, and nothing of before"
    )
    assert mallory.hears_nothing_of("message:posted", ids[0])


def test_a_change_in_a_room_that_hello_left_out_is_heard_though_nothing_was_said_there_before(
    world: World,
) -> None:
    ids = put_into_rooms(world.bob, 110, world.alice)
    said = world.alice.say(ids[3], "frist")
    bob = world.bob.listen()
    world.alice.patch(f"/messages/{said['id']}", {"body": "first"})
    assert bob.next("message:edited")["message"]["body"] == "first"
    later = world.carol.listen()
    assert later.all("message:edited") == []


def test_who_is_put_out_of_a_room_beyond_the_first_page_hears_nothing_of_it(world: World) -> None:
    ids = put_into_rooms(world.bob, 110, world.alice)
    bob = world.bob.listen()
    assert world.alice.delete(f"/rooms/{ids[0]}/members/{world.bob.id}").status_code == 204
    assert bob.next("room:removed") == {"room_id": ids[0]}
    again = world.bob.listen()
    world.alice.say(ids[0], "he is gone")
    for heard in (bob, again):
        assert heard.hears_nothing_of("message:posted", ids[0])
    assert ids[0] not in every(pages(world.bob))


def test_a_head_tells_of_what_was_said_between_hello_and_the_first_look(world: World) -> None:
    ids = put_into_rooms(world.bob, 110, world.alice)
    bob = world.bob.listen()
    world.alice.say(ids[0], "news")
    assert bob.next("room:heads") == {ids[0]: 1}

"""Read receipts: who sees how far a person has read, and who does not."""

from __future__ import annotations

import time

from chat.controllers.receipts import MOST_PEOPLE
from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.servers import wait_until
from tests.helpers.world import Heard, Person, World


def receipts(person: Person, room_id: str) -> dict[str, int]:
    answer = person.get(f"/rooms/{room_id}/receipts").json()
    assert answer["next"] is None
    return {receipt["user_id"]: receipt["seq"] for receipt in answer["receipts"]}


def told_of(heard: Heard, person: Person) -> list[int]:
    return [told["seq"] for told in heard.all("room:read") if told["user_id"] == person.id]


def read(person: Person, room_id: str, seq: int, *, forward_only: bool = True) -> None:
    assert (
        person.put(f"/rooms/{room_id}/read", {"seq": seq, "forward_only": forward_only}).status_code
        == 200
    )


def test_in_a_small_room_everybody_sees_how_far_each_has_read_and_mallory_does_not(
    world: World,
) -> None:
    room_id = world.room()
    for number in range(3):
        world.alice.say(room_id, f"{number}")
    assert receipts(world.carol, room_id) == {world.alice.id: 3, world.bob.id: 0}, (
        "who wrote has read; nobody else has"
    )
    carol, bob, mallory = (
        world.carol.listen(),
        world.bob.second_device().listen(),
        world.mallory.listen(),
    )
    read(world.bob, room_id, 2)
    assert carol.next("room:read") == {"room_id": room_id, "user_id": world.bob.id, "seq": 2}
    assert receipts(world.carol, room_id) == {world.alice.id: 3, world.bob.id: 2}
    assert receipts(world.bob, room_id) == {world.alice.id: 3, world.carol.id: 0}
    wait_until(lambda: told_of(bob, world.bob) == [2], "their own devices are told once")
    assert world.mallory.get(f"/rooms/{room_id}/receipts").status_code == 404
    assert mallory.hears_nothing_of("room:read", room_id)


def test_what_is_marked_unread_was_seen_all_the_same_and_an_own_message_needs_no_word(
    world: World,
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "1")
    carol, phone = world.carol.listen(), world.bob.second_device().listen()
    read(world.bob, room_id, 1)
    read(world.bob, room_id, 0, forward_only=False)
    read(world.bob, room_id, 1)
    wait_until(lambda: told_of(phone, world.bob) == [1, 0, 1], "his devices follow")
    assert receipts(world.carol, room_id)[world.bob.id] == 1
    seq = world.bob.say(room_id, "2")["seq"]
    read(world.bob, room_id, seq)
    time.sleep(2.5)
    assert told_of(carol, world.bob) == [1]
    assert receipts(world.carol, room_id)[world.bob.id] == seq


def test_who_switches_it_off_neither_shows_nor_sees(world: World) -> None:
    room_id = world.room()
    for number in range(3):
        world.alice.say(room_id, f"{number}")
    read(world.bob, room_id, 1)
    assert world.bob.get("/me").json()["read_receipts"] is True
    assert world.bob.patch("/me", {"read_receipts": False}).json()["read_receipts"] is False
    assert world.bob.get("/me").json()["display_name"] == "Bob", "the rest stays"
    alice, bob = world.alice.listen(), world.bob.listen()
    read(world.bob, room_id, 2)
    read(world.carol, room_id, 3)
    assert alice.next("room:read")["user_id"] == world.carol.id
    assert bob.next("room:read") == {"room_id": room_id, "user_id": world.bob.id, "seq": 2}, (
        "his own devices go on showing the same"
    )
    assert (told_of(alice, world.bob), told_of(bob, world.carol)) == ([], [])
    assert receipts(world.alice, room_id) == {world.carol.id: 3}
    assert receipts(world.bob, room_id) == {}
    world.bob.patch("/me", {"read_receipts": True})
    assert receipts(world.bob, room_id) == {world.alice.id: 3, world.carol.id: 3}
    assert world.bob.patch("/me", {"read_receipts": "no"}).status_code == 422


def test_a_burst_is_told_at_its_begin_and_at_its_end_not_for_every_message(world: World) -> None:
    room_id = world.room()
    for number in range(30):
        world.alice.say(room_id, f"{number}")
    alice, bob = world.alice.listen(), world.bob.listen()
    began = time.monotonic()
    for seq in range(1, 31):
        bob.call("room:read", {"room_id": room_id, "seq": seq, "forward_only": True})
    wait_until(lambda: told_of(alice, world.bob)[-1:] == [30], "the last word is told", 4)
    assert told_of(alice, world.bob)[0] == 1, "the first at once"
    assert len(told_of(alice, world.bob)) <= 2 + (time.monotonic() - began)


def test_in_a_large_room_nobody_is_told_and_nobody_asks(world: World) -> None:
    room_id = world.room()
    found_id = id_from(room_id)
    room = Room.find(found_id) if found_id else None
    assert room
    for number in range(MOST_PEOPLE - 3):
        Membership.begin(
            room, User.register(f"crowd-{number}-{room_id}", "One of many", "").id, "member", 0
        )
    world.alice.say(room_id, "1")
    assert (
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id}).status_code
        == 201
    )
    alice, bob = world.alice.listen(), world.bob.listen()
    assert alice.all("hello")[0]["rooms"][0]["room"]["member_count"] == MOST_PEOPLE + 1
    read(world.bob, room_id, 1)
    assert bob.next("room:read")["seq"] == 1
    assert alice.hears_nothing_of("room:read", room_id)
    assert receipts(world.alice, room_id) == {}
    assert world.alice.delete(f"/rooms/{room_id}/members/{world.mallory.id}").status_code == 204
    assert receipts(world.alice, room_id)[world.bob.id] == 1
    world.alice.say(room_id, "2")
    read(world.bob, room_id, 2)
    assert alice.next("room:read")["seq"] == 2, "with one person fewer it is a small one"

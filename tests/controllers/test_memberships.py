"""Who may renew a membership, and what remains after it ends."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask

from chat.controllers import memberships
from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Forbidden
from tests.helpers.world import Person, World


def added(by: Person, room_id: str, whom: Person) -> tuple[int, str]:
    answer = by.post(f"/rooms/{room_id}/members", {"user_id": whom.id})
    return answer.status_code, answer.json().get("error", {}).get("message", "")


@pytest.mark.parametrize("kind", ["public", "private"])
def test_who_was_removed_is_out_until_a_moderator_adds_them(world: World, kind: str) -> None:
    room_id, elsewhere = world.room(kind), world.room()
    dave = Person(world, "dave")
    for room in (room_id, elsewhere):
        assert added(world.alice, room, dave)[0] == 201
    assert world.carol.delete(f"/rooms/{room_id}/members/{dave.id}").status_code == 204
    joins = dave.post(f"/rooms/{room_id}/join")
    if kind == "public":
        assert (joins.status_code, joins.json()["error"]["message"]) == (
            403,
            "You were removed from this room; its moderators can add you again.",
        )
        assert dave.listen().call("room:join", {"room_id": room_id})["error"]["code"] == "forbidden"
    else:
        assert joins.status_code == 404
    assert added(world.bob, room_id, dave) == (
        403,
        "They were removed from this room; its moderators can add them again.",
    )
    assert dave.get(f"/rooms/{room_id}/messages").status_code == 404
    assert added(world.carol, room_id, dave)[0] == 201
    assert dave.get(f"/rooms/{room_id}/messages").status_code == 200


def test_who_leaves_a_public_room_may_join_it_again(world: World) -> None:
    room_id = world.room()
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 204
    world.bob.join(room_id)


def test_who_puts_themselves_out_was_not_removed(world: World) -> None:
    room_id = world.room()
    assert world.bob.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
    world.bob.join(room_id)


def test_a_level_of_notifications_outlasts_leaving_and_being_removed(world: World) -> None:
    room_id = world.room()
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "nothing"})
    world.bob.post(f"/rooms/{room_id}/leave")
    world.alice.say(room_id, "while he is away")
    world.bob.join(room_id)
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "nothing"
    assert world.bob.standing(room_id)["unread"] == 0, "what was said before counts as read"
    world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}")
    assert added(world.alice, room_id, world.bob)[0] == 201
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "nothing"


def test_who_is_added_again_has_not_read_what_was_said_meanwhile_for_others_to_see(
    world: World,
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "one")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 1})
    world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}")
    world.alice.say(room_id, "two")
    assert added(world.alice, room_id, world.bob)[0] == 201
    receipts = world.alice.get(f"/rooms/{room_id}/receipts").json()["receipts"]
    assert {"user_id": world.bob.id, "seq": 1} in receipts


def test_another_role_does_not_outlast_the_membership(world: World) -> None:
    room_id = world.room()
    assert world.carol.post(f"/rooms/{room_id}/leave").status_code == 204
    world.carol.join(room_id)
    assert world.carol.get(f"/rooms/{room_id}").json()["role"] == "member"


def test_a_bot_does_not_come_into_a_private_room_that_its_owner_leaves_meanwhile(
    app: Flask, world: World
) -> None:
    made = world.bob.post("/bots", {"username": f"robby-{secrets.token_hex(4)}"}).json()
    room_id, bot_id, alice_id = map(
        id_from, (world.room("private"), made["bot"]["id"], world.alice.id)
    )
    assert room_id
    assert bot_id
    assert alice_id
    room, bot, alice = Room.find(room_id), User.find(bot_id), User.find(alice_id)
    assert room
    assert bot
    assert alice

    def bob_leaves(_: object) -> None:
        world.bob.post(f"/rooms/{room.id}/leave")

    with pytest.raises(Forbidden, match="owner of this bot"):
        memberships.bring_in(room, bot, "member", bob_leaves, alice)
    assert Membership.find_now(room.id, bot.id) is None

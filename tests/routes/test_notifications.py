"""Notifications: who gets them, on which devices, and who does not."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import requests

from tests.helpers.world import Heard, World


def calls(heard: Heard) -> list[tuple[str, str]]:
    return [(payload["kind"], payload["message"]["body"]) for payload in heard.all("notification")]


def settled(world: World, room_id: str, *sockets: Heard) -> None:
    """Wait until every socket has received all events up to now."""
    world.alice.say(room_id, f"to settle @{world.bob.username} @{world.carol.username}")
    for heard in sockets:
        while heard.next("notification")["message"]["body"][:9] != "to settle":
            pass


def test_those_who_are_named_are_called_on_every_device_and_nobody_else(world: World) -> None:
    room_id = world.room()
    bob, phone, carol = world.bob.listen(), world.bob.second_device().listen(), world.carol.listen()
    alice, mallory = world.alice.listen(), world.mallory.listen()
    said = world.alice.say(
        room_id,
        f"tea, @{world.bob.username.upper()}? "
        f"and @{world.mallory.username} @{world.alice.username}",
    )
    assert sorted(said["mentions"]) == sorted([world.bob.id, world.alice.id])
    heard = bob.next("notification")
    assert (heard["kind"], heard["message"]["id"]) == ("mention", said["id"])
    assert phone.next("notification") == heard
    settled(world, room_id, bob, carol)
    assert [body[:9] for _, body in calls(carol)] == ["to settle"]
    assert calls(alice) == calls(mallory) == []


@pytest.mark.parametrize("listens", [False, True])
def test_the_first_message_of_a_conversation_calls_once_wherever_it_is_written(
    world: World, listens: bool
) -> None:
    bob = world.bob.listen()
    if listens:
        world.alice.listen()
    direct_id = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(direct_id, "psst")
    assert bob.next("notification")["message"]["body"] == "psst"
    world.alice.say(direct_id, "are you there?")
    assert bob.next("notification")["message"]["body"] == "are you there?"
    assert calls(bob) == [("direct", "psst"), ("direct", "are you there?")]


def test_a_retry_and_an_edit_ring_no_second_time(world: World) -> None:
    room_id = world.room()
    bob, carol = world.bob.listen(), world.carol.listen()
    said = world.alice.say(room_id, f"hello @{world.bob.username}", client_id="once")
    world.alice.say(room_id, f"hello @{world.bob.username}", client_id="once")
    world.alice.patch(
        f"/messages/{said['id']}",
        {"body": f"hello again @{world.bob.username} @{world.carol.username}"},
    )
    settled(world, room_id, bob, carol)
    assert [body for _, body in calls(bob)][:-1] == [f"hello @{world.bob.username}"]
    assert len(calls(carol)) == 1
    assert (world.carol.standing(room_id)["mentions"], world.bob.standing(room_id)["mentions"]) == (
        2,
        2,
    )


def test_everybody_in_the_room_is_called_but_its_author_and_who_wants_nothing(world: World) -> None:
    room_id = world.room()
    bob, carol, alice, mallory = (
        person.listen() for person in (world.bob, world.carol, world.alice, world.mallory)
    )
    assert (
        world.carol.put(f"/rooms/{room_id}/notifications", {"level": "nothing"}).json()[
            "notifications"
        ]
        == "nothing"
    )
    assert carol.next("room:updated")["room"]["notifications"] == "nothing"
    said = world.alice.say(room_id, "@room lunch")
    assert (said["mentions"], said["mentions_room"]) == ([], True)
    assert bob.next("notification")["kind"] == "mention"
    world.alice.say(room_id, f"and @{world.carol.username} @{world.bob.username}")
    bob.next("notification")
    carol.next("message:posted")
    assert calls(carol) == calls(alice) == calls(mallory) == []
    assert (world.carol.standing(room_id)["mentions"], world.bob.standing(room_id)["mentions"]) == (
        2,
        2,
    )


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        ("all", ["direct", "mention", "mention"]),
        ("mentions", ["mention", "mention"]),
        ("nothing", []),
    ],
)
def test_a_direct_message_calls_as_its_reader_chose(
    world: World, level: str, kinds: list[str]
) -> None:
    room_id = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    harbour = world.room()
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": level})
    bob, alice, mallory = world.bob.listen(), world.alice.listen(), world.mallory.listen()
    for body in ("hello", f"@{world.bob.username} hello", "@room hello"):
        world.alice.say(room_id, body)
    for kind in kinds:  # rooms overtake each other, calls of one room do not
        assert bob.next("notification")["kind"] == kind
    settled(world, harbour, bob)
    assert [kind for kind, body in calls(bob) if body.endswith("hello")] == kinds
    assert calls(alice) == calls(mallory) == []


def test_a_room_calls_whoever_wants_every_message_and_nobody_else(world: World) -> None:
    room_id = world.room()
    world.carol.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    carol, bob, alice, mallory = (
        person.listen() for person in (world.carol, world.bob, world.alice, world.mallory)
    )
    world.alice.say(room_id, "plain")
    assert carol.next("notification")["kind"] == "message"
    world.alice.say(room_id, f"@{world.carol.username} named")
    assert carol.next("notification")["kind"] == "mention"
    world.carol.put(f"/rooms/{room_id}/notifications", {"level": "mentions"})
    carol.next("room:updated")
    world.alice.say(room_id, f"plain again, @{world.bob.username}")
    bob.next("notification")  # now it was decided about carol, too
    world.carol.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    carol.next("room:updated")
    world.carol.patch("/me/preferences", {"notify": "mentions"})
    carol.next("preferences:updated")
    world.alice.say(room_id, "less is wanted everywhere")
    settled(world, room_id, bob, carol)
    assert [body[:9] for _, body in calls(carol)] == ["plain", calls(carol)[1][1][:9], "to settle"]
    assert [body[:9] for _, body in calls(bob)] == ["plain aga", "to settle"]
    assert calls(alice) == calls(mallory) == []


def test_new_rooms_call_by_mentions_and_direct_ones_by_every_message(world: World) -> None:
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()
    assert direct["notifications"] == "all"
    assert world.alice.get(f"/rooms/{world.room()}").json()["notifications"] == "mentions"


def test_who_was_put_out_is_not_called(world: World) -> None:
    room_id, other = world.room(), world.room()
    bob = world.bob.listen()
    world.alice.delete(f"/rooms/{room_id}/members/{world.bob.id}")
    assert world.alice.say(room_id, f"@{world.bob.username} @room")["mentions"] == []
    settled(world, other, bob)
    assert len(calls(bob)) == 1


def test_a_level_is_ones_own_and_one_of_three(world: World) -> None:
    room_id = world.room()
    assert (
        world.bob.put(f"/rooms/{room_id}/notifications", {"level": "mentions"}).json()[
            "notifications"
        ]
        == "mentions"
    )
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "mentions"
    assert world.bob.standing(room_id)["room"]["notifications"] == "mentions"
    assert world.alice.get(f"/rooms/{room_id}").json()["notifications"] == "mentions"
    assert world.bob.put(f"/rooms/{room_id}/notifications", {"level": "loud"}).status_code == 422
    assert world.mallory.put(f"/rooms/{room_id}/notifications", {"level": "all"}).status_code == 404


def test_people_of_the_room_are_found_by_the_beginning_of_a_name(world: World) -> None:
    room_id = world.room()
    found = world.alice.get(
        f"/rooms/{room_id}/members", params={"q": world.bob.username.upper()}
    ).json()["members"]
    assert [(member["user"]["id"], member["role"]) for member in found] == [
        (world.bob.id, "member")
    ]
    assert (
        world.alice.get(f"/rooms/{room_id}/members", params={"q": world.mallory.username}).json()[
            "members"
        ]
        == []
    )
    assert len(world.alice.get(f"/rooms/{room_id}/members").json()["members"]) == 3
    assert world.mallory.get(f"/rooms/{room_id}/members", params={"q": "b"}).status_code == 404


def test_the_list_of_mentions_is_ones_own_and_goes_on(world: World) -> None:
    first, second = world.room(), world.room("private")
    ids = [
        world.alice.say((first, second)[i % 2], f"{i} @{world.bob.username}")["id"]
        for i in range(5)
    ]
    page: Any = world.bob.get("/mentions", params={"limit": 3}).json()
    assert [message["id"] for message in page["messages"]] == ids[:1:-1]
    rest = world.bob.get("/mentions", params={"limit": 3, "before": page["next"]}).json()
    assert ([message["id"] for message in rest["messages"]], rest["next"]) == (ids[1::-1], None)
    for other in (world.mallory, world.alice, world.carol):
        assert other.get("/mentions").json() == {"messages": [], "next": None}
    assert world.bob.get("/mentions", params={"before": "x"}).status_code == 422
    assert world.bob.ask("GET", "/mentions", token="x").status_code == 401


def test_hello_rooms_and_reading_tell_the_same_mentions(world: World) -> None:
    room_id = world.room()
    said = [world.alice.say(room_id, body) for body in (f"@{world.bob.username}", "@room", "plain")]
    bob = world.bob.listen()
    item = next(item for item in bob.all("hello")[0]["rooms"] if item["room"]["id"] == room_id)
    assert item == world.bob.standing(room_id)
    assert (item["unread"], item["mentions"]) == (3, 2)
    answer = bob.call("room:read", {"room_id": room_id, "seq": said[0]["seq"]})
    assert (answer["unread"], answer["mentions"]) == (2, 1)


def test_whoever_is_blocked_does_not_call_by_a_bot_or_a_webhook(world: World) -> None:
    room_id = world.room()
    robby = world.carol.post("/bots", {"username": f"robby-{secrets.token_hex(4)}"}).json()
    world.carol.ask("POST", f"/rooms/{room_id}/join", token=robby["token"])
    changed = world.alice.patch(f"/rooms/{room_id}/members/{world.carol.id}", {"role": "moderator"})
    assert changed.status_code == 200, changed.text
    hook = world.carol.post(f"/rooms/{room_id}/incoming-webhooks", {"name": "Deploys"}).json()
    assert world.bob.put(f"/users/{world.carol.id}/block").status_code in (200, 204)
    bob = world.bob.listen()

    def robby_says(body: str) -> Any:
        said = {"body": body, "client_id": secrets.token_hex(8)}
        path = f"/rooms/{room_id}/messages"
        return world.carol.ask("POST", path, token=robby["token"], json=said).json()

    said = robby_says(f"ahoy @{world.bob.username}")
    assert world.bob.get(f"/messages/{said['id']}/why").json()["rule"] == "blocked"
    requests.post(hook["url"], json={"text": f"out @{world.bob.username}"}, timeout=20)
    assert world.bob.reads(room_id)["messages"][-1]["mentions"] == []
    settled(world, room_id, bob)
    assert [body[:9] for _, body in calls(bob)] == ["to settle"]

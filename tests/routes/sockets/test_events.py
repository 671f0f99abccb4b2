"""Socket.IO events: what each person receives, and what mallory does not."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat.controllers.broadcasts import SMALL_ROOM
from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.refusals import refused
from tests.helpers.servers import wait_until
from tests.helpers.world import Heard, Person, World


def test_hello_tells_who_one_is_and_what_waits(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "good morning")
    hello = world.bob.listen().all("hello")[0]
    assert hello["user"]["id"] == world.bob.id
    assert hello["session_id"] == world.bob.session_id
    assert hello["rooms"] == world.bob.get("/rooms").json()["rooms"]
    assert [(item["head_seq"], item["unread"]) for item in hello["rooms"]] == [(1, 1)]
    assert world.mallory.listen().all("hello")[0]["rooms"] == []


def test_a_message_is_acknowledged_and_heard_live_by_everybody_in_the_room_from_either_route(
    world: World,
) -> None:
    room_id = world.room()
    alice, bob, carol, mallory = (
        person.listen() for person in (world.alice, world.bob, world.carol, world.mallory)
    )
    answer = bob.call("message:send", {"room_id": room_id, "client_id": "c1", "body": "by socket"})
    assert answer["ok"]
    world.carol.say(room_id, "by API")
    for heard in (alice, bob, carol):
        first, second = heard.next("message:posted"), heard.next("message:posted")
        assert first == {
            "event": "message:posted",
            "room_id": room_id,
            "seq": 1,
            "message": answer["message"],
        }
        assert (second["seq"], second["message"]["body"]) == (2, "by API")
    assert world.alice.reads(room_id)["messages"] == [
        entry["message"] for entry in alice.all("message:posted")
    ]
    assert mallory.hears_nothing_of("message:posted", room_id)


def test_a_new_name_is_announced_to_whoever_shares_a_room_and_a_direct_room_is_called_by_it(
    world: World,
) -> None:
    world.room()
    talk = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(talk, "hello")
    alice, bob, carol, mallory = (
        person.listen() for person in (world.alice, world.bob, world.carol, world.mallory)
    )
    assert world.alice.patch("/me", {"display_name": "Alicia"}).status_code == 200
    for heard in (alice, bob, carol):
        user = heard.next("user:updated")["user"]
        assert (user["id"], user["display_name"]) == (world.alice.id, "Alicia")
        assert user.items() <= world.alice.get(f"/users/{world.alice.id}").json().items()
    room = bob.next("room:updated")["room"]
    assert (room["id"], room["name"]) == (talk, "Alicia")
    assert carol.hears_nothing_of("room:updated", talk)
    assert mallory.all("user:updated") == []


def test_mallory_is_refused_by_socket_as_by_the_api_and_nothing_is_written(world: World) -> None:
    room_id = world.room("private")
    mallory = world.mallory.listen()
    for event, payload in [
        ("message:send", {"client_id": "c", "body": "x"}),
        ("room:join", {}),
        ("room:leave", {}),
        ("room:catch_up", {"after": 0}),
        ("room:read", {"seq": 0}),
        ("room:update", {"name": "mine"}),
    ]:
        answer = mallory.call(event, payload | {"room_id": room_id})
        assert (answer["ok"], answer["error"]["code"]) == (False, "not_found"), event
    assert world.alice.reads(room_id)["head_seq"] == 0


def test_the_same_client_id_by_socket_and_api_is_one_message(world: World) -> None:
    room_id = world.room()
    sockets = [world.bob.listen() for _ in range(4)]
    payload = {"room_id": room_id, "client_id": "c1", "body": "once"}

    def send(i: int) -> Any:
        if i % 5 == 4:
            return world.bob.say(room_id, "once", "c1")
        return sockets[i % 4].call("message:send", payload)["message"]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(50)))
    assert all(answer == answers[0] for answer in answers)
    assert world.bob.reads(room_id)["head_seq"] == 1
    assert not sockets[0].call("message:send", payload | {"body": "twice"})["ok"]
    world.alice.say(room_id, "end")
    for heard in sockets:
        wait_until(lambda heard=heard: len(heard.all("message:posted")) >= 2, "the end is heard")
        assert [entry["seq"] for entry in heard.all("message:posted")] == [1, 2]


def test_eight_senders_and_every_listener_has_one_order(world: World) -> None:
    room_id = world.room()
    people = [world.alice, world.bob, world.carol]
    listeners = [person.listen() for person in people]
    senders = [people[i % 3].listen() for i in range(8)]

    def send_a_hundred(i: int) -> None:
        for n in range(100):
            answer = senders[i].call(
                "message:send", {"room_id": room_id, "client_id": f"{i}-{n}", "body": f"{n}"}
            )
            assert answer["ok"], answer

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send_a_hundred, range(8)))
    for heard in listeners + senders:
        wait_until(lambda heard=heard: len(heard.all("message:posted")) >= 800, "all are heard", 20)
        assert [entry["seq"] for entry in heard.all("message:posted")] == list(range(1, 801))
    orders = {
        tuple(entry["message"]["id"] for entry in heard.all("message:posted"))
        for heard in listeners + senders
    }
    assert len(orders) == 1


def test_whoever_connects_while_people_write_misses_nothing_and_hears_nothing_twice(
    world: World,
) -> None:
    room_id = world.room()
    writer = world.alice.listen()

    def write() -> None:
        for n in range(150):
            writer.call("message:send", {"room_id": room_id, "client_id": f"c{n}", "body": f"{n}"})

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        listeners = [world.bob.listen() for _ in range(8)]
        writing.result(60)
    for heard in listeners:
        head = heard.all("hello")[0]["rooms"][0]["head_seq"]
        wait_until(
            lambda heard=heard, head=head: len(heard.all("message:posted")) >= 150 - head,
            "all are heard",
        )
        assert [entry["seq"] for entry in heard.all("message:posted")] == list(range(head + 1, 151))


def test_what_one_client_sends_in_a_burst_is_kept_in_its_order(world: World) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    for n in range(100):
        bob.client.emit("message:send", {"room_id": room_id, "client_id": f"c{n}", "body": f"{n}"})
    wait_until(lambda: len(bob.all("message:posted")) == 100, "all are heard")
    assert [message["body"] for message in world.bob.reads(room_id, limit=200)["messages"]] == [
        f"{n}" for n in range(100)
    ]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        5,
        True,
        [{}],
        {"room_id": None},
        {"room_id": "nonsense", "client_id": "c", "body": "x"},
        {"body": "x"},
        {"room_id": {"$ne": None}, "client_id": "c", "body": "x"},
        {"room_id": "f" * 24, "client_id": "c", "body": b"bytes"},
        b"bytes",
    ],
)
def test_payloads_of_the_wrong_shape_are_answered_and_the_socket_stays(
    world: World, payload: object
) -> None:
    bob = world.bob.listen()
    answer = bob.call("message:send", payload)
    assert answer["ok"] is False
    assert answer["error"]["code"] in ("bad_request", "validation_failed")
    assert bob.call("room:create", {"name": "still here"})["ok"]


def test_unknown_events_and_missing_acknowledgements_hurt_nobody(world: World) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    assert bob.call("message:explode", {})["error"]["code"] == "bad_request"
    bob.client.emit("message:explode", {"x": 1})
    bob.client.emit("message:send")
    bob.client.emit("message:send", ({"room_id": room_id}, "two", "three"))
    bob.client.emit("message:send", {"room_id": room_id, "client_id": "c1", "body": "no callback"})
    assert bob.next("message:posted")["message"]["body"] == "no callback"


def test_whoever_is_put_out_while_they_connect_does_not_hear_the_room(world: World) -> None:
    """hello takes a while to prepare for somebody in many rooms; what happens meanwhile counts."""
    for _ in range(20):
        world.bob.make_room(kind="private")
    for _ in range(6):
        room_id = world.alice.make_room(kind="private")
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id})
        with ThreadPoolExecutor(2) as pool:
            connecting = pool.submit(world.bob.listen)
            assert world.alice.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
            bob = connecting.result()
        world.alice.say(room_id, "he is gone")
        assert bob.hears_nothing_of("message:posted", room_id)
        bob.client.disconnect()


def test_whoever_comes_into_a_room_while_they_connect_hears_it(world: World) -> None:
    for _ in range(20):
        world.bob.make_room(kind="private")
    for _ in range(6):
        room_id = world.alice.make_room(kind="private")
        with ThreadPoolExecutor(2) as pool:
            connecting = pool.submit(world.bob.listen)
            world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id})
            bob = connecting.result()
        world.alice.say(room_id, "welcome")
        assert bob.next("message:posted")["room_id"] == room_id
        bob.client.disconnect()


def test_adding_and_removing_at_once_ends_as_the_membership_does(world: World) -> None:
    bob = world.bob.listen()
    for _ in range(12):
        room_id = world.alice.make_room(kind="private")
        with ThreadPoolExecutor(2) as pool:
            adding = pool.submit(
                world.alice.post, f"/rooms/{room_id}/members", {"user_id": world.bob.id}
            )
            while world.alice.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 404:
                pass
            adding.result()
        assert world.bob.get(f"/rooms/{room_id}").status_code == 404
        world.alice.say(room_id, "private again")
        assert bob.hears_nothing_of("message:posted", room_id, 0.1)


def test_an_event_with_a_reserved_name_costs_its_sender_the_line_and_nobody_else_anything(
    world: World,
) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    for name in ("disconnect", "connect", "connect_error"):
        carol = world.carol.listen()
        carol.client.eio.send(f'2["{name}",{{}}]')
        wait_until(
            lambda carol=carol: not carol.client.connected, "it is refused as a bad packet", 2
        )
    assert bob.call("message:send", {"room_id": room_id, "client_id": "c1", "body": "still here"})[
        "ok"
    ]
    assert len(bob.all("hello")) == 1


def test_half_an_emoji_is_answered(world: World) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    half = "\\ud83d"
    bob.client.eio.send(
        f'27["message:send",{{"room_id":"{room_id}","client_id":"c","body":"{half}"}}]'
    )
    bob.client.eio.send(
        f'28["message:send",{{"room_id":"{room_id}","client_id":"c","body":"x","{half}":1}}]'
    )
    assert bob.call("message:send", {"room_id": room_id, "client_id": "c1", "body": "whole"})["ok"]
    assert world.bob.reads(room_id)["head_seq"] == 1


def test_a_connection_is_refused_with_a_code(world: World) -> None:
    ended = world.bob.second_device()
    ended.post("/auth/logout")
    tokens = (None, "x", 5, ended.access_token, world.bob.refresh_token)
    for auth in (None, {}, *({"token": token} for token in tokens)):
        assert refused(world, auth=auth) == {"message": "unauthenticated"}, auth
    foreign = {"Origin": "https://evil.example"}
    assert refused(
        world, auth={"token": world.bob.access_token}, headers=foreign, origin=False
    ) == {"message": "forbidden"}
    cookie = {"Cookie": f"{world.server.cookie('chat_access')}={world.bob.access_token}"}
    assert refused(world, headers=cookie | foreign, origin=False) == {"message": "forbidden"}
    assert refused(world, headers=cookie, origin=False) == {"message": "forbidden"}, (
        "a cookie needs an Origin"
    )
    assert refused(world, auth={"token": "x"}, origin=False) == {"message": "unauthenticated"}, (
        "a bearer token does not"
    )
    own = {"Origin": world.server.url}
    assert refused(world, headers=own, origin=False) == {"message": "unauthenticated"}
    assert (
        Heard(world.bob, auth=None, headers=cookie | own).next("hello")["user"]["id"]
        == world.bob.id
    )


def test_a_revoked_session_hangs_up_at_once_and_other_devices_stay(world: World) -> None:
    phone = world.bob.second_device()
    at_the_desk, on_the_phone = world.bob.listen(), phone.listen()
    assert world.bob.delete(f"/me/sessions/{phone.session_id}").status_code == 204
    wait_until(lambda: not on_the_phone.client.connected, "the phone hangs up", 2)
    assert at_the_desk.client.connected
    assert at_the_desk.call("room:create", {"name": "x"})["ok"]


def test_whoever_comes_into_a_room_hears_it_from_then_on_on_all_devices(world: World) -> None:
    room_id = world.alice.make_room(kind="private")
    alice, bob, phone, mallory = (
        world.alice.listen(),
        world.bob.listen(),
        world.bob.second_device().listen(),
        world.mallory.listen(),
    )
    world.alice.say(room_id, "before")
    assert (
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id}).status_code == 201
    )
    for heard in (bob, phone):
        added = heard.next("room:added")
        assert (added["room"]["id"], added["room"]["role"], added["head_seq"], added["unread"]) == (
            room_id,
            "member",
            1,
            0,
        )
    member = alice.next("room:member")
    assert (member["room_id"], member["user"]["id"], member["change"]) == (
        room_id,
        world.bob.id,
        "joined",
    )
    world.alice.say(room_id, "after")
    for heard in (bob, phone):
        assert heard.next("message:posted")["seq"] == 2
    assert mallory.hears_nothing_of("room:member", room_id)


def test_in_a_large_room_who_comes_and_goes_is_told_to_them_alone_and_roles_to_all(
    world: World,
) -> None:
    """Thousands of joins, each sent to thousands, would cost more than all messages of the room."""
    room_id = world.room()
    room = Room.find(id_from(room_id))
    for number in range(SMALL_ROOM - 3):
        Membership.begin(room, User.register(f"{number}-{room_id}", "Somebody", "").id, "member", 0)
    late = Person(world, "late")
    alice, mallory, lates = world.alice.listen(), world.mallory.listen(), late.listen()
    assert mallory.call("room:join", {"room_id": room_id})["room"]["member_count"] == SMALL_ROOM + 1
    assert alice.next("room:member")["user"]["id"] == world.mallory.id, (
        "it was a small room until now"
    )
    assert lates.call("room:join", {"room_id": room_id})["room"]["member_count"] == SMALL_ROOM + 2
    assert lates.next("room:added")["room"]["id"] == room_id
    assert (
        world.alice.patch(f"/rooms/{room_id}/members/{late.id}", {"role": "moderator"}).status_code
        == 200
    )
    assert alice.next("room:member")["change"] == "role"
    late.post(f"/rooms/{room_id}/leave")
    assert lates.next("room:removed") == {"room_id": room_id}
    assert mallory.call("room:leave", {"room_id": room_id}) == {"ok": True}
    assert alice.next("room:member")["user"]["id"] == world.mallory.id, "it is a small room again"
    assert [told["change"] for told in alice.all("room:member")] == ["joined", "role", "left"]


def test_whoever_is_put_out_of_a_room_hears_nothing_of_it_from_then_on(world: World) -> None:
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    assert world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
    assert bob.next("room:removed") == {"room_id": room_id}
    assert alice.next("room:member")["change"] == "left"
    world.alice.say(room_id, "he is gone")
    assert alice.next("message:posted")["seq"] == 1
    assert bob.hears_nothing_of("message:posted", room_id)
    assert (
        bob.call("message:send", {"room_id": room_id, "client_id": "c", "body": "x"})["error"][
            "code"
        ]
        == "not_found"
    )


def test_a_direct_room_appears_at_the_other_side_when_something_is_said_in_it(world: World) -> None:
    carol = world.carol.listen()
    room_id = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    assert carol.hears_nothing_of("room:added", room_id)
    world.bob.say(room_id, "psst")
    added = carol.next("room:added")
    assert (added["room"]["id"], added["room"]["name"], added["room"]["member_count"]) == (
        room_id,
        "Bob",
        2,
    )
    assert (added["head_seq"], added["unread"]) == (1, 1)
    world.bob.say(room_id, "hello?")
    assert carol.next("message:posted")["message"]["body"] == "hello?"


def test_rooms_are_made_changed_joined_and_left_by_socket(world: World) -> None:
    alice, bob = world.alice.listen(), world.bob.listen()
    room_id = alice.call("room:create", {"name": "Harbour", "topic": "ferries"})["room"]["id"]
    assert alice.next("room:added")["room"]["name"] == "Harbour"
    assert bob.call("room:join", {"room_id": room_id})["room"]["role"] == "member"
    assert (
        alice.call("room:update", {"room_id": room_id, "topic": "weather"})["room"]["topic"]
        == "weather"
    )
    updated = bob.next("room:updated")["room"]
    assert (updated["topic"], updated["role"]) == ("weather", "member")
    assert (
        bob.call("room:update", {"room_id": room_id, "topic": "mine"})["error"]["code"]
        == "forbidden"
    )
    assert bob.call("room:leave", {"room_id": room_id}) == {"ok": True}
    assert bob.next("room:removed") == {"room_id": room_id}


def test_a_client_that_was_away_catches_up_exactly(world: World) -> None:
    room_id = world.room()
    bob = world.bob.listen()
    world.alice.say(room_id, "1")
    bob.next("message:posted")
    bob.client.disconnect()
    said = [world.alice.say(room_id, secrets.token_hex(4)) for _ in range(5)]
    back = world.bob.listen()
    assert back.all("hello")[0]["rooms"][0]["head_seq"] == 6
    first = back.call("room:catch_up", {"room_id": room_id, "after": 1, "limit": 3})
    assert (first["has_more"], first["head_seq"]) == (True, 6)
    rest = back.call("room:catch_up", {"room_id": room_id, "after": 4})
    assert rest["has_more"] is False
    assert [entry["message"] for entry in first["entries"] + rest["entries"]] == said


def test_what_is_read_on_one_device_is_read_on_all(world: World) -> None:
    room_id = world.room()
    phone = world.bob.second_device().listen()
    world.alice.say(room_id, "1")
    bob = world.bob.listen()
    assert bob.call("room:read", {"room_id": room_id, "seq": 1}) == {
        "ok": True,
        "read_seq": 1,
        "unread": 0,
        "mentions": 0,
    }
    assert phone.next("room:read") == {"room_id": room_id, "user_id": world.bob.id, "seq": 1}


def test_a_device_that_lags_behind_takes_nothing_back_and_marking_unread_does(world: World) -> None:
    room_id = world.room()
    for number in range(4):
        world.alice.say(room_id, f"{number}")
    phone, laptop = world.bob.second_device().listen(), world.bob.listen()

    def reads(heard: Heard, seq: int, **how: bool) -> tuple[int, int]:
        answer = heard.call("room:read", {"room_id": room_id, "seq": seq, **how})
        return answer["read_seq"], answer["unread"]

    assert reads(laptop, 3, forward_only=True) == (3, 1)
    assert reads(phone, 1, forward_only=True) == (3, 1), "it shows what the laptop had read before"
    assert reads(phone, 2) == (2, 2), "marked unread from the third on"
    assert reads(laptop, 1, forward_only=True) == (2, 2)
    assert reads(laptop, 99, forward_only=True) == (4, 0), "and no further than there is something"
    told = [{"room_id": room_id, "user_id": world.bob.id, "seq": seq} for seq in (3, 2, 4)]
    told[1]["goes_back"] = True
    wait_until(lambda: len(phone.all("room:read")) == 3, "only what moved it was told")
    assert phone.all("room:read") == told
    assert (
        world.bob.put(f"/rooms/{room_id}/read", {"seq": 1, "forward_only": True}).json()["read_seq"]
        == 4
    )
    assert world.bob.put(f"/rooms/{room_id}/read", {"seq": 1}).json()["read_seq"] == 1


def test_two_devices_that_read_at_the_same_moment_end_at_the_further_one(world: World) -> None:
    room_id = world.room()
    for number in range(40):
        world.alice.say(room_id, f"{number}")
    devices = [world.bob.listen(), world.bob.second_device().listen()]

    def read(device: int) -> list[int]:
        """Mark messages read one by one; one device is always one message behind the other."""
        seqs = range(1, 41) if device else range(40)
        return [
            devices[device].call(
                "room:read", {"room_id": room_id, "seq": seq, "forward_only": True}
            )["read_seq"]
            for seq in seqs
        ]

    with ThreadPoolExecutor(2) as pool:
        for answers in pool.map(read, (0, 1)):
            assert answers == sorted(answers), "it never went back"
    assert world.bob.standing(room_id)["read_seq"] == 40

"""Presence, and who is typing."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat import extensions
from chat.controllers import broadcasts
from chat.controllers import presence as verbs
from chat.controllers.typing import MOST_PEOPLE
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now
from config import Settings
from tests.helpers.rooms import make_room
from tests.helpers.servers import wait_until
from tests.helpers.world import Heard, World


def status(heard: Heard, user_id: str) -> str:
    return str(heard.call("presence:ask", {"user_ids": [user_id]})["presences"][user_id])


def told_of(heard: Heard, user_id: str) -> list[str]:
    return [told["status"] for told in heard.all("presence") if told["user_id"] == user_id]


def test_who_comes_and_goes_is_told_to_those_who_share_a_small_room(world: World) -> None:
    world.room("private")
    alice, mallory = world.alice.listen(), world.mallory.listen()
    assert status(alice, world.bob.id) == "offline"
    bob = world.bob.listen()
    wait_until(lambda: told_of(alice, world.bob.id) == ["online"], "alice hears that bob came")
    assert status(alice, world.bob.id) == "online"
    bob.client.disconnect()
    wait_until(lambda: told_of(alice, world.bob.id) == ["online", "offline"], "and that he left")
    assert not mallory.all("presence")


def test_a_page_that_is_loaded_anew_is_not_gone(world: World) -> None:
    world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    wait_until(lambda: told_of(alice, world.bob.id), "he is there")
    bob.client.disconnect()
    time.sleep(0.5)
    world.bob.listen()
    time.sleep(verbs.GRACE_SECONDS)
    assert told_of(alice, world.bob.id) == ["online"]


def test_between_two_pages_one_is_online_to_those_who_ask(app: Flask) -> None:
    """Nothing would correct a wrong answer: who comes back in time was never away."""
    with app.app_context():
        _, people = make_room("alice", "bob")
        alice, bob = people["alice"], people["bob"]
        mallory = User.register(f"mallory-{secrets.token_hex(4)}", "Mallory", "")
        verbs.connected(alice, "s1")
        verbs.disconnected(alice.id, "s1")
        assert verbs.seen_by(bob, [alice.id]) == {alice.id: "online"}
        assert verbs.seen_by(mallory, [alice.id]) == {alice.id: "offline"}


def test_away_is_who_is_idle_on_every_device(world: World) -> None:
    world.room()
    alice, phone, laptop = (
        world.alice.listen(),
        world.bob.listen(),
        world.bob.second_device().listen(),
    )
    phone.call("presence:be", {"status": "away"})
    assert status(alice, world.bob.id) == "online"
    laptop.call("presence:be", {"status": "away"})
    wait_until(lambda: status(alice, world.bob.id) == "away", "both are idle")
    phone.call("presence:be", {"status": "online"})
    wait_until(lambda: status(alice, world.bob.id) == "online", "one is used again")
    assert phone.call("presence:be", {"status": "offline"})["error"]["code"] == "validation_failed"


def test_what_another_process_just_told_holds_against_what_it_has_not_written_yet_and_no_longer(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions.bind_settings(dataclasses.replace(settings, redis_url="redis://nobody-asks-it"))
    try:
        with app.app_context():
            bob, process = (
                User.register(f"bob-{secrets.token_hex(4)}", "Bob", "").id,
                secrets.token_hex(8),
            )

            def keeps(*people: list[object]) -> None:
                database["presences"].update_one(
                    {"_id": process}, {"$set": {"at": now(), "people": list(people)}}, upsert=True
                )

            def is_told(status: str) -> str:
                verbs.handle_notice({"process": process, "user_id": str(bob), "status": status})
                verbs.poll_peers()
                return verbs.status_of(bob)

            assert is_told("online") == "online", "before it wrote at all"
            keeps()
            verbs.poll_peers()
            assert verbs.status_of(bob) == "online", "before it wrote of him"
            keeps([bob, "online"])
            assert is_told("offline") == "offline", "before it wrote that he went"
            monkeypatch.setattr(verbs, "HOLDS_SECONDS", 0.0)
            assert is_told("offline") == "online", "later what it keeps is true"
            keeps()
            assert is_told("online") == "offline", (
                "and of a process that died behind its word no ghost remains"
            )
            database["presences"].delete_one({"_id": process})
            verbs.poll_peers()
            assert process not in verbs._elsewhere
    finally:
        extensions.bind_settings(settings)


def test_news_that_a_database_in_trouble_kept_back_is_told_afterwards(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that has had its hello is not hung up on because of it."""
    told: list[Any] = []

    def is_out_of_reach(*_: object) -> None:
        raise AutoReconnect("no answer")

    with app.app_context():
        bob = User.register(f"bob-{secrets.token_hex(4)}", "Bob", "")
        monkeypatch.setattr(broadcasts, "presence_changed", is_out_of_reach)
        verbs.connected(bob, "s1")
        with pytest.raises(AutoReconnect):
            verbs.poll_peers()  # by the job, which tries again

        def tells(user_id: Id, status_of: Callable[[Id], str]) -> None:
            told.append((user_id, status_of(user_id)))
            if len(told) == 1:  # what changes meanwhile, and cannot be told either
                monkeypatch.setattr(broadcasts, "presence_changed", is_out_of_reach)
                verbs.set_status(bob, "s1", "away")
                monkeypatch.setattr(broadcasts, "presence_changed", tells)

        monkeypatch.setattr(broadcasts, "presence_changed", tells)
        for _ in range(3):
            verbs.poll_peers()
        assert told == [(bob.id, "online"), (bob.id, "away")]
        verbs.disconnected(bob.id, "s1")


def test_who_writes_is_told_to_the_room_and_ends_by_itself(world: World) -> None:
    room_id = world.room("private")
    alice, bob, mallory = world.alice.listen(), world.bob.listen(), world.mallory.listen()
    for _ in range(5):
        assert bob.call("room:typing", {"room_id": room_id, "typing": True})["ok"]
    assert alice.next("room:typing") == {
        "room_id": room_id,
        "user_id": world.bob.id,
        "typing": True,
    }
    assert alice.next("room:typing", 9) == {
        "room_id": room_id,
        "user_id": world.bob.id,
        "typing": False,
    }
    assert len(alice.all("room:typing")) == 2, "said five times, told once"
    assert (
        mallory.call("room:typing", {"room_id": room_id, "typing": True})["error"]["code"]
        == "not_found"
    )
    assert not mallory.all("room:typing")


def test_who_sent_it_is_not_writing_any_more(world: World) -> None:
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    bob.call("room:typing", {"room_id": room_id, "typing": True})
    world.bob.say(room_id, "done")
    alice.next("room:typing")
    assert alice.next("room:typing", 2)["typing"] is False


def test_in_a_large_room_nobody_is_told_who_is_there_and_who_writes(world: World) -> None:
    """Sending each of thousands to each of thousands would cost more than all messages."""
    room_id = world.room()
    room = Room.find(id_from(room_id))
    for number in range(MOST_PEOPLE):
        Membership.begin(room, User.register(f"{number}-{room_id}", "Somebody", "").id, "member", 0)
    world.mallory.join(room_id)  # through the server, which counts anew
    alice, bob = world.alice.listen(), world.bob.listen()
    wait_until(lambda: status(alice, world.bob.id) == "online", "who asks is answered")
    assert bob.call("room:typing", {"room_id": room_id, "typing": True}) == {"ok": True}
    world.bob.say(room_id, "here I am")
    assert alice.next("message:posted")["message"]["body"] == "here I am"
    assert told_of(alice, world.bob.id) == []
    assert alice.all("room:typing") == []


def test_who_shares_no_room_is_told_that_everybody_is_offline(world: World) -> None:
    room_id = world.room()
    alice, mallory = world.alice.listen(), world.mallory.listen()
    wait_until(lambda: status(alice, world.alice.id) == "online", "she is there")
    assert status(mallory, world.alice.id) == "offline"
    assert status(mallory, world.mallory.id) == "online", "of oneself one knows"
    direct = world.mallory.post("/direct-rooms", {"user_ids": [world.alice.id]}).json()["id"]
    assert status(mallory, world.alice.id) == "offline", "a room that she does not see is none"
    world.mallory.say(direct, "hello")
    wait_until(lambda: status(mallory, world.alice.id) == "online", "now they see each other")
    world.alice.put(f"/rooms/{direct}/hidden")
    wait_until(
        lambda: status(mallory, world.alice.id) == "offline", "she does not look there any more"
    )
    world.mallory.join(room_id)
    assert status(mallory, world.alice.id) == "online"


def test_whoever_comes_while_the_database_is_asked_is_not_said_to_be_offline(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, people = make_room("alice", "bob", "carol")
    here = {people["bob"].id}
    real = verbs._in_sight_of

    def carol_comes_meanwhile(person: User, user_ids: set[Id]) -> set[Id]:
        seen = real(person, user_ids)
        here.add(people["carol"].id)
        return seen

    monkeypatch.setattr(verbs, "_in_sight_of", carol_comes_meanwhile)
    monkeypatch.setattr(verbs, "status_of", lambda each: "online" if each in here else "offline")
    asked = [people["bob"].id, people["carol"].id]
    assert verbs.seen_by(people["alice"], asked) == dict.fromkeys(asked, "online")

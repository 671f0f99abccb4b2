"""Whoever changes their display name is not somebody else unnoticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from chat.controllers import display_names
from chat.models.database import database
from chat.models.document import id_from
from chat.models.earlier_name import SHOWN_FOR, EarlierName
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import RateLimited
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World


def names_told(person: Person, room_id: str) -> list[tuple[str, str]]:
    found = person.get(f"/rooms/{room_id}/lines").json()["lines"]
    return [(line["earlier"], line["text"]) for line in found if line["kind"] == "name"]


def earlier_name(world: World) -> Any:
    found = world.alice.get(f"/users/{world.bob.id}").json()["earlier_name"]
    return found and found["name"]


def test_rooms_and_conversations_read_a_new_name_and_strangers_to_them_do_not(
    world: World,
) -> None:
    room_id, elsewhere = world.room(), world.alice.make_room("Elsewhere")
    talk = world.bob.post("/direct-rooms", {"user_ids": [world.alice.id]}).json()["id"]
    own = world.bob.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    for conversation in (talk, own):
        world.bob.say(conversation, "good morning")
    archived = world.bob.make_room("Attic")
    world.alice.join(archived)
    world.bob.patch(f"/rooms/{archived}", {"archived": True})
    heard = world.carol.listen()
    assert world.bob.patch("/me", {"display_name": "Carol", "title": "Pilot"}).ok
    line = heard.next("room:line")
    assert (line["room_id"], line["line"]["actor"]["id"]) == (room_id, world.bob.id)
    assert names_told(world.alice, room_id) == names_told(world.alice, talk) == [("Bob", "Carol")]
    assert names_told(world.alice, elsewhere) == names_told(world.alice, archived) == []
    assert names_told(world.bob, own) == [], "nobody else reads there"
    world.bob.patch("/me", {"display_name": "Carol", "title": "Captain"})
    assert len(names_told(world.alice, room_id)) == 1, "nothing changed"


def test_the_profile_says_for_a_while_what_somebody_was_called_however_often_they_change_it(
    world: World,
) -> None:
    page = Browser(world.server).sign_in(world.alice)
    profile = f"/people/{world.bob.username}"
    assert earlier_name(world) is None
    for name in ("Rob", "Robert", "Carol"):
        world.bob.patch("/me", {"display_name": name})
        assert earlier_name(world) == "Bob"
    assert "Called <bdi>Bob</bdi> until" in page.get(profile).text
    world.bob.patch("/me", {"display_name": "Bob"})
    assert earlier_name(world) is None
    world.bob.patch("/me", {"display_name": "Rob"})
    record = database["users"].find_one({"_id": id_from(world.bob.id)})
    assert record
    over = {"earlier_name": {"name": "Bob", "until": now() - SHOWN_FOR - timedelta(seconds=1)}}
    assert EarlierName.of(record) == EarlierName(**record["earlier_name"])
    assert EarlierName.of(record | over) is None


def test_an_administrator_helps_somebody_to_leave_a_name_behind(world: World) -> None:
    room_id = world.room()
    world.bob.patch("/me", {"display_name": "Rob"})
    changed = world.alice.patch(f"/admin/users/{world.bob.id}", {"display_name": "Roberta"})
    assert changed.ok
    assert earlier_name(world) is None
    assert names_told(world.alice, room_id) == [("Bob", "Rob")], "the line before stays"
    entry = world.alice.get("/admin/audit").json()["entries"][0]
    assert (entry["action"], entry["before"], entry["after"]) == (
        "account.renamed",
        "Rob",
        "Roberta",
    )


def test_a_bot_that_its_owner_calls_otherwise_is_no_exception(world: World) -> None:
    bot = world.alice.post(
        "/bots", {"username": f"{world.alice.username}-bot", "display_name": "Harbour"}
    ).json()["bot"]
    room_id = world.alice.make_room()
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": bot["id"]})
    world.alice.patch(f"/bots/{bot['id']}", {"display_name": "Bob"})
    assert names_told(world.alice, room_id) == [("Harbour", "Bob")]


def test_nobody_fills_rooms_with_their_names_and_an_erased_account_leaves_none(
    limited: Flask, world: World
) -> None:
    bob = User.find_now(id_from(world.bob.id))  # type: ignore[arg-type]
    assert bob
    for number in range(10):
        bob = display_names.change(bob, f"Bob {number}")
    with pytest.raises(RateLimited):
        display_names.change(bob, "Bob 10")
    assert display_names.change(bob, "Bob 9").display_name == "Bob 9"
    gone = world.alice.ask("DELETE", f"/admin/users/{world.bob.id}", json={"messages": "keep"})
    assert gone.ok
    named = {"_id": bob.id, "earlier_name": {"$ne": None}}
    wait_until(lambda: database["users"].find_one(named) is None, "nothing says the name")

"""No two public rooms look alike by name; private rooms may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.models import public_names
from chat.models.database import database
from chat.models.document import new_id
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.world import World


def create(world: World, name: str, kind: str = "public") -> int:
    return world.bob.post("/rooms", {"name": name, "kind": kind}).status_code


@pytest.mark.parametrize("name", ["Harbour", "HARBOUR", "harbour.", "Hаrbour", "Harb0ur"])
def test_a_second_public_room_that_looks_alike_is_refused(world: World, name: str) -> None:
    world.room()
    answer = world.mallory.post("/rooms", {"name": name, "kind": "public"})
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "conflict"
    assert "“Harbour”" in error["fields"]["name"]
    refused = world.mallory.listen().call("room:create", {"name": name})
    assert refused["error"]["fields"] == error["fields"]
    assert create(world, name, "private") == 201, "nobody else sees that"


@pytest.mark.parametrize("name", ["Harbour 2", "Harbour#", "Harbour++", "Hafen"])
def test_other_names_are_free(world: World, name: str) -> None:
    world.room()
    assert create(world, name) == 201


def test_a_private_room_tells_nobody_its_name(world: World) -> None:
    world.room("private")
    assert create(world, "Harbour") == 201


def test_to_rename_and_to_make_public_are_refused_too(world: World) -> None:
    harbour, quay = world.room(), world.room(name="Quay")
    hidden = world.room("private")
    browser = Browser(world.server).sign_in(world.alice)
    page = browser.submit(f"/rooms/{quay}/change", name="Harbour", topic="", kind="public")
    assert page.status_code == 409
    assert "There is a public room called “Harbour” already." in page.text
    assert world.alice.patch(f"/rooms/{hidden}", {"kind": "public"}).status_code == 409
    assert world.alice.get(f"/rooms/{hidden}").json()["kind"] == "private"
    assert world.alice.patch(f"/rooms/{harbour}", {"name": "harbour", "topic": "x"}).ok, "its own"


def test_a_name_is_free_again_after_a_change_a_deletion_and_a_crash(world: World) -> None:
    renamed, hidden, deleted = (world.room(name=name) for name in ("One room", "Two", "Three"))
    assert world.alice.patch(f"/rooms/{renamed}", {"name": "Four"}).ok
    assert world.alice.patch(f"/rooms/{hidden}", {"kind": "private"}).ok
    assert world.alice.delete(f"/rooms/{deleted}").status_code == 204
    for name in ("One room", "Two", "Three"):
        assert create(world, name) == 201
    archived = world.room(name="Five")
    assert world.alice.patch(f"/rooms/{archived}", {"archived": True}).ok
    assert create(world, "Five") == 409, "an archived room may come back"
    long_ago = {"$set": {"at": now() - 2 * public_names.AHEAD}}
    public_names.take(new_id(), "Six")
    assert create(world, "Six") == 409, "its room is being made"
    database["public_names"].update_one({"_id": public_names.looks_of("Six")[0]}, long_ago)
    assert create(world, "Six") == 201, "the process died before it made the room"


def test_of_two_who_choose_a_name_at_the_same_time_one_gets_it(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: create(world, "Lighthouse"), range(8)))
    assert sorted(answers) == [201, *[409] * 7]


def test_rooms_that_are_older_than_the_rule_keep_their_names(world: World) -> None:
    first = world.room()
    database["public_names"].delete_many({})
    second = world.bob.post("/rooms", {"name": "harbour"}).json()["id"]
    public_names.take_all()
    assert database["public_names"].find_one({"_id": "harbour"})["room_id"] != second
    assert world.bob.patch(f"/rooms/{second}", {"name": "harbour", "topic": "ships"}).ok
    assert world.bob.get(f"/rooms/{second}").json()["name"] == "harbour"
    assert create(world, "HARBOUR") == 409
    assert world.alice.get(f"/rooms/{first}").json()["name"] == "Harbour"

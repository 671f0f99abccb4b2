"""Query strings: an empty value is as none, and an unknown parameter is an error."""

from __future__ import annotations

import pytest
import requests
from flask import Flask

from chat.routes.sockets import EVENTS
from chat.schemas.base import QueryInput
from tests.helpers.world import Person, World

LISTS = {"ids"}  # parameters that are a list


def operations_with_a_query(spec: dict[str, dict[str, dict]]) -> dict[str, list[str]]:
    """Return the GET paths, each with the names of its parameters."""
    found = {}
    for path, methods in spec["paths"].items():
        named = (
            [each["name"] for each in methods["get"].get("parameters", []) if each["in"] == "query"]
            if "get" in methods
            else []
        )
        if named and not path.endswith("/stream"):  # without an end
            found[path] = named
    return found


def at(path: str, world: World, room_id: str, message_id: str) -> str:
    known = {"room_id": room_id, "message_id": message_id, "user_id": world.bob.id}
    known["hook_id"] = "0" * 24
    return path.removeprefix("/api/v1").format(**known)


def test_an_empty_parameter_is_as_none_wherever_there_is_one(world: World) -> None:
    room_id = world.room()
    message_id = world.bob.say(room_id, "heliotrope")["id"]
    spec = requests.get(world.server.url + "/api/v1/openapi.json", timeout=5).json()
    asked = operations_with_a_query(spec)
    assert {"/api/v1/search", "/api/v1/rooms", "/api/v1/mentions"} <= asked.keys()
    for path, names in asked.items():
        if set(names) <= LISTS:
            continue  # there is nothing to ask for without one
        where = at(path, world, room_id, message_id)
        without = world.bob.get(where)
        for name in set(names) - LISTS:
            answer = world.bob.get(f"{where}?{name}=")
            assert answer.status_code == without.status_code, (where, name, answer.text)
            if answer.ok:
                assert answer.json() == without.json(), (where, name)
        together = world.bob.get(f"{where}?{'=&'.join(names)}=")
        assert together.status_code == without.status_code, (where, together.text)


@pytest.mark.parametrize("empty", ["", ",", ",,"])
def test_an_empty_list_is_a_list_of_nothing(world: World, empty: str) -> None:
    world.room()
    spec = requests.get(world.server.url + "/api/v1/openapi.json", timeout=5).json()
    with_lists = {
        (path.removeprefix("/api/v1"), name)
        for path, names in operations_with_a_query(spec).items()
        for name in names
        if name in LISTS
    }
    assert with_lists == {("/rooms", "ids"), ("/messages", "ids")}
    assert world.bob.get("/rooms").json()["rooms"]
    for path, name in with_lists:
        answer = world.bob.get(f"{path}?{name}={empty}")
        assert (answer.status_code, answer.json()) == (200, {path[1:]: [], "next": None})


def test_an_empty_field_of_an_event_that_asks_is_as_none(world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "heliotrope")
    asking = {name: event for name, event in EVENTS.items() if issubclass(event.takes, QueryInput)}
    assert set(asking) == {"search", "room:lines"}
    socket = world.bob.listen()
    everything = {"q": "", "room_id": "", "from": "", "before": "", "limit": ""}
    for name in everything:
        answer = socket.call("search", {"q": "heliotrope", "room_id": room_id} | {name: ""})
        assert answer["ok"], (name, answer)
    assert socket.call("search", everything) == socket.call("search", {})
    whole = socket.call("room:lines", {"room_id": room_id})
    assert whole["ok"]
    assert socket.call("room:lines", {"room_id": room_id, "after": "", "before": ""}) == whole


@pytest.mark.parametrize("empty", ["reply_to_id", "client_id"])
def test_an_empty_id_of_what_is_to_be_done_is_refused(world: World, empty: str) -> None:
    room_id = world.room()
    body = {"client_id": "c", "body": "hello"} | {empty: ""}
    assert world.bob.post(f"/rooms/{room_id}/messages", body).status_code == 422
    answer = world.bob.listen().call("message:send", {"room_id": room_id} | body)
    assert answer["error"]["fields"].keys() == {empty}


def test_a_whole_number_may_be_written_with_a_point(world: World) -> None:
    """As JSON Schema has it; a language without integers writes them so."""
    room_id = world.room()
    world.alice.say(room_id, "heliotrope")
    as_written = {"headers": {"Content-Type": "application/json"}}
    read = world.bob.ask("PUT", f"/rooms/{room_id}/read", data='{"seq": 1.0}', **as_written)
    assert (read.status_code, read.json()["read_seq"]) == (200, 1)
    for wrong in ("1.5", '"1"', "true", "1e300", "-1.0"):
        body = f'{{"seq": {wrong}}}'
        answer = world.bob.ask("PUT", f"/rooms/{room_id}/read", data=body, **as_written)
        assert answer.status_code == 422, wrong


def refused(person: Person, path: str) -> dict[str, str]:
    answer = person.get(path)
    assert answer.status_code == 422, answer.text
    return dict(answer.json()["error"]["fields"])


def test_a_parameter_that_there_is_not_is_a_mistake_as_an_unknown_field_is(world: World) -> None:
    room_id = world.room()
    told = {"limt": "There is no such parameter."}
    assert refused(world.bob, f"/rooms/{room_id}/messages?limt=5") == told
    assert refused(world.bob, f"/rooms/{room_id}/messages?limit=5&limt=5") == told
    assert refused(world.bob, "/me?limt=5") == told, "also where there is none at all"
    assert world.bob.get(f"/rooms/{room_id}/messages?limit=5").status_code == 200
    many = "&".join(f"x{number}" for number in range(1000))
    assert len(refused(world.bob, f"/me?{many}")) == 1, "of many one is told"


def test_a_parameter_is_known_where_something_is_changed_too(world: World) -> None:
    room_id = world.room()
    answer = world.bob.post(
        f"/rooms/{room_id}/messages?draft=1", {"client_id": "c", "body": "hello"}
    )
    assert (answer.status_code, answer.json()["error"]["fields"]) == (
        422,
        {"draft": "There is no such parameter."},
    )
    assert world.bob.reads(room_id)["messages"] == []


def test_pages_pass_over_what_others_add_to_links(app: Flask, world: World) -> None:
    answer = requests.get(f"{world.server.url}/login?utm_source=mail", timeout=5)
    assert answer.status_code == 200

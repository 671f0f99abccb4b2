"""The API's description is true: it has every route, and the shape of every answer."""

from __future__ import annotations

import ast
import html
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask

from chat import VERSION
from chat.models.log import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.routes.sockets import EVENTS
from chat.schemas.base import Input, View
from chat.schemas.images import GalleryView
from chat.schemas.members import MembersView
from chat.schemas.messages import MessageView, PageView
from chat.schemas.profiles import PersonView
from chat.schemas.readings import ReadingView, ReceiptsView
from chat.schemas.room_log import EntryView, LogView
from chat.schemas.rooms import BrowseView, RoomListView, RoomView
from chat.schemas.search import FoundView
from chat.schemas.sessions import SessionsView
from chat.schemas.users import FoundPeopleView, MeView, SignedInView
from tests.helpers.openapi import fits
from tests.helpers.servers import ROOT, Server
from tests.helpers.uploads import uploaded
from tests.helpers.world import PASSWORD, World


def test_every_route_of_the_api_is_described(app: Flask, server: Server) -> None:
    spec = requests.get(server.url + "/api/v1/openapi.json", timeout=5).json()
    described = {
        (path, method.upper())
        for path, methods in spec["paths"].items()
        for method in methods
        if method != "parameters"
    }
    served = {
        (re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    undescribed = served - described - {("/api/v1/openapi.json", "GET"), ("/api/v1/docs", "GET")}
    assert not undescribed
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert method == "parameters" or operation["summary"], f"{method} {path} says nothing"


def test_the_description_can_be_read_without_any_other_host(server: Server) -> None:
    page = requests.get(server.url + "/api/v1/docs", timeout=5)
    assert page.status_code == 200
    assert "/api/v1/rooms/{room_id}/messages" in page.text
    assert "<script" not in page.text
    assert "`" not in page.text, "code is shown as such"
    assert "<code>" in page.text.partition("<h2>Shapes</h2>")[0]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


def described_events(heading: str) -> dict[str, str]:
    """Return the events of a table of docs/events.md, by name, each with its row."""
    section = (ROOT / "docs/events.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    return {name: row for row in rows for name in re.findall(r"`([\w:]+)`", row.split(" | ")[0])}


def test_the_description_of_events_names_those_that_are_taken_with_their_fields_and_no_others() -> (
    None
):
    described = described_events("From you to the server")
    assert described.keys() == EVENTS.keys()
    for name, event in EVENTS.items():
        told = set(re.findall(r"\w+", described[name].split(" | ")[1]))
        taken = {field.data_key or field_name for field_name, field in event.takes().fields.items()}
        assert taken <= told, f"docs/events.md does not tell of {taken - told} of {name}"


def test_the_description_of_events_names_those_that_are_told_and_no_others() -> None:
    emitted = {POSTED, EDITED, DELETED, REACTED, PINNED}
    for path in (ROOT / "chat/controllers").rglob("*.py"):
        for call in (
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        ):
            name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
            if (
                name.endswith(("emit", "emit_here"))
                and call.args
                and isinstance(call.args[0], ast.Constant)
            ):
                emitted.add(call.args[0].value)
    assert described_events("From the server to you").keys() == emitted


def test_what_is_shown_has_the_described_shape(world: World) -> None:
    room_id = world.room()
    fits(MessageView, world.bob.say(room_id, "hello"))
    fits(PageView, world.bob.reads(room_id))
    world.bob.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "i", "image_ids": [uploaded(world.bob, room_id)["id"]]},
    )
    fits(GalleryView, world.bob.get(f"/rooms/{room_id}/images").json())
    log = world.bob.get(f"/rooms/{room_id}/log").json()
    fits(LogView, log)
    fits(EntryView, log["entries"][0])
    fits(RoomView, world.bob.get(f"/rooms/{room_id}").json())
    fits(RoomListView, world.bob.get("/rooms").json())
    fits(BrowseView, world.bob.get("/rooms/browse").json())
    fits(MembersView, world.bob.get(f"/rooms/{room_id}/members").json())
    fits(ReadingView, world.bob.put(f"/rooms/{room_id}/read", {"seq": 0}).json())
    fits(ReceiptsView, world.bob.get(f"/rooms/{room_id}/receipts").json())
    fits(FoundView, world.bob.get("/search", params={"q": "hello"}).json())
    fits(MeView, world.bob.get("/me").json())
    fits(SessionsView, world.bob.get("/me/sessions").json())
    fits(FoundPeopleView, world.bob.get("/users", params={"q": world.bob.username}).json())
    fits(PersonView, world.bob.get(f"/users/{world.carol.id}").json())
    signed_in = requests.post(
        f"{world.server.url}/api/v1/auth/register",
        json={"username": world.bob.username + "x", "password": PASSWORD},
        timeout=5,
    )
    fits(SignedInView, signed_in.json())
    assert world.bob.get("/rooms").json()["rooms"] == world.bob.listen().all("hello")[0]["rooms"]


def test_a_machine_that_watches_is_told_the_state_of_each_part(server: Server) -> None:
    told = requests.get(server.url + "/ready", timeout=5).json()
    assert told["parts"] == {"database": "ok", "queue": "off", "disk": "unknown"}, (
        "it is not to be looked at"
    )
    assert told["missing"] == []


@pytest.mark.parametrize("path", ["/up", "/ready"])
def test_machines_that_watch_are_answered(server: Server, path: str) -> None:
    answer = requests.get(server.url + path, timeout=5)
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


def test_machines_that_watch_are_told_the_version(server: Server) -> None:
    assert requests.get(server.url + "/up", timeout=5).json()["version"] == VERSION


# the page for people


def shown_operations(page: str) -> dict[str, str]:
    """Return the parts of the page, by the operation's name."""
    parts = re.split(r'<section class="docs-operation" id="(\w+)"', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples_in(part: str) -> list[str]:
    found = re.findall(r'<pre class="docs-example"><code>(.*?)</code></pre>', part, re.DOTALL)
    return [html.unescape(each) for each in found]


def test_each_operation_is_shown_with_what_one_asks_and_what_is_answered(server: Server) -> None:
    spec = requests.get(server.url + "/api/v1/openapi.json", timeout=5).json()
    shown = shown_operations(requests.get(server.url + "/api/v1/docs", timeout=5).text)
    views = {view.__name__: view for view in every(View)}
    inputs = {each.__name__: each for each in every(Input)}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            part = shown[operation["operationId"]]
            curl, *answers = examples_in(part)
            words = shlex.split(curl)
            assert words[0] == "curl"
            assert words[1].startswith("$CHAT" + path.partition("{")[0]), curl
            needs_token = operation.get("security") != []
            assert any(word.startswith("Authorization: Bearer $") for word in words) is needs_token
            assert ("Needs a" in part) is needs_token
            if "x-scope" in operation:
                assert f"the scope “{operation['x-scope']}”" in part
            else:
                assert ("API tokens cannot" in part) is (
                    needs_token and "refresh token" not in part
                )
            if "--json" in words:
                content = operation["requestBody"]["content"]["application/json"]["schema"]
                sent = json.loads(words[words.index("--json") + 1])
                assert sent, operation["operationId"]
                inputs[content["$ref"].rpartition("/")[2]]().load(sent)
            responses = operation["responses"].items()
            success = next(each for status, each in responses if status[0] == "2")
            content = success.get("content", {}).get("application/json")
            if "text/event-stream" in success.get("content", {}):
                assert "--no-buffer" in words
                assert answers[0].startswith("id: 42" if "{room_id}" in path else "event: hello")
                continue
            assert bool(answers) is bool(content), operation["operationId"]
            if content:
                fits(views[content["schema"]["$ref"].rpartition("/")[2]], json.loads(answers[0]))


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from every(each)


def test_the_page_tells_nulls_limits_and_what_stands_where_nothing_is_sent(server: Server) -> None:
    page = html.unescape(requests.get(server.url + "/api/v1/docs", timeout=5).text)
    for told in (
        "ReplyView, or null",
        "a time, or null",
        "a text, 1 to 64 characters",
        "a number, 1 to 200, 50 if left out",
        "an id, or null",
        "a list, 0 to 10, each an id",
        '"public" or "private"',
    ):
        assert told in page, told


def test_what_the_page_shows_can_be_typed(world: World) -> None:
    shown = shown_operations(requests.get(world.server.url + "/api/v1/docs", timeout=5).text)
    room_id = world.room()
    variables = {
        "CHAT": f"http://localhost:{world.server.port}",
        "TOKEN": world.bob.access_token,
        "ROOM_ID": room_id,
        "MESSAGE_ID": world.bob.say(room_id, "hello")["id"],
    }
    for name, status in (
        ("createRoom", "201"),
        ("postMessage", "201"),
        ("editMessage", "200"),
        ("addReaction", "200"),
        ("searchMessages", "200"),
        ("removeReaction", "200"),
        ("getMe", "200"),
        ("changeRoom", "403"),
    ):
        quiet = "--silent --output /dev/null --write-out '%{http_code}'"
        # No two public rooms have one name, and earlier tests made a Harbour.
        example = examples_in(shown[name])[0].replace("Harbour", f"Harbour {room_id}")
        command = ["bash", "-c", f"{example} {quiet}"]
        environment = os.environ | variables
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)
        assert done.stdout == status, (name, command, done)

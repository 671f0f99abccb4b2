"""The OpenAPI document is valid; it has what client generators need, and what is validated."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from chat.schemas.base import Input, View
from chat.utils import errors
from tests.helpers.node import node
from tests.helpers.servers import ROOT, Server
from tests.helpers.world import World

NAMES = Path(__file__).with_name("operations.txt")  # names that generated clients call by, for good
OPEN = {
    "register",
    "logIn",
    "beginPasskeyLogin",
    "logInByPasskey",
    "forgetPassword",
    "listProviders",
}

Document = dict[str, Any]


@pytest.fixture
def document(server: Server) -> Document:
    found: Document = requests.get(server.url + "/api/v1/openapi.json", timeout=5).json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method, path, operation


def everything(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, itself included."""
    if isinstance(part, dict):
        yield part
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for child in children:
        yield from everything(child)


def kinds(kind: type[Any]) -> set[str]:
    return {name for each in kind.__subclasses__() for name in {each.__name__, *kinds(each)}}


def test_the_document_is_valid(document: Document) -> None:
    validate(document)


def test_an_operation_keeps_its_name(document: Document) -> None:
    named = sorted(
        f"{method.upper()} {path} {operation['operationId']}"
        for method, path, operation in operations(document)
    )
    assert named == NAMES.read_text().splitlines()
    assert len({line.split()[2] for line in named}) == len(named), "no two have one name"


def test_every_operation_needs_a_token_but_those_that_give_one(document: Document) -> None:
    assert document["security"] == [{"bearer": []}]
    without = {
        each["operationId"] for *_, each in operations(document) if each.get("security") == []
    }
    assert without == OPEN
    assert not [each for *_, each in operations(document) if each.get("security")], (
        "one way for all"
    )


def test_an_operation_that_needs_no_token_needs_none_and_all_others_do(
    document: Document, server: Server
) -> None:
    for method, path, operation in operations(document):
        where = server.url + re.sub(r"\{\w+\}", "0" * 24, path)
        answer = requests.request(method, where, json={}, timeout=5)
        needs_one = operation["operationId"] not in OPEN
        assert (answer.status_code == 401) is needs_one, (method, path, answer.text)


def test_the_document_says_where_the_chat_is(document: Document, server: Server) -> None:
    assert document["servers"] == [{"url": f"http://localhost:{server.port}"}]


def test_every_pattern_is_one_for_javascript_too_and_holds_from_end_to_end(
    document: Document,
) -> None:
    patterns = sorted(
        {part["pattern"] for part in everything(document) if isinstance(part.get("pattern"), str)}
    )
    assert len(patterns) > 5
    for pattern in patterns:
        assert pattern.startswith("^"), pattern
        assert pattern.endswith("$"), pattern
        re.compile(pattern)
    script = """
        for (const each of JSON.parse(process.argv[1])) { new RegExp(each); new RegExp(each, "u"); }
    """
    subprocess.run([node(), "-e", script, json.dumps(patterns)], check=True, timeout=20)


def test_what_may_be_null_is_valid_as_null_by_the_rules_of_its_version(document: Document) -> None:
    """Generators read both forms of 3.1: tests/generators."""
    assert document["openapi"].startswith("3.1.")
    everywhere = Registry().with_resource("urn:chat", Resource(document, DRAFT202012))
    nulls = {
        (name, field): each
        for name, schema in document["components"]["schemas"].items()
        for field, each in schema["properties"].items()
        if "null" in json.dumps(each)
    }
    assert ("MessageView", "reply_to") in nulls
    assert len(nulls) > 20
    for name, field in nulls:
        reference = {"$ref": f"urn:chat#/components/schemas/{name}/properties/{field}"}
        OAS31Validator(reference, registry=everywhere).validate(None)
    assert nulls["MessageView", "reply_to"]["anyOf"] == [
        {"$ref": "#/components/schemas/ReplyView"},
        {"type": "null"},
    ]
    assert not [
        part for part in everything(document) if {"nullable", "oneOf", "allOf"} & part.keys()
    ]


def test_no_shape_is_described_that_nothing_refers_to(document: Document) -> None:
    referred = {part["$ref"].rsplit("/", 1)[1] for part in everything(document) if "$ref" in part}
    assert document["components"]["schemas"].keys() <= referred
    assert document["components"]["responses"].keys() <= referred


def test_requests_are_closed_and_answers_may_get_more_fields(document: Document) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert name in kinds(Input) | kinds(View)
        assert schema.get("additionalProperties", True) is (name in kinds(View)), name
    forms = [
        operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        for *_, operation in operations(document)
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    ]
    assert [form["additionalProperties"] for form in forms] == [False] * 3


def test_every_text_that_comes_in_has_its_bound_in_the_document(document: Document) -> None:
    schemas = document["components"]["schemas"]
    asked = {
        f"{name}.{field}": each
        for name in schemas.keys() & kinds(Input)
        for field, each in schemas[name]["properties"].items()
    }
    for method, path, operation in operations(document):
        at_path = document["paths"][path].get("parameters", [])
        for each in [*operation.get("parameters", []), *at_path]:
            if each["name"] != "X-Device-Token":  # ignored where it is none of ours
                asked[f"{method} {path} {each['name']}"] = each["schema"]
    assert len(asked) > 60
    for name, each in asked.items():
        if "anyOf" in each or "$ref" in each:  # an object, whose shape is among these, or null
            shape = each.get("anyOf", [each])[0]
            assert shape["$ref"].rsplit("/", 1)[1] in schemas.keys() & kinds(Input)
            continue
        if each["type"] == "array":
            assert "maxItems" in each, name
            each = each["items"]
        if "string" in each["type"]:
            assert "enum" in each or "maxLength" in each, name
        elif "integer" in each["type"]:
            assert {"minimum", "maximum"} <= each.keys() or "enum" in each, name


def test_every_time_is_one_for_programs(document: Document) -> None:
    times = [
        (name, field, each)
        for name, schema in document["components"]["schemas"].items()
        for field, each in schema["properties"].items()
        if field.endswith("_at")
    ]
    assert len(times) > 10
    assert all(each["format"] == "date-time" for _, _, each in times), times


def test_every_code_of_an_error_is_described_here_and_in_the_documents(document: Document) -> None:
    codes = {
        each.code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.ChatError)
    }
    received = codes - {errors.ClientGone.code}
    described = document["components"]["schemas"]["MistakeView"]["properties"]["code"]["enum"]
    assert set(described) == received
    table = (ROOT / "docs/api.md").read_text().partition("| code | status | |")[2]
    assert set(re.findall(r"(?m)^\| `(\w+)` \| \d{3} \|", table.split("\n\n")[0])) == received


def test_next_of_every_list_is_a_text_that_is_sent_back_as_it_is(
    document: Document, world: World
) -> None:
    schemas = document["components"]["schemas"]
    lists = {}
    for method, _, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {})
        shape = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        fields = schemas.get(shape.rpartition("/")[2], {}).get("properties", {})
        if method != "get" or "next" not in fields:
            continue
        assert fields["next"]["type"] == ["string", "null"]
        told = fields["next"]["description"]
        kinds = {each["name"]: each["schema"]["type"] for each in operation.get("parameters", [])}
        cursors = ("before", "after", "ids")
        cursor = next((name for name in cursors if f"`{name}`" in told), None)
        sent_as = kinds.get("before", kinds.get("after", kinds.get("ids")))
        assert sent_as == (cursor and "string"), operation
        assert bool(cursor) is ("always null" not in told), operation
        lists[operation["operationId"]] = cursor
    assert (lists["listMyRooms"], lists["listMessageVersions"]) == ("before", "after")
    assert lists["listMySessions"] is None
    world.bob.make_room("Quiet Bay")
    world.bob.make_room("Harbour")
    page = world.bob.get("/rooms?limit=1").json()
    assert isinstance(page["next"], str)
    following = world.bob.get(f"/rooms?limit=1&before={page['next']}").json()
    assert following["rooms"] != page["rooms"]


def test_the_types_of_pictures_are_those_that_are_answered(document: Document) -> None:
    told = {
        operation["operationId"]: set(operation["responses"]["200"]["content"])
        for *_, operation in operations(document)
        if "200" in operation["responses"]
        and "image/webp" in operation["responses"]["200"].get("content", {})
    }
    assert told == {
        "getImage": {"image/png", "image/jpeg", "image/webp"},
        "getImageThumbnail": {"image/webp"},
        "getAvatar": {"image/webp"},
        "getReportedPicture": {"image/webp"},
    }


def test_every_parameter_that_is_taken_is_described(app: Flask, document: Document) -> None:
    views = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "/api/v1/" in rule.rule}
    described = {
        (path, method): {
            each["name"] for each in operation.get("parameters", []) if each["in"] == "query"
        }
        for method, path, operation in operations(document)
    }
    taking = 0
    for endpoint, rule in views.items():
        taken = getattr(app.view_functions[endpoint], "parameters", frozenset())
        path = re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert taken == described.get((path, method.lower()), frozenset()), path
        taking += bool(taken)
    assert taking > 20
    headers = document["paths"]["/api/v1/rooms/{room_id}/stream"]["get"]["parameters"]
    assert "Last-Event-ID" in [each["name"] for each in headers]


def test_an_answer_without_an_end_has_an_example_and_no_schema(document: Document) -> None:
    """Before 3.2, some programs take a schema for the answer's, and some for each event's."""
    streams = {
        operation["operationId"]: operation["responses"]["200"]["content"]["text/event-stream"]
        for *_, operation in operations(document)
        if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    }
    assert streams.keys() == {"followRoom", "followAll"}
    assert all(each.keys() == {"example"} for each in streams.values())


# what programs of others rely on


@pytest.mark.parametrize("path", ["/rooms", "/rooms/browse", "/search?q=x", "/me", "/auth/login"])
def test_what_is_allowed_anybody_may_ask_and_is_told_no_page(world: World, path: str) -> None:
    answer = requests.options(f"{world.server.url}/api/v1{path}", timeout=5)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert "OPTIONS" in answer.headers["Allow"]


def test_a_fixed_path_beside_a_variable_one_allows_what_it_can_do(
    world: World, document: Document
) -> None:
    assert "/api/v1/rooms/{room_id}" in document["paths"]
    for ask in (world.bob.ask("OPTIONS", "/rooms/browse"), world.bob.delete("/rooms/browse")):
        assert set(ask.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert world.bob.delete("/rooms/browse").status_code == 405


def test_who_has_no_good_token_is_told_which_kind_is_needed(world: World) -> None:
    url = f"{world.server.url}/api/v1"
    without = requests.get(f"{url}/me", timeout=5)
    assert (without.status_code, without.headers["WWW-Authenticate"]) == (401, "Bearer")
    spent = requests.get(f"{url}/me", headers={"Authorization": "Bearer x"}, timeout=5)
    assert (spent.status_code, spent.headers["WWW-Authenticate"]) == (
        401,
        'Bearer error="invalid_token"',
    )
    wrong = {"username": world.bob.username, "password": "not the password"}
    refused = requests.post(f"{url}/auth/login", json=wrong, timeout=5)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    page = requests.get(f"{world.server.url}/rooms", timeout=5, allow_redirects=False)
    assert "WWW-Authenticate" not in page.headers, "pages have no tokens to send"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "x"])
def test_a_body_that_is_packed_is_refused_with_a_sentence(world: World, coding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    for path in ("/rooms", "/auth/login"):
        answer = world.bob.ask("POST", path, data=b"\x1f\x8b", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_type")
        assert "Content-Encoding" in answer.json()["error"]["message"]
    as_it_is = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert (
        world.bob.ask("POST", "/rooms", data=b'{"name":"x"}', headers=as_it_is).status_code == 201
    )


def test_a_body_that_the_document_requires_is_required(world: World, document: Document) -> None:
    room_id = world.room()
    required = [
        (method, path)
        for method, path, each in operations(document)
        if "application/json" in each.get("requestBody", {}).get("content", {})
    ]
    assert len(required) > 12
    for method, path in required:
        where = path.removeprefix("/api/v1").replace("{room_id}", room_id)
        answer = world.bob.ask(method.upper(), re.sub(r"\{\w+\}", "0" * 24, where))
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_failed"), (
            path
        )
    assert world.bob.patch("/me", {}).status_code == 200, "an object of nothing changes nothing"


def test_a_form_has_no_fields_that_the_document_does_not_tell(world: World) -> None:
    picture = (ROOT / "tests/fuzz/picture.png").read_bytes()
    room_id = world.room()
    for method, path in (("PUT", "/me/avatar"), ("POST", f"/rooms/{room_id}/images")):
        for more in ({"data": {"caption": "x"}}, {"files": {"other": picture}}):
            files = {"image": picture} | more.get("files", {})
            answer = world.bob.ask(method, path, files=files, data=more.get("data"))
            assert answer.status_code == 422, answer.text
            assert list(answer.json()["error"]["fields"].values()) == ["There is no such field."]

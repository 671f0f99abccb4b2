"""Text has a quota by person and day; a nearly full disk stops writing, not reading or deleting."""

from __future__ import annotations

import dataclasses
import io
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from chat import extensions
from chat.controllers import storage
from chat.models import text_usage
from chat.models.database import database
from chat.models.document import id_from
from config import Settings
from tests.helpers import pictures
from tests.helpers.command_line import bin_chat
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.world import PASSWORD, Person, World

JPEG = pictures.accepted()["jpeg in grey"]
of_this_disk = pytest.mark.skipif(not IS_EMBEDDED, reason="a given database is on its own disk")


@pytest.fixture
def bind(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Return a function that gives the chat inside this process other settings."""

    def change(**changes: Any) -> None:
        extensions.bind_settings(
            dataclasses.replace(settings, data_dir=tmp_path, rate_limits=True, **changes)
        )
        storage._warned_at.clear()
        storage.check_disk()

    yield change
    extensions.bind_settings(settings)
    storage._free.clear()
    storage._warned_at.clear()


class Api:
    """The API inside this process, for one person."""

    def __init__(self, app: Flask, person: Person):
        self._client: FlaskClient = app.test_client()
        self._headers = {"Authorization": f"Bearer {person.access_token}"}

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        options |= {"json": body} if body is not None else {}
        return self._client.open(
            f"/api/v1{path}", method=method, headers=self._headers, buffered=True, **options
        )

    def say(self, room_id: str, body: str, client_id: str) -> TestResponse:
        return self.ask(
            "POST", f"/rooms/{room_id}/messages", {"client_id": client_id, "body": body}
        )


def test_whoever_wrote_too_much_today_is_told_until_when_and_others_write_on(
    world: World, app: Flask, bind: Callable[..., None]
) -> None:
    room_id, bob, carol = world.room(), Api(app, world.bob), Api(app, world.carol)
    bind(text_quota_bytes_per_person_per_day=40_000)
    assert bob.say(room_id, "good morning", "c1").status_code == 201
    long, longer = (" ".join(secrets.token_hex(4) for _ in range(words)) for words in (100, 800))
    assert bob.say(room_id, long, "c2").status_code == 201
    message_id = bob.say(room_id, long, "c2").json["id"]  # type: ignore[index]
    refused = bob.say(room_id, longer, "c3")
    assert (refused.status_code, refused.json["error"]["code"]) == (429, "rate_limited")  # type: ignore[index]
    assert "midnight" in refused.json["error"]["message"]  # type: ignore[index]
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert bob.ask("PATCH", f"/messages/{message_id}", {"body": longer}).status_code == 429
    assert bob.say(room_id, long, "c2").status_code == 200, (
        "what was kept before is the answer to a retry"
    )
    assert carol.say(room_id, long, "c1").status_code == 201
    for _ in range(60):  # every change of a message writes it anew
        bob.ask("PUT", f"/messages/{message_id}/reactions/👍")
        bob.ask("DELETE", f"/messages/{message_id}/reactions/👍")
    assert bob.ask("PUT", f"/messages/{message_id}/reactions/👍").status_code == 429
    assert bob.ask("DELETE", f"/messages/{message_id}").status_code == 200, "deleting goes on"


def test_what_is_counted_is_about_what_is_kept(
    world: World, app: Flask, bind: Callable[..., None]
) -> None:
    room_id, bob = world.room(), Api(app, world.bob)
    bind(text_quota_bytes_per_person_per_day=10**9)
    bodies = [
        "good morning",
        "*good* morning",
        "😀" * 2_000,
        "&" * 8_000,
        "`a` " * 100,
        "@nobody " * 900,
        "[a](https://b.cd) " * 50,
    ]
    for number, body in enumerate(bodies):
        account = text_usage._accounts.get(id_from(world.bob.id))  # type: ignore[arg-type]
        before = account.pending if account else 0
        message_id = bob.say(room_id, body, f"c{number}").json["id"]  # type: ignore[index]
        counted = text_usage._accounts[id_from(world.bob.id)].pending - before  # type: ignore[index]
        record = database["log"].find_one({"_id": id_from(message_id)})
        assert record
        assert len(record["text"]) <= counted, body
        assert counted <= 10 * len(record["text"]) + 1_000, "and it is not far more"


def growing(app: Flask, world: World, room_id: str, message_id: str) -> dict[str, TestResponse]:
    """Try everything that makes the chat's data larger, once each."""
    bob = Api(app, world.bob)
    upload = {"image": (io.BytesIO(JPEG), "x.jpg")}
    return {
        "post": bob.say(room_id, "more", "c2"),
        "edit": bob.ask("PATCH", f"/messages/{message_id}", {"body": "more"}),
        "react": bob.ask("PUT", f"/messages/{message_id}/reactions/👍"),
        "pin": Api(app, world.carol).ask("PUT", f"/messages/{message_id}/pin"),
        "upload": bob.ask("POST", f"/rooms/{room_id}/images", data=upload),
        "avatar": bob.ask("PUT", "/me/avatar", data={"image": (io.BytesIO(JPEG), "x.jpg")}),
        "room": bob.ask("POST", "/rooms", {"name": "Another"}),
        "direct room": bob.ask("POST", "/direct-rooms", {"user_ids": [world.carol.id]}),
        "register": bob.ask(
            "POST", "/auth/register", {"username": f"new-{message_id[-6:]}", "password": PASSWORD}
        ),
    }


@of_this_disk
def test_below_the_floor_nothing_grows_and_all_else_goes_on(
    world: World, app: Flask, bind: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    room_id, bob = world.room(), Api(app, world.bob)
    message_id = world.bob.say(room_id, "tea")["id"]
    with caplog.at_level(logging.WARNING):
        bind(free_disk_bytes=2**53)
        storage.check_disk()
    assert [record.message for record in caplog.records].count("the disk is filling up") == 1, (
        "not again within an hour"
    )
    for name, answer in growing(app, world, room_id, message_id).items():
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable"), name  # type: ignore[index]
        assert answer.json["error"]["message"].startswith(
            "The chat's disk is nearly full; reading and deleting"
        ), name  # type: ignore[index]
    assert bob.ask("GET", f"/rooms/{room_id}/messages").status_code == 200
    assert bob.ask("GET", "/search?q=tea").status_code == 200
    assert bob.ask("PUT", f"/rooms/{room_id}/read", {"seq": 0}).status_code == 200
    assert bob.ask("DELETE", f"/messages/{message_id}").status_code == 200
    assert bob.ask("POST", f"/rooms/{room_id}/leave").status_code == 204
    signed_in = bob.ask(
        "POST", "/auth/login", {"username": world.carol.username, "password": PASSWORD}
    )
    assert signed_in.status_code == 200
    assert Api(app, world.carol.second_device()).ask("POST", "/auth/logout").status_code == 204
    bind(free_disk_bytes=0)
    room_id = world.room()
    message_id = world.bob.say(room_id, "tea")["id"]
    for name, answer in growing(app, world, room_id, message_id).items():
        assert answer.status_code < 300, name


@of_this_disk
def test_long_before_that_administrators_are_told_on_every_page_and_nobody_else(
    world: World, app: Flask, bind: Callable[..., None]
) -> None:
    room_id = world.room()
    bind(free_disk_bytes=1)
    free = storage.free_bytes()
    assert free

    def pages(person: Person) -> list[bool]:
        browser = app.test_client()
        browser.set_cookie(world.server.cookie("chat_access"), person.access_token)
        paths = (f"/rooms/{room_id}", "/rooms", "/settings/profile", "/search", "/mentions")
        return ["disk is filling up" in browser.get(path, buffered=True).text for path in paths]

    assert pages(world.alice) == [False] * 5
    bind(free_disk_bytes=free // 2)
    assert pages(world.alice) == [True] * 5
    assert pages(world.bob) == [False] * 5
    assert Api(app, world.bob).say(room_id, "tea", "c1").status_code == 201, "writing goes on"
    told = bin_chat(app, "doctor")
    assert (told.exit_code, "are free on the database's disk" in told.output) == (1, True), (
        told.output
    )


def test_a_database_elsewhere_is_asked_and_one_that_does_not_tell_stops_nobody(
    world: World, app: Flask, bind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id, bob = world.room(), Api(app, world.bob)
    monkeypatch.setattr(database, "embedded", False)
    monkeypatch.setattr(database, "free_bytes", lambda: None)
    bind(free_disk_bytes=2**53)
    assert bob.say(room_id, "tea", "c1").status_code == 201
    monkeypatch.setattr(database, "free_bytes", lambda: 5)
    bind(free_disk_bytes=10)
    assert bob.say(room_id, "tea", "c2").status_code == 503
    monkeypatch.setattr(database, "free_bytes", lambda: pytest.fail("nobody is asked"))
    bind(free_disk_bytes=0)
    assert bob.say(room_id, "tea", "c3").status_code == 201


def test_secantusdb_does_not_read_all_its_data_to_say_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    ask = Database.command

    def recorded(self: Database[Any], command: str, *rest: Any, **options: Any) -> Any:
        commands.append(command)
        return ask(self, command, *rest, **options)

    monkeypatch.setattr(Database, "command", recorded)
    assert database.free_bytes() is None
    assert commands == ["buildInfo"]

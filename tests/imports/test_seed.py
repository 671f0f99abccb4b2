"""`bin/chat seed` fills an empty chat with a world that reads true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from chat import connect
from chat.controllers import accounts, verification
from chat.controllers.visitors import OPERATOR
from chat.models.app_account import APP_ACCOUNT
from chat.models.database import database
from chat.models.incoming_webhook import IncomingWebhook
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.reading import Reading
from chat.models.room import Room
from chat.models.user import User
from chat.utils.demo.conversations import conversations
from chat.utils.demo.demo_world import PEOPLE, ROOMS
from config import Settings
from tests.helpers.command_line import bin_chat
from tests.helpers.rooms import search
from tests.helpers.world import PASSWORD


@pytest.fixture
def empty(app: Flask, own_uri: str, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Connect to a chat without people."""
    own = replace(settings, secrets_dir=tmp_path / "secrets", mongo_uri=own_uri)
    connect(own, own_uri, embedded=True)
    User.forget(APP_ACCOUNT)  # it has the same id in each chat, and this process knows another's
    with app.app_context():
        yield app


def seeded(app: Flask, *options: str, code: int = 0) -> Any:
    result = bin_chat(app, "seed", "--json", *options)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout.splitlines()[-1])


def person(username: str) -> User:
    found = User.find_by_username(username)
    assert found
    return found


def test_a_first_look_at_an_empty_chat_needs_no_typing(empty: Flask) -> None:
    told = seeded(empty)
    assert told["made"]["people"] == len(PEOPLE) + 1  # and a bot
    assert told["made"]["rooms"] == len(ROOMS)
    assert told["made"]["messages"] == sum(len(each.lines) for each in conversations())
    assert told["lost"] == told["adapted"] == {}
    account = told["account"]
    demo = accounts.authenticate(account["username"], account["password"], OPERATOR)
    assert demo.display_name == "Sam Demo"
    assert demo.is_admin, "nobody else looks after the chat"
    nora = person("nora")
    assert not nora.has_password
    assert (nora.about.title, nora.avatar_id is not None) == ("Runs the workshop", True)
    (workshop,) = Room.named("workshop")
    mine = Membership.find(workshop.id, demo.id)
    assert mine
    assert Reading.of(mine).unread == 3
    theirs = Membership.find(workshop.id, nora.id)
    assert theirs
    assert Reading.of(theirs).unread == 0
    (hit,) = search([workshop], "hammer is fine").hits
    assert hit.message.author.username == "ines"
    assert hit.message.reply_to
    pinned, _ = Message.pinned_in(Room.named("general")[0].id)
    assert pinned[0].text.body.startswith("**general**")
    (chart,) = [
        message
        for message in Message.page(Room.named("design")[0].id, limit=200).messages
        if message.images and "bar chart" in message.images[0]["alt"]
    ]
    assert chart.author.username == "amal"
    (build, *_) = [
        message
        for message in Message.page(Room.named("releases")[0].id, limit=200).messages
        if message.text.app
    ]
    assert build.author.display_name == "🔨 Build"
    assert list(verification.verify())[-1].problems == []


def test_a_bot_and_the_webhook_of_a_tool_write_in_the_world(empty: Flask) -> None:
    seeded(empty)
    seeded(empty)
    bench, ines, (workshop,) = person("bench"), person("ines"), Room.named("workshop")
    assert (bench.is_bot, bench.owner_id, bench.has_password) == (True, ines.id, False)
    said = Message.page(workshop.id, limit=200).messages
    (night,) = [message for message in said if message.author.id == bench.id]
    assert "47 of 48" in night.text.body
    assert [hook.name for hook in IncomingWebhook.of(workshop.id)] == ["Cold chamber"]
    alerts = [message for message in said if message.text.app]
    assert [alert.author.display_name for alert in alerts] == ["🚨 Cold chamber", "✅ Cold chamber"]


def test_a_repeat_adds_nothing_and_tells_no_password(empty: Flask) -> None:
    first = seeded(empty)
    before = database["log"].count_documents({})
    again = seeded(empty)
    assert (again["made"], again["account"]) == ({}, None)
    assert first["account"]
    assert database["log"].count_documents({}) == before


def test_an_administrator_who_is_there_sees_the_world(empty: Flask) -> None:
    alice = accounts.create_admin("alice", PASSWORD)
    assert seeded(empty)["account"] is None
    assert User.find_by_username("demo") is None
    (workshop,) = Room.named("workshop")
    mine = Membership.find_now(workshop.id, alice.id)
    assert mine
    assert mine.is_listed


def test_a_chat_with_people_stays_as_it_is(empty: Flask) -> None:
    accounts.create_admin("alice", PASSWORD)
    accounts.create("bob")
    refused = seeded(empty, code=1)
    assert "has people already" in refused["problems"][0]
    assert database["log"].count_documents({}) == 0
    assert seeded(empty, "--beside")["made"]["rooms"] == len(ROOMS)


def test_a_world_for_load_has_the_numbers_that_were_asked_for(empty: Flask) -> None:
    told = seeded(empty, "--people", "60", "--messages", "1000", "--rooms", "3")
    made = told["made"]
    assert (made["people"], made["messages"], made["rooms"]) == (60, 1000, 3)
    (everybody,) = Room.named("load-everybody")
    assert Room.member_count(everybody.id) == 60
    assert list(verification.verify())[-1].problems == []


@pytest.mark.parametrize(
    "options", [("--people", "5"), ("--messages", "5"), ("--rooms", "5"), ("--people", "no")]
)
def test_half_of_the_numbers_is_wrong_usage(empty: Flask, options: tuple[str, ...]) -> None:
    assert bin_chat(empty, "seed", *options).exit_code == 2

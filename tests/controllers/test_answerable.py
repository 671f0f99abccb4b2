"""What a bot may use up is its owner's, however many bots the owner has."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from limits import parse

from chat.controllers import (
    bots,
    budgets,
    display_names,
    erasing,
    image_processing,
    reports,
    searches,
    streams,
    turns,
)
from chat.controllers.commands import programs
from chat.controllers.commands.outcome import Call
from chat.controllers.outgoing_webhooks import requests
from chat.models import outgoing_webhook
from chat.models.document import new_id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.outgoing_webhook_sealed import Sealed
from chat.models.room import Room
from chat.models.session import Session
from chat.models.slash_command import SlashCommand
from chat.models.user import User
from chat.routes import streaming
from chat.utils.errors import Conflict, RateLimited, ValidationFailed
from chat.utils.outward.program import Outcome
from chat.utils.rate_limiter import Budget
from chat.utils.turns import Turns
from chat.utils.webhooks.signing import new_secret
from tests.helpers.rooms import make_room

ONE = Budget(parse("1 per day"), step=1)


def robby_of(owner: User, room: Room) -> tuple[User, str]:
    """Return a bot of somebody in a room, and its token."""
    name = f"robby-{new_id()}"
    made, _, token = bots.make(owner, name, "", frozenset(("read", "write", "manage")), None)
    Membership.begin(room, made.user.id, "member", 0)
    return made.user, token


def hook_of(room: Room, maker: User) -> OutgoingWebhook:
    opened = Sealed("Deploys", "https://example.org/", new_secret())
    return OutgoingWebhook.make(room.id, maker.id, ["message:posted"], opened, 0)


def test_two_bots_make_no_more_invites_than_their_owner(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob")
    (_, first), (_, second) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    monkeypatch.setitem(budgets._budgets, "make invites", ONE)
    client = limited.test_client()
    answers = [
        client.post(
            "/api/v1/invites", json={}, headers={"Authorization": f"Bearer {token}"}, buffered=True
        )
        for token in (first, second)
    ]
    assert answers[0].status_code != 429
    assert answers[1].status_code == 429


def test_two_bots_report_no_more_than_their_owner(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    said = [
        Message.post(room.id, people["alice"], f"say-{number}", "spam", charge=lambda _: None)[0]
        for number in range(2)
    ]
    (first, _), (second, _) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    monkeypatch.setitem(budgets._budgets, "report", ONE)
    reports.make(first, str(said[0].id), "")
    with pytest.raises(RateLimited):
        reports.make(second, str(said[1].id), "")


def test_the_webhooks_of_a_bot_count_as_its_owners_and_end_with_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob", "carol")
    robby, _ = robby_of(people["bob"], room)
    monkeypatch.setattr(outgoing_webhook, "MOST_OF_A_MAKER", 1)
    hook = hook_of(room, robby)
    assert requests.of_test(hook)["owner"] == str(people["bob"].id), "they take turns as one"
    for maker in (people["bob"], robby_of(people["bob"], room)[0]):
        with pytest.raises(Conflict):
            hook_of(room, maker)
    others = hook_of(room, people["carol"])
    erasing._end_webhooks(people["bob"])
    assert [each.id for each in OutgoingWebhook.of(room.id)] == [others.id]


def test_the_commands_of_a_bot_take_turns_and_are_counted_as_its_owners(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob")
    name = f"deploy-{new_id()}"
    command = SlashCommand.make(people["bob"].id, name, "", "https://example.org/", new_secret())
    sent: list[dict[str, Any]] = []

    class Unanswered:
        def send_and_wait(self, request: dict[str, Any], _within: float) -> Outcome:
            sent.append(request)
            return Outcome(0)

    monkeypatch.setattr(programs, "_sender", Unanswered)
    monkeypatch.setitem(budgets._budgets, "run commands", ONE)
    (first, _), (second, _) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    with pytest.raises(ValidationFailed, match="It may have run"):
        programs.call(command, Call(first, str(room.id), name, "", "once"))
    with pytest.raises(RateLimited):
        programs.call(command, Call(second, str(room.id), name, "", "twice"))
    command.remove()
    assert [each["owner"] for each in sent] == [str(people["bob"].id)]


def test_two_bots_change_their_names_no_more_often_than_one_person(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob", "carol")
    (first, _), (second, _) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    monkeypatch.setitem(budgets._budgets, "change display name", ONE)
    display_names.change(first, "Harbour")
    for other in (second, people["bob"]):
        with pytest.raises(RateLimited):
            display_names.change(other, "Lighthouse")
    assert display_names.change(people["carol"], "Caroline").display_name == "Caroline"


def test_the_requests_of_two_bots_wait_for_each_other(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob", "carol")
    (first, _), (_, token) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    (_, other_token) = robby_of(people["carol"], room)
    answers, one_search = Turns(1, waiting=0, seconds=0.05), Turns(1, waiting=0, seconds=0.05)
    monkeypatch.setattr(streaming, "_answers", answers)
    monkeypatch.setattr(searches, "_turns", one_search)

    def status(path: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return limited.test_client().get(path, headers=headers, buffered=True).status_code

    with answers.turn(first.answerable_id):  # as if the first one's request were under way
        assert status("/api/v1/me", token) == 429
        assert status("/api/v1/me", other_token) == 200
    with one_search.turn(first.answerable_id):
        assert status("/api/v1/search?q=spam", token) == 429
        assert status("/api/v1/search?q=spam", other_token) == 200
    assert (answers._lines, one_search._lines) == ({}, {}), "what was answered holds no turn"


def test_the_pictures_and_the_streams_of_two_bots_count_together(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("bob", "carol")
    (first, _), (second, _) = robby_of(people["bob"], room), robby_of(people["bob"], room)
    other, _ = robby_of(people["carol"], room)
    taken: list[object] = []
    really = turns.PICTURES.turn

    def turn(line: Any, who: object, *more: Any) -> Any:
        taken.append(who)
        return really(line, who, *more)

    monkeypatch.setattr(turns.PICTURES, "turn", turn)
    for bot in (first, second, other):
        with image_processing.processing(bot, BytesIO(b"picture"), lambda: False):
            pass
    assert taken == [people["bob"].id, people["bob"].id, people["carol"].id]

    monkeypatch.setattr(streams, "MOST_OF_PERSON", 1)
    mine = streams.StreamOfAll(first, Session.begin(first.id, "a program"), "")
    with pytest.raises(RateLimited):
        streams.StreamOfAll(second, Session.begin(second.id, "a program"), "")
    streams.StreamOfAll(other, Session.begin(other.id, "a program"), "").close()
    mine.close()
    streams.StreamOfAll(second, Session.begin(second.id, "a program"), "").close()
    assert not streams.open_streams()

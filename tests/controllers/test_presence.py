"""Changes of presence, made while a broadcast about another one waits for the database."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import presence
from chat.controllers.broadcasts import people as broadcasts
from chat.models.peers import presences
from chat.models.user import User
from config import Settings
from tests.helpers.rooms import make_room


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return the statuses that listeners hear of."""
    heard: list[str] = []
    monkeypatch.setattr(
        broadcasts.socketio,
        "emit_here",
        lambda _name, payload, _to: heard.append(payload["status"]),
    )
    forget()
    with app.app_context():
        yield heard
    forget()


def forget() -> None:
    for known in (presence._sockets, presence._elsewhere, presence._from_queue, presence._leaving):
        known.clear()
    presence._emitted.clear()


def meanwhile(monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> None:
    """Let this happen while the next broadcast waits for the database."""
    page_of = broadcasts.page_of

    def page_late(*arguments: Any) -> Any:
        monkeypatch.setattr(broadcasts, "page_of", page_of)
        action()
        return page_of(*arguments)

    monkeypatch.setattr(broadcasts, "page_of", page_late)


def leave(person: User, sid: str) -> None:
    """Close a person's last socket, and let the grace period pass."""
    presence.disconnected(person.id, sid)
    presence._leaving[person.id] = 0


def test_who_comes_back_while_the_others_are_told_that_they_left_is_online_to_them(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = make_room("alice")[1]["alice"]
    presence.connected(alice, "s1")
    leave(alice, "s1")
    meanwhile(monkeypatch, lambda: presence.connected(alice, "s2"))
    presence.poll_peers()
    assert (told[0], told[-1]) == ("online", "online")


def test_who_comes_back_while_others_are_told_that_somebody_else_left_has_not_left(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = make_room("alice", "bob")[1].values()
    for person in (alice, bob):
        presence.connected(person, "s1")
    for person in (alice, bob):
        leave(person, "s1")
    meanwhile(monkeypatch, lambda: presence.connected(bob, "s2"))
    presence.poll_peers()
    assert [presence.status_of(person.id) for person in (alice, bob)] == ["offline", "online"]
    assert told.count("offline") == 1


def test_what_another_process_says_while_statuses_are_read_is_newer_than_those(
    told: list[str], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    alice, bob = make_room("alice", "bob")[1].values()
    stored = {"p1": {alice.id: "online"}, "p2": {bob.id: "online"}}
    monkeypatch.setattr(presences, "of_others", lambda: stored)

    def somebody_leaves_the_other_process() -> None:
        process = "p2" if "p1" in presence._elsewhere else "p1"
        whom = bob if process == "p2" else alice
        about = {"process": process, "user_id": str(whom.id), "status": "offline"}
        presence.handle_notice(about)

    extensions.bind_settings(dataclasses.replace(settings, redis_url="redis://x"))
    try:
        meanwhile(monkeypatch, somebody_leaves_the_other_process)
        presence.poll_peers()
    finally:
        extensions.bind_settings(settings)
    assert sorted(map(presence.status_of, (alice.id, bob.id))) == ["offline", "online"]

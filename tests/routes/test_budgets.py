"""The time budget: whoever uses it up waits, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import ConnectionRefusedError
from greenlet import GreenletExit
from limits import parse

from chat import extensions
from chat.controllers import budgets, devices
from chat.models.user import User
from chat.routes import cpu_time, static_files
from chat.routes.sockets import connection
from chat.utils.pace import Pace
from chat.utils.rate_limiter import Budget
from config import Settings
from tests.helpers.world import PASSWORD, Person, World

LITTLE = Budget(parse("20000 per hour"), step=2_000)  # microseconds
MOST_TRIES = 200  # a request takes a fifth of a millisecond at the least


@pytest.fixture
def little_time(
    limited: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    budgets.set_up(settings)
    monkeypatch.setattr(budgets, "SLOW_SECONDS", 0.0)
    yield limited
    budgets.set_up(settings)


def rooms_of(client: FlaskClient, person: Person, address: str = "127.0.0.1") -> int:
    headers = {"Authorization": f"Bearer {person.access_token}"}
    return client.get(
        "/api/v1/rooms", headers=headers, environ_overrides={"REMOTE_ADDR": address}, buffered=True
    ).status_code


def test_who_uses_up_their_time_is_refused_and_nobody_else_is(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budgets._budgets, "a person's time", LITTLE)
    client = little_time.test_client()
    answers = [rooms_of(client, world.mallory) for _ in range(MOST_TRIES)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert rooms_of(client, world.bob) == 200


def test_all_who_are_signed_in_from_a_network_have_so_much_together_and_other_networks_do_not_pay(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budgets._budgets, "a network's time", LITTLE)
    client = little_time.test_client()
    answers = [
        rooms_of(client, world.mallory, f"2001:db8:0:1::{number:x}") for number in range(MOST_TRIES)
    ]
    assert answers[-1] == 429, "a /64 is one network"
    assert rooms_of(client, world.bob, "2001:db8:0:2::1") == 200


def test_strangers_use_up_their_own_time_and_not_that_of_who_is_signed_in(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budgets._budgets, "strangers' time", LITTLE)
    client = little_time.test_client()
    answers = [client.get("/login", buffered=True).status_code for _ in range(MOST_TRIES)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert client.get("/static/css/base.css").status_code == 200
    assert rooms_of(client, world.bob) == 200


def test_who_has_used_up_their_time_is_answered_slowly_whatever_the_answer(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a flood of refusals costs the others as much as a flood of pages."""
    slowed: list[int] = []
    monkeypatch.setattr(budgets, "slow_down", lambda: slowed.append(1))
    monkeypatch.setitem(budgets._budgets, "strangers' time", LITTLE)
    client, bad = little_time.test_client(), {"Authorization": "Bearer nonsense"}
    answers = [
        client.get("/api/v1/rooms", headers=bad, buffered=True).status_code
        for _ in range(MOST_TRIES)
    ]
    assert set(answers) == {401}
    assert 0 < len(slowed) < MOST_TRIES
    slowed.clear()
    assert client.get("/login", buffered=True).status_code == 429
    assert len(slowed) == 1, "once, where strangers are asked for time beforehand, too"
    slowed.clear()
    assert rooms_of(client, world.bob) == 200
    assert not slowed
    assert client.get("/login", buffered=True).status_code == 429
    assert slowed


def test_refused_input_costs_as_much_as_any(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budgets._budgets, "a person's time", LITTLE)
    client, headers = (
        little_time.test_client(),
        {"Authorization": f"Bearer {world.mallory.access_token}"},
    )
    body = {"name": ["no name"]}
    answers = [
        client.post("/api/v1/rooms", json=body, headers=headers, buffered=True).status_code
        for _ in range(MOST_TRIES)
    ]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_device_that_somebody_signed_in_on_is_let_in_though_strangers_used_up_their_time(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = User.find_by_username(world.bob.username)
    assert user
    known = {"X-Device-Token": devices.token_of(devices.Device.new().with_person(user))}
    monkeypatch.setitem(budgets._budgets, "strangers' time", LITTLE)
    monkeypatch.setitem(budgets._budgets, "log in from", Budget(parse("1 per hour")))
    client = little_time.test_client()
    wrong = {"username": "mallory", "password": "guess"}
    answers = [
        client.post("/api/v1/auth/login", json=wrong, buffered=True).status_code
        for _ in range(MOST_TRIES)
    ]
    assert answers[-1] == 429
    right = {"username": world.bob.username, "password": PASSWORD}
    assert client.post("/api/v1/auth/login", json=right).status_code == 429
    assert client.post("/api/v1/auth/login", json=right, headers=known).status_code == 200


def test_a_flood_waits_for_its_share_of_a_second_and_others_do_not(
    limited: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(cpu_time, "_pace", Pace(share=0.001, burst=0.02, longest=3.0))
    monkeypatch.setattr(extensions.socketio, "sleep", waited.append)
    client, bad = limited.test_client(), {"Authorization": "Bearer nonsense"}
    for _ in range(100):
        client.get("/api/v1/rooms", headers=bad, buffered=True)
    assert waited
    waited.clear()
    assert rooms_of(client, world.bob) == 200
    assert not waited


def test_what_is_not_there_is_charged_and_what_all_pages_ask_for_is_not(
    little_time: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    charged: list[str] = []
    monkeypatch.setattr(budgets, "charge_afterwards", lambda name, *_: charged.append(name))
    client = little_time.test_client()
    version = static_files.current_version()
    for path in ("css/base.css", f"{version}/css/base.css", f"{version}/stylesheets/app.css"):
        assert client.get(f"/static/{path}", buffered=True).status_code == 200
    assert charged == []
    for path in ("css/none.css", f"{version}/css/none.css", f"{'z' * 16}/css/base.css"):
        assert client.get(f"/static/{path}", buffered=True).status_code == 404
    assert charged == ["strangers' time"] * 3


def test_a_socket_that_is_refused_is_charged_to_its_network(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowed: list[int] = []
    monkeypatch.setattr(budgets, "slow_down", lambda: slowed.append(1))
    monkeypatch.setitem(budgets._budgets, "strangers' time", LITTLE)
    with limited.test_request_context(environ_overrides={"REMOTE_ADDR": "198.51.100.9"}) as context:
        context.request.sid = "x"  # type: ignore[attr-defined]
        for _ in range(40):
            with pytest.raises(ConnectionRefusedError):
                connection.connect({"token": "nonsense"})
    assert 0 < len(slowed) < 40


def test_who_is_killed_while_they_wait_has_their_turn_back(
    limited: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_: float) -> None:
        raise GreenletExit

    monkeypatch.setattr(cpu_time, "_pace", Pace(share=0.001, burst=0.0, longest=3.0))
    client = limited.test_client()
    with monkeypatch.context() as killing:
        killing.setattr(extensions.socketio, "sleep", kill)
        for _ in range(10):  # more than a person may have under way at a time
            with pytest.raises(GreenletExit):
                rooms_of(client, world.bob)
    monkeypatch.setattr(extensions.socketio, "sleep", lambda _: None)
    assert rooms_of(client, world.bob) == 200


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (68_762, "Too many attempts. Try again in 20 hours."),
        (3_600, "Too many attempts. Try again in an hour."),
        (601, "Too many attempts. Try again in 11 minutes."),
        (30, "Too many attempts. Try again in a moment."),
    ],
)
def test_whoever_is_refused_reads_for_how_long(seconds: int, says: str) -> None:
    assert str(budgets._refusal("report", seconds)) == says

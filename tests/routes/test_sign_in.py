"""The queue before password checks: strangers never lock out a known device."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from limits import parse
from werkzeug.test import TestResponse

from chat.controllers import accounts, budgets, devices, turns
from chat.controllers.devices import Device
from chat.models.user import User
from chat.utils import passwords
from chat.utils.fair_queue import Line
from chat.utils.rate_limiter import Budget
from tests.helpers.servers import Server, tree_of, wait_until
from tests.helpers.world import PASSWORD, Person, World

_networks = (f"203.0.{number // 250}.{number % 250 + 1}" for number in itertools.count())


def a_network() -> str:
    return next(_networks)


def device_of(*people: Person) -> str:
    """Return the token of a device on which these people signed in."""
    device = Device.new()
    for person in people:
        user = User.find_by_username(person.username)
        assert user
        device = device.with_person(user)
    return devices.token_of(device)


def log_in(
    app: Flask, username: str, password: str, network: str = "", device: str = ""
) -> TestResponse:
    return app.test_client().post(
        "/api/v1/auth/login",
        json={"username": username, "password": password},
        environ_overrides={"REMOTE_ADDR": network or a_network()},
        headers={"X-Device-Token": device} if device else {},
    )


def guess(app: Flask, username: str, times: int, network: str = "", device: str = "") -> list[int]:
    return [
        log_in(app, username, f"guess {number}", network, device).status_code
        for number in range(times)
    ]


def change_password(app: Flask, person: Person, current: str = "not it") -> TestResponse:
    return app.test_client().put(
        "/api/v1/me/password",
        json={"current_password": current, "new_password": "another one entirely"},
        headers={"Authorization": f"Bearer {person.access_token}"},
        buffered=True,  # else its turn is not given back
    )


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the compared passwords, in order; the comparison is unchanged."""
    compared: list[str] = []

    def verify(password: str, against: str) -> bool:
        compared.append(password)
        return passwords.verify_password(password, against)

    monkeypatch.setattr(accounts, "verify_password", verify)
    return compared


# how often passwords may be guessed


def test_guesses_of_one_network_are_slowed_down_and_others_sign_in_as_ever(
    limited: Flask, world: World, hashed: list[str]
) -> None:
    mallory = a_network()
    assert guess(limited, world.bob.username, 12, mallory) == [401] * 10 + [429] * 2
    refused = log_in(limited, world.bob.username.upper(), PASSWORD, mallory)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (429, "rate_limited"), (
        "whatever the case of the name"
    )
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert len(hashed) == 10, "what is refused is not hashed"
    assert log_in(limited, world.bob.username, PASSWORD).status_code == 200
    assert log_in(limited, world.carol.username, PASSWORD, mallory).status_code == 200


def test_many_names_are_guessed_as_slowly_from_one_network(
    limited: Flask, hashed: list[str]
) -> None:
    mallory = a_network()
    found = [
        log_in(limited, f"name-{secrets.token_hex(4)}", "guess", mallory).status_code
        for _ in range(32)
    ]
    assert found == [401] * 30 + [429] * 2
    assert len(hashed) == 30


def test_a_wider_ipv6_network_guesses_ten_times_as_much_and_no_more(
    limited: Flask, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        budgets._wider, "wrong passwords of a network", Budget(parse("40 per minute"))
    )
    found = [
        log_in(
            limited, f"name-{secrets.token_hex(4)}", "guess", f"2001:db8:77:{number:x}::1"
        ).status_code
        for number in range(45)
    ]
    assert found == [401] * 40 + [429] * 5


def test_addresses_of_one_ipv6_network_are_one(limited: Flask, world: World) -> None:
    for number in range(10):
        assert (
            log_in(limited, world.bob.username, "guess", f"2001:db8:1:2::{number}").status_code
            == 401
        )
    assert log_in(limited, world.bob.username, "guess", "2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(limited, world.bob.username, "guess", "2001:db8:1:3::1").status_code == 401
    for number in range(10):
        assert (
            log_in(
                limited,
                world.carol.username,
                "guess",
                "::ffff:198.18.0.1" if number % 2 else "198.18.0.1",
            ).status_code
            == 401
        )
    assert log_in(limited, world.carol.username, "guess", "::ffff:198.18.0.1").status_code == 429


def test_guesses_from_everywhere_lock_out_no_device_that_bob_signed_in_on(
    limited: Flask, world: World
) -> None:
    bob, at_home = world.bob, a_network()
    device = device_of(bob)
    for _ in range(6):
        assert guess(limited, bob.username, 10) == [401] * 10
    assert log_in(limited, bob.username, PASSWORD, at_home).status_code == 429, (
        "strangers are slowed down, wherever they are"
    )
    assert (
        log_in(limited, bob.username, PASSWORD, at_home, device_of(world.mallory)).status_code
        == 429
    ), "her device is a stranger to bob"
    assert log_in(limited, bob.username, PASSWORD, at_home, device).status_code == 200
    assert log_in(limited, world.carol.username, PASSWORD, at_home).status_code == 200
    assert change_password(limited, bob).status_code == 422, (
        "he is asked for his password, not told to wait"
    )
    assert change_password(limited, bob, PASSWORD).status_code == 204


def test_a_known_device_is_let_in_beside_a_flood_from_its_own_network(
    limited: Flask, world: World
) -> None:
    office = a_network()
    for _ in range(4):
        guess(limited, f"name-{secrets.token_hex(4)}", 10, office)
    assert log_in(limited, world.bob.username, PASSWORD, office).status_code == 429
    assert (
        log_in(limited, world.bob.username, PASSWORD, office, device_of(world.bob)).status_code
        == 200
    )


def test_a_known_device_guesses_no_faster_than_anybody(limited: Flask, world: World) -> None:
    device = device_of(world.bob, world.carol)
    assert [
        log_in(limited, world.bob.username, "guess", device=device).status_code for _ in range(12)
    ] == [401] * 10 + [429] * 2
    assert log_in(limited, world.bob.username, PASSWORD, device=device).status_code == 429
    assert log_in(limited, world.carol.username, PASSWORD, device=device).status_code == 200, (
        "counted by name"
    )
    assert (
        log_in(limited, world.bob.username, PASSWORD, device=device_of(world.bob)).status_code
        == 200
    ), "and by device"


def test_right_passwords_are_no_guesses(limited: Flask, world: World) -> None:
    network = a_network()
    assert {
        log_in(limited, world.bob.username, PASSWORD, network).status_code for _ in range(40)
    } == {200}


def test_who_is_signed_in_guesses_at_their_own_password_slowly_and_by_session(
    limited: Flask, world: World
) -> None:
    assert [change_password(limited, world.bob).status_code for _ in range(11)] == [422] * 10 + [
        429
    ]
    assert change_password(limited, world.bob.second_device(), PASSWORD).status_code == 204
    assert guess(limited, world.bob.username, 1) == [401], "signing in is counted apart"


def test_an_unknown_name_takes_the_work_of_a_wrong_password(
    app: Flask, world: World, hashed: list[str]
) -> None:
    for username in (world.bob.username, f"nobody-{secrets.token_hex(4)}"):
        answer = log_in(app, username, "wrong")
        assert (answer.status_code, answer.get_json()["error"]["message"]) == (
            401,
            "Wrong username or password.",
        )
    assert hashed == ["wrong", "wrong"]
    nothing = passwords.hash_of_nothing()
    assert nothing.split("$")[:3] == passwords.hash_password("x").split("$")[:3], "as many rounds"
    assert not passwords.verify_password("wrong", nothing)
    assert nothing != passwords.hash_of_nothing()


# the line


@pytest.fixture
def no_free_turn() -> Iterator[Callable[[], None]]:
    """Block password hashing until the yielded function is called."""
    with contextlib.ExitStack() as held:
        number = itertools.count()
        while turns.PASSWORDS._running.total() < turns.PASSWORDS._at_once:
            line = Line("the test", running_each=1, waiting_each=1, waiting_in_all=1)
            held.enter_context(turns.PASSWORDS.turn(line, next(number)))
        yield held.close


@pytest.fixture
def half_guessed(limited: Flask, world: World) -> str:
    """Return a network that may guess bob's password five more times in this minute."""
    network = a_network()
    assert guess(limited, world.bob.username, 5, network) == [401] * 5
    return network


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as a_pool:
        yield a_pool


def in_line(
    pool: ThreadPoolExecutor, line: Line, function: Callable[..., TestResponse], *args: Any
) -> Future[TestResponse]:
    """Return a request that waits for its turn in this queue."""
    before = turns.PASSWORDS.waiting(line)
    request = pool.submit(function, *args)
    wait_until(
        lambda: turns.PASSWORDS.waiting(line) > before or request.done(),
        "it has a place in the line",
    )
    return request


def test_a_full_line_of_strangers_refuses_strangers_at_once_and_nobody_else(
    app: Flask,
    world: World,
    no_free_turn: Callable[[], None],
    pool: ThreadPoolExecutor,
    hashed: list[str],
) -> None:
    waiting = [
        in_line(pool, turns.STRANGERS, log_in, app, world.bob.username, "guess") for _ in range(8)
    ]
    refused = log_in(app, world.bob.username, PASSWORD)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) > 0
    registering = app.test_client().post(
        "/api/v1/auth/register",
        json={"username": f"dora-{secrets.token_hex(4)}", "password": PASSWORD},
    )
    assert registering.status_code == 429, "an account is made in the same line"
    known = in_line(
        pool,
        turns.KNOWN_DEVICES,
        log_in,
        app,
        world.bob.username,
        PASSWORD,
        "",
        device_of(world.bob),
    )
    changing = in_line(pool, turns.SIGNED_IN, change_password, app, world.carol, PASSWORD)
    assert hashed == []
    no_free_turn()
    assert known.result(20).status_code == 200
    assert changing.result(20).status_code == 204
    assert [request.result(20).status_code for request in waiting] == [401] * 8
    assert PASSWORD in hashed[: 3 * turns.PASSWORDS._at_once], "lines take turns"


def test_one_network_fills_the_line_for_itself_alone(
    app: Flask,
    world: World,
    no_free_turn: Callable[[], None],
    pool: ThreadPoolExecutor,
    hashed: list[str],
) -> None:
    mallory = a_network()
    flood = [
        in_line(pool, turns.STRANGERS, log_in, app, world.bob.username, f"guess {n}", mallory)
        for n in range(8)
    ]
    bob = pool.submit(log_in, app, world.bob.username, PASSWORD)
    wait_until(
        lambda: any(request.done() for request in flood), "the last of mallory's makes room for him"
    )
    no_free_turn()
    assert bob.result(20).status_code == 200
    assert sorted(request.result(20).status_code for request in flood) == [401] * 7 + [429]
    assert hashed.index(PASSWORD) <= turns.PASSWORDS._at_once, (
        "his turn came before mallory's second one"
    )


def test_wrong_passwords_that_wait_in_line_together_are_counted_one_by_one(
    limited: Flask,
    world: World,
    half_guessed: str,
    no_free_turn: Callable[[], None],
    pool: ThreadPoolExecutor,
    hashed: list[str],
) -> None:
    mallory = half_guessed
    waiting = [
        in_line(pool, turns.STRANGERS, log_in, limited, world.bob.username, "guess", mallory)
        for _ in range(8)
    ]
    no_free_turn()
    assert sorted(request.result(20).status_code for request in waiting) == [401] * 5 + [429] * 3
    assert len(hashed) == 5


# as it is run


def cpu_seconds(server: Server) -> float:
    assert server.process
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in tree_of(server.process.pid)]
    fields = [stat.rpartition(") ")[2].split() for stat in stats]
    return sum(int(each[11]) + int(each[12]) for each in fields) / 100


def send_login(
    server: Server, address: str, username: str, password: str = "guess"
) -> socket.socket:
    """Send a sign-in from this loopback address, without waiting for the answer."""
    body = f'{{"username": "{username}", "password": "{password}"}}'.encode()
    line = socket.create_connection(("127.0.0.1", server.port), 20, source_address=(address, 0))
    head = (
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: "
        f"127.0.0.1:{server.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line.sendall(head.encode() + body)
    return line


def status(line: socket.socket) -> int:
    with line:
        return int(line.makefile("rb").readline().split()[1])


def test_who_hung_up_costs_no_hash(world: World) -> None:
    server, name = world.server, f"nobody-{secrets.token_hex(4)}"
    assert status(send_login(server, "127.0.0.1", name)) == 401
    before = cpu_seconds(server)
    assert status(send_login(server, "127.0.0.1", name)) == 401
    one = cpu_seconds(server) - before
    first = send_login(server, "127.0.0.2", name)
    for number in range(8):
        send_login(server, f"127.0.1.{number + 1}", name).close()
    assert status(first) == 401
    assert status(send_login(server, "127.0.0.1", name)) == 401
    assert cpu_seconds(server) - before - one < 6 * one, "of ten sign-ins two were waited for"

"""Refresh tokens: valid once, repeatable by their device; others' reuse ends the session."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from chat.controllers import devices
from chat.controllers.devices import Device
from chat.models.database import database
from chat.models.document import id_from
from chat.models.session import REPEATABLE_FOR, Session
from chat.models.user import User
from chat.routes.tokens import Pair
from chat.utils.clock import now
from tests.helpers.world import Person, World

_networks = (f"198.51.100.{number}" for number in itertools.count(1))


class OneDevice:
    """A device as the API sees it: its network, and its token if it sends one."""

    def __init__(self, client: FlaskClient, person: Person, *, sends_token: bool = True):
        self.client, self.network = client, next(_networks)
        user = User.find_by_username(person.username)
        assert user
        self.token = devices.token_of(Device.new().with_person(user)) if sends_token else None

    def refresh(self, refresh_token: str) -> Any:
        headers = {"Authorization": f"Bearer {refresh_token}"} | (
            {"X-Device-Token": self.token} if self.token else {}
        )
        return self.client.post(
            "/api/v1/auth/refresh", headers=headers, environ_overrides={"REMOTE_ADDR": self.network}
        )

    def is_signed_in(self, access_token: str) -> bool:
        return bool(
            self.client.get(
                "/api/v1/me", headers={"Authorization": f"Bearer {access_token}"}
            ).status_code
            == 200
        )


def pair_in(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["access_token"], answer.get_json()["refresh_token"]


def age(person: Person, seconds: float) -> None:
    """Move the last refresh of the person's session into the past."""
    moment = now() - timedelta(seconds=seconds)
    database["sessions"].update_one(
        {"_id": id_from(person.session_id)}, {"$set": {"refreshed_at": moment}}
    )


@pytest.fixture
def phone(app: Flask, world: World) -> OneDevice:
    return OneDevice(app.test_client(), world.bob)


@pytest.fixture
def thief(app: Flask, world: World) -> OneDevice:
    """Return another device on which mallory is signed in, in another network."""
    return OneDevice(app.test_client(), world.mallory)


def test_a_refresh_whose_answer_was_lost_is_repeated_with_the_same_answer(
    world: World, phone: OneDevice
) -> None:
    first = pair_in(phone.refresh(world.bob.refresh_token))
    phone.network = next(_networks)  # out of the house, into the train
    assert pair_in(phone.refresh(world.bob.refresh_token)) == first
    age(world.bob, REPEATABLE_FOR.total_seconds() - 5)
    assert phone.refresh(world.bob.refresh_token).status_code == 200
    assert phone.is_signed_in(first[0])


def test_a_pair_is_a_function_of_its_session(app: Flask, world: World) -> None:
    with app.app_context():
        user = User.find_by_username(world.bob.username)
        session = Session.find_now(id_from(world.bob.session_id))  # type: ignore[arg-type]
        assert user
        assert session
        assert (
            Pair.of(user, session)
            == Pair.of(user, session)
            == Pair(world.bob.access_token, world.bob.refresh_token)
        )
        assert Pair.of(user, session) != Pair.of(user, session.rotate("somebody") or session)


def test_without_a_device_token_the_network_tells_who_repeats(app: Flask, world: World) -> None:
    script = OneDevice(app.test_client(), world.bob, sends_token=False)
    first = pair_in(script.refresh(world.bob.refresh_token))
    assert pair_in(script.refresh(world.bob.refresh_token)) == first
    script.network = next(_networks)
    assert script.refresh(world.bob.refresh_token).status_code == 401
    assert not script.is_signed_in(first[0])


@pytest.mark.parametrize("sends_token", [True, False])
def test_a_thief_with_a_spent_token_gets_nothing_and_is_noticed(
    world: World, phone: OneDevice, thief: OneDevice, sends_token: bool
) -> None:
    access, refresh = pair_in(phone.refresh(world.bob.refresh_token))
    thief.token = thief.token if sends_token else None
    assert thief.refresh(world.bob.refresh_token).status_code == 401
    assert not phone.is_signed_in(access), (
        "both are signed out: nobody knows which of the two is bob"
    )
    assert phone.refresh(refresh).status_code == 401


def test_a_forged_device_token_is_none(world: World, phone: OneDevice) -> None:
    pair_in(phone.refresh(world.bob.refresh_token))
    assert phone.token
    phone.token = phone.token[:4] + ("A" if phone.token[4] != "A" else "B") + phone.token[5:]
    phone.network = next(_networks)
    assert phone.refresh(world.bob.refresh_token).status_code == 401


def test_a_spent_token_ends_the_session_once_its_successor_was_used(
    world: World, phone: OneDevice
) -> None:
    _, second = pair_in(phone.refresh(world.bob.refresh_token))
    access, _ = pair_in(phone.refresh(second))
    assert phone.refresh(world.bob.refresh_token).status_code == 401
    assert not phone.is_signed_in(access)


def test_a_spent_token_ends_the_session_after_a_minute(world: World, phone: OneDevice) -> None:
    access, refresh = pair_in(phone.refresh(world.bob.refresh_token))
    age(world.bob, REPEATABLE_FOR.total_seconds() + 1)
    assert phone.refresh(world.bob.refresh_token).status_code == 401
    assert not phone.is_signed_in(access)
    assert phone.refresh(refresh).status_code == 401


def test_a_session_that_was_ended_is_not_repeated(world: World, phone: OneDevice) -> None:
    pair_in(phone.refresh(world.bob.refresh_token))
    Session.find_now(id_from(world.bob.session_id)).revoke()  # type: ignore[arg-type, union-attr]
    assert phone.refresh(world.bob.refresh_token).status_code == 401


def test_refreshes_at_once_all_get_the_same_pair(world: World) -> None:
    def refresh(_: int) -> tuple[str, str]:
        headers = {"Authorization": f"Bearer {world.bob.refresh_token}"}
        answer = requests.post(
            f"{world.server.url}/api/v1/auth/refresh", headers=headers, timeout=20
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"], answer.json()["refresh_token"]

    with ThreadPoolExecutor(8) as pool:
        pairs = set(pool.map(refresh, range(8)))
    assert len(pairs) == 1
    assert world.bob.get("/me", token=pairs.pop()[0]).status_code == 200


def test_tabs_that_renew_at_once_get_the_same_cookies(world: World) -> None:
    token = devices.token_of(Device.new())

    def renew(_: int) -> tuple[str, str]:
        answer = requests.post(
            f"{world.server.url}/session/refresh",
            headers={"Origin": world.server.url},
            timeout=20,
            cookies={
                world.server.cookie("chat_refresh"): world.bob.refresh_token,
                world.server.cookie("chat_device"): token,
            },
        )
        assert answer.status_code == 204, answer.text
        return tuple(
            answer.cookies[world.server.cookie(name)] for name in ("chat_access", "chat_refresh")
        )

    with ThreadPoolExecutor(4) as pool:
        pairs = set(pool.map(renew, range(4)))
    assert len(pairs) == 1


def test_a_refresh_says_nothing_of_a_device_to_one_that_is_none(
    world: World, phone: OneDevice
) -> None:
    """A client without a token gets one of a new device, which knows only its person."""
    phone.token = None
    token = phone.refresh(world.bob.refresh_token).get_json()["device_token"]
    device = devices.device_of(token)
    bob, carol = (
        User.find_by_username(world.bob.username),
        User.find_by_username(world.carol.username),
    )
    assert device
    assert bob
    assert carol
    assert (device.knows(bob), device.knows(carol)) == (True, False)
    assert world.bob.id not in token

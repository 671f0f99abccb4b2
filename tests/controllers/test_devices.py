"""A device is known again only by our token, and only for people who signed in on it."""

from __future__ import annotations

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from chat import extensions
from chat.controllers import devices
from chat.controllers.devices import LONGEST_TOKEN, PEOPLE_REMEMBERED, Device, device_of, token_of
from chat.models.database import database
from chat.models.user import User
from tests.helpers.world import World


@pytest.fixture
def bob(world: World) -> User:
    user = User.find_by_username(world.bob.username)
    assert user
    return user


@pytest.fixture
def carol(world: World) -> User:
    user = User.find_by_username(world.carol.username)
    assert user
    return user


def test_a_device_knows_who_signed_in_on_it_and_says_nothing_of_them(
    bob: User, carol: User
) -> None:
    device = Device.new().with_person(bob)
    token = token_of(device)
    again = device_of(token)
    assert again
    assert (again.id, again.knows(bob), again.knows(carol), again.is_new) == (
        device.id,
        True,
        False,
        False,
    )
    assert not set(Device.new().with_person(bob).people) & set(device.people), (
        "two devices are not told to be one person's"
    )
    assert token_of(again.with_person(bob)) == token


def test_a_device_remembers_the_last_ones_and_its_token_stays_short(
    world: World, bob: User
) -> None:
    device = Device.new().with_person(bob)
    for person in [
        User.register(f"{world.bob.username}-{number}", "x", "")
        for number in range(PEOPLE_REMEMBERED)
    ]:
        device = device.with_person(person)
    assert len(device.people) == PEOPLE_REMEMBERED
    assert not device.knows(bob)
    assert len(token_of(device)) < LONGEST_TOKEN / 2


def test_what_is_no_token_of_ours_names_no_device(
    app: Flask, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(Device.new().with_person(bob))
    body, signature = token.rsplit(".", 1)
    hostile = [
        "",
        "x",
        ".",
        "..",
        body,
        f"{body}.",
        f"A{token}",
        f"{body}x.{signature}",
        token + "x" * LONGEST_TOKEN,
        "\udce9",
        "é" * 20,
    ]
    for wrong in hostile:
        assert device_of(wrong) is None, wrong
    monkeypatch.setattr(database, "instance", "another")
    assert device_of(token) is None, "of another chat with the same secret"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        "x",
        7,
        ["x", []],
        ["a" * 22],
        ["a" * 22, "x"],
        ["a" * 22, ["x"]],
        ["a" * 22, [7]],
        [["a" * 22], []],
        ["a" * 22, [], 1],
        [None, []],
        {"0": "a" * 22},
    ],
)
def test_what_is_signed_and_odd_names_no_device(
    app: Flask, world: World, content: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert device_of(devices._signer().dumps(["a" * 22, []])), "the premise"
    assert device_of(devices._signer().dumps(content)) is None


def test_another_signature_is_none(app: Flask, world: World) -> None:
    for secret in ("x" * 40, ""):
        forged = URLSafeSerializer(secret, salt=f"device {database.instance}").dumps(["a" * 22, []])
        assert device_of(forged) is None
    other_purpose = URLSafeSerializer(extensions.settings().jwt_secret, salt="another").dumps(
        ["a" * 22, []]
    )
    assert device_of(other_purpose) is None

"""Every claim of a token is checked; a wrong one gets 401."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest
import requests
from flask import Flask

from chat.models.database import database
from chat.routes import tokens
from chat.routes.tokens import ACCESS_SECONDS, CLOCK_SKEW_SECONDS, LONGEST_TOKEN, SECONDS
from tests.helpers.refusals import refused
from tests.helpers.servers import SECRETS
from tests.helpers.tokens import aged, claims_of, signed
from tests.helpers.world import World

SECRET = SECRETS["JWT_SECRET"]
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    10**40,
    "",
    "x",
    "0",
    "\ud800",
    "\0",
    [],
    ["x"],
    {},
    {"$ne": None},
    [[[[]]]],
    "f" * 24,
]
MISSING = object()


def answers(world: World, token: str) -> list[int]:
    """Return each route's answer to the token.

    It is sent as bearer, as cookies, and as refresh token in both places.
    """
    api, page = (
        f"{world.server.url}/api/v1",
        {"headers": {"Origin": world.server.url}, "allow_redirects": False, "timeout": 20},
    )
    bearer = {"Authorization": f"Bearer {token}"}
    return [
        requests.get(f"{api}/me", headers=bearer, timeout=20).status_code,
        requests.get(
            f"{api}/me", cookies={world.server.cookie("chat_access"): token}, timeout=20
        ).status_code,
        requests.post(f"{api}/auth/refresh", headers=bearer, timeout=20).status_code,
        requests.post(
            f"{world.server.url}/session/refresh",
            cookies={world.server.cookie("chat_refresh"): token},
            **page,
        ).status_code,
    ]


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def test_what_ours_says_is_what_is_checked(world: World) -> None:
    assert claims_of(world.bob.access_token).keys() == tokens.CLAIMS
    assert claims_of(world.bob.refresh_token).keys() == tokens.CLAIMS | {"rid"}
    for token in (world.bob.access_token, world.bob.refresh_token):
        assert signed(claims_of(token)) == token, "what these tests sign is what the chat signs"
        assert len(token) < LONGEST_TOKEN * 0.7
    assert world.bob.get("/me", token=signed(claims_of(world.bob.access_token))).status_code == 200


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("name", sorted(tokens.CLAIMS | {"rid", "kid", "another"}))
def test_a_claim_that_is_missing_odd_or_too_many_is_refused(
    app: Flask, world: World, kind: str, name: str
) -> None:
    token = world.bob.access_token if kind == "access" else world.bob.refresh_token
    claims = claims_of(token)
    with app.test_request_context():
        assert tokens.read(token, kind), "the premise"
        for value in (MISSING, *ODD):
            if value is MISSING and name not in claims:
                continue
            if type(value) is type(claims.get(name)) and value == claims.get(name):
                continue
            hostile = signed(without(claims, name) if value is MISSING else claims | {name: value})
            found = tokens.read(hostile, kind)
            if name == "rid" and kind == "refresh" and isinstance(value, str):
                assert found, "a text like any other, which the session is asked about"
            elif (name, value) == ("sub", "f" * 24):
                assert found, "an id like any other, which must be that of the session's person"
            else:
                assert found is None, (name, value)


@pytest.mark.parametrize(
    "name", ["iss", "aud", "sub", "sid", "type", "csrf", "iat", "exp", "fresh"]
)
def test_no_door_takes_a_token_with_a_wrong_claim_and_none_fails_over_it(
    world: World, name: str
) -> None:
    for value in ([name], 10**30, "f" * 24):
        for token in (world.bob.access_token, world.bob.refresh_token):
            assert answers(world, signed(claims_of(token) | {name: value})) == [401] * 4, (
                name,
                value,
            )


def test_a_token_speaks_for_the_person_of_its_session_alone(world: World) -> None:
    for token in (world.bob.access_token, world.bob.refresh_token):
        for changed in ({"sub": world.alice.id}, {"sid": world.alice.session_id}):
            assert answers(world, signed(claims_of(token) | changed)) == [401] * 4
    assert world.alice.get("/me").status_code == 200, "and hers goes on"


def test_a_token_of_another_chat_with_the_same_secret_is_refused(world: World) -> None:
    for token in (world.bob.access_token, world.bob.refresh_token):
        assert claims_of(token)["aud"] == database.instance
        assert answers(world, signed(claims_of(token) | {"aud": "0" * 16})) == [401] * 4
        assert answers(world, signed(claims_of(token) | {"aud": [database.instance]})) == [401] * 4


def test_a_refresh_id_that_never_was_ends_the_session(world: World) -> None:
    """Only somebody with JWT_SECRET can make one, so ending the session is safer."""
    hostile = signed(claims_of(world.bob.refresh_token) | {"rid": "never given"})
    assert answers(world, hostile)[2] == 401
    assert world.bob.get("/me").status_code == 401


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [
        (0, True),
        (-CLOCK_SKEW_SECONDS + 30, True),
        (-CLOCK_SKEW_SECONDS - 30, False),
        (ACCESS_SECONDS - 60, True),
        (ACCESS_SECONDS, False),
        (10**9, False),
    ],
)
def test_a_token_from_the_near_future_is_good_and_one_that_ended_is_not(
    world: World, seconds: int, is_good: bool
) -> None:
    assert (
        answers(world, aged(world.bob.access_token, seconds))[:2] == [200 if is_good else 401] * 2
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 3600},
        {"exp": -1},
        {"nbf": -3600},
        {"iat": -3600},
        {"iat": -3600, "nbf": -3600},
    ],
)
def test_times_that_do_not_fit_together_are_refused(world: World, changes: dict[str, int]) -> None:
    claims = claims_of(world.bob.access_token)
    assert (
        answers(
            world,
            signed(claims | {name: claims[name] + change for name, change in changes.items()}),
        )[:2]
        == [401] * 2
    )
    assert claims["exp"] - claims["iat"] == SECONDS["access"]


def coded(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def hostile_tokens(good: str) -> dict[str, str]:
    """Return invalid tokens, made of a valid one, by what is wrong with them."""
    header, body, signature = good.split(".")
    claims = claims_of(good)
    unsigned = {
        "nested": b"[" * 700,
        "nested objects": b'{"a":' * 130,
        "no JSON": b"x",
        "no UTF-8": b"\xff\xfe",
        "empty": b"",
    }
    made = {name: f"{header}.{coded(text)}.{'A' * 43}" for name, text in unsigned.items()}
    made |= {
        "nothing": "",
        "a word": "nonsense",
        "dots": "...",
        "two parts": f"{header}.{body}",
        "four parts": good + ".x",
        "no signature": f"{header}.{body}.",
        "another signature": f"{header}.{body}.{'A' * 43}",
        "a longer signature": good + "A",
        "a space": good + " ",
        "a line": good + "\n",
        "padding": good + "=",
        "a letter in between": f"{header}.{body[:20]}*{body[20:]}.{signature}",
        "fullwidth": good.replace("e", "\uff45", 1),
        "large": f"{header}.{'A' * 100_000}.{signature}",
    }
    made |= {
        f"alg {name}": f"{coded({'alg': name, 'typ': 'JWT'})}.{body}.{rest}"
        for name in ("none", "None", "HS256 ", "hs256", "RS256")
        for rest in ("", signature)
    }
    made |= {
        "a list": signed([claims]),
        "a number": signed(7),
        "another secret": signed(claims, "x" * 40),  # type: ignore[arg-type]
        "a key's id": signed(claims, headers={"kid": "1"}),
        "a key's address": signed(claims, headers={"jku": "http://127.0.0.1/"}),
        "no type": signed(claims, headers={"typ": None}),
        "another type": signed(claims, headers={"typ": "at+jwt"}),
    }
    for algorithm, digest in (("HS384", "sha384"), ("HS512", "sha512")):
        said = f"{coded({'alg': algorithm, 'typ': 'JWT'})}.{body}"
        made[algorithm] = f"{said}.{coded(hmac.digest(SECRET.encode(), said.encode(), digest))}"
    return made


@pytest.mark.parametrize("name", hostile_tokens(signed({"sub": "x"})))
def test_what_is_no_token_of_ours_is_refused_at_every_door(
    app: Flask, world: World, name: str
) -> None:
    hostile = hostile_tokens(world.bob.access_token)[name]
    with app.test_request_context():
        assert tokens.read(hostile, "access") is None
    if (
        hostile.isascii()
        and len(hostile) < 10_000
        and "\n" not in hostile
        and name not in ("padding", "a space")
    ):
        assert answers(world, hostile) == [401] * 4


def test_no_socket_opens_with_a_token_that_is_none_of_ours(world: World) -> None:
    claims = claims_of(world.bob.access_token)
    hostile = [
        *hostile_tokens(world.bob.access_token).values(),
        signed(claims | {"aud": ["x"]}),
        signed(claims | {"sub": world.alice.id}),
    ]
    for token in hostile:
        assert refused(world, auth={"token": token}) == {"message": "unauthenticated"}, token[:200]


def test_each_token_is_good_for_its_own_purpose(world: World) -> None:
    bob = world.bob
    assert answers(world, bob.refresh_token)[:2] == [401, 401]
    assert answers(world, bob.access_token)[2:] == [401, 401]
    assert bob.get("/me", token=bob.access_token).status_code == 200


def test_a_token_that_was_read_before_ends_when_it_ends(app: Flask, world: World) -> None:
    """The cache knows that the signature is ours, not that the token is still valid."""
    nearly_over = aged(world.bob.access_token, int(ACCESS_SECONDS - 2))
    assert answers(world, nearly_over)[0] == 200
    time.sleep(2.5)
    assert answers(world, nearly_over)[0] == 401

"""Schemathesis hooks: a signed-in person, existing ids, and strings of formats without a pattern.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install schemathesis==4.32.5
    RATE_LIMITS=off bin/run &
    SCHEMATHESIS_HOOKS=tests.fuzz.hooks /tmp/fuzz/bin/schemathesis \\
        --config-file tests/fuzz/schemathesis.toml run http://localhost:5000/api/v1/openapi.json
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import strategies

PASSWORD = "correct horse battery staple"
API = os.environ.get("FUZZED", "http://localhost:5000") + "/api/v1"
SHORTEST_BOUND = 64  # characters of a display name
EMOJI = ("👍", "🎉", ":tada:", "👩‍🚀")
CURSOR = "-".join(("1790000000000", "6b0b7156e4bdb3cde47bdda7"))


def _of(first: str, others: str, least: int, most: int) -> strategies.SearchStrategy[str]:
    """Return texts of `least` to `most` characters, of which the first is one of `first`."""
    rest = strategies.text(others, min_size=least - 1, max_size=most - 1)
    return strategies.builds(str.__add__, strategies.sampled_from(first), rest)


LETTERS = "abcdefghijklmnopqrstuvwxyzäéßø"
schemathesis.openapi.format("username", _of("bcdfghjk", LETTERS + "0123456789_-.", 2, 32))
schemathesis.openapi.format("name", _of(LETTERS, LETTERS + "0123456789 .-!", 1, 64))
schemathesis.openapi.format("emoji", strategies.sampled_from(EMOJI))
schemathesis.openapi.format("cursor", strategies.sampled_from(["1", CURSOR]))
schemathesis.openapi.format("time-zone", strategies.sampled_from(["Europe/Berlin", "+02:00"]))


def _register() -> dict[str, Any]:
    body = {"username": f"fuzz-{secrets.token_hex(6)}", "password": PASSWORD}
    answer = requests.post(f"{API}/auth/register", json=body, timeout=10)
    answer.raise_for_status()
    return dict(answer.json())


@cache
def _token() -> str:
    return str(_register()["access_token"])


def _post(path: str, **options: Any) -> str:
    """Return the id of what was made."""
    headers = {"Authorization": f"Bearer {_token()}"}
    answer = requests.post(f"{API}{path}", headers=headers, timeout=10, **options)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _room() -> str:
    return _post("/rooms", json={"name": "Harbour", "kind": "private"})


@cache
def _there() -> dict[str, str]:
    """Return the ids of a room, of what was said and shown there, and of somebody else."""
    room_id = _room()
    picture = {"image": ("a.png", Path("tests/fuzz/picture.png").read_bytes())}
    return {
        "room_id": room_id,
        "message_id": _post(f"/rooms/{room_id}/messages", json={"client_id": "a", "body": "hello"}),
        "image_id": _post(f"/rooms/{room_id}/images", files=picture),
        "user_id": _register()["user"]["id"],
    }


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """The same person all the time; a new one each time where sessions end."""

    def get(self, case: schemathesis.Case, _: object) -> str:
        path = case.operation.path
        if "/auth/" in path or "/sessions" in path:
            return str(_register()["refresh_token" if path.endswith("refresh") else "access_token"])
        return _token()

    def set(self, case: schemathesis.Case, data: str, _: object) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Ask for what is there two times in three; and delete and leave rooms made for it."""
    if not path_parameters or secrets.randbelow(3) == 0:
        return path_parameters
    there = _there()
    if context.operation.definition.raw["operationId"] in ("deleteRoom", "leaveRoom"):
        there = there | {"room_id": _room()}
    return {name: there.get(name, value) for name, value in path_parameters.items()}


def _shrinks(value: Any) -> bool:
    """Tell whether a long text has control characters: they are taken away before it is counted."""
    if isinstance(value, dict):
        return any(map(_shrinks, value.values()))
    is_long = isinstance(value, str) and len(value) > SHORTEST_BOUND
    return is_long and any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in value)


@schemathesis.hook
def filter_query(_: object, query: Any) -> bool:
    """Leave out what is too long for the document, and not for the chat."""
    return not _shrinks(query)


@schemathesis.hook
def filter_body(_: object, body: Any) -> bool:
    """Leave out what is too long for the document, and not for the chat."""
    return not _shrinks(body)

"""Leave chats alone for some minutes, then use every route once: the chat may refuse none.

    bin/bench quiet --minutes 10

One chat uses the embedded database directly, which closes idle connections itself. The others
reach their database and Redis through proxies that drop every connection meanwhile: with a FIN,
with a RST, or silently. Each way is repeated, each time with another route first, because the
first request meets the dead connections.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import socketio
from PIL import Image

from bench.own import own_folder
from chat.server.embedded_database import EmbeddedDatabase
from tests.faults.lines import Lines, not_watching, through
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import SECRETS, Server, free_port

WAYS = ("by itself", "closed", "reset", "silent")
FIRST = ("a message by socket", "renewing", "signing in")  # access tokens end after 15 minutes
# Between the last silent drop and the first action: a dead connection is used for a minute at most.
SILENT_SECONDS = 75.0
PASSWORD = "correct horse battery staple"


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--minutes",
        type=float,
        nargs="+",
        default=[10.0],
        help="how long each chat is left alone, one after the other",
    )


class Chat:
    """A chat with a signed-in person, whose socket stays open."""

    def __init__(self, way: str, first: str, server: Server, lines: Lines | None):
        self.way, self.first, self._server, self.lines = way, first, server, lines
        self.username, self._said = f"alice{secrets.token_hex(3)}", ""
        answer = requests.post(
            f"{server.url}/api/v1/auth/register",
            json={"username": self.username, "password": PASSWORD},
            timeout=20,
        ).json()
        self._token, self._refresh = answer["access_token"], answer["refresh_token"]
        self.room_id = self._ask("POST", "/rooms", json={"name": "Harbour", "kind": "public"})["id"]
        self._socket = socketio.Client(
            reconnection=True, websocket_extra_options={"suppress_origin": True}
        )
        self._socket.connect(
            server.url, auth=lambda: {"token": self._token}, transports=["websocket"]
        )

    def doors(self) -> dict[str, Callable[[], object]]:
        """Return everything that a client can do, by name; an action raises when it is refused."""
        room, message = f"/rooms/{self.room_id}", f"/messages/{self._said}"
        ask, call = self._ask, self._call
        return {
            "renewing": self._renew,
            "a message by socket": lambda: call(
                "message:send", room_id=self.room_id, client_id=secrets.token_hex(8), body="done"
            ),
            "a message by API": lambda: ask(
                "POST", f"{room}/messages", json={"client_id": secrets.token_hex(8), "body": "done"}
            ),
            "a picture": lambda: ask(
                "POST", f"{room}/images", files={"image": ("dot.png", _dot(), "image/png")}
            ),
            "the sign-in page": lambda: requests.get(
                f"{self._server.url}/login", timeout=20
            ).raise_for_status(),
            "signing in": lambda: ask(
                "POST", "/auth/login", json={"username": self.username, "password": PASSWORD}
            ),
            "registering": lambda: ask(
                "POST",
                "/auth/register",
                json={"username": f"bob{secrets.token_hex(4)}", "password": PASSWORD},
            ),
            "reading": lambda: ask("GET", f"{room}/messages"),
            "the log": lambda: ask("GET", f"{room}/log"),
            "catching up": lambda: call("room:catch_up", room_id=self.room_id, after=0),
            "searching": lambda: ask("GET", "/search", params={"q": "done"}),
            "editing": lambda: ask(
                "PATCH", message, json={"body": f"edited {secrets.token_hex(2)}"}
            ),
            "reacting": lambda: call("message:react", id=self._said, emoji="👍", on=True),
            "pinning": lambda: call("message:pin", id=self._said, on=True),
            "having read": lambda: call("room:read", room_id=self.room_id, seq=1),
            "typing": lambda: call("room:typing", room_id=self.room_id, typing=True),
            "rooms": lambda: ask("GET", "/rooms"),
            "mentions": lambda: ask("GET", "/mentions"),
            "members": lambda: ask("GET", f"{room}/members"),
            "people": lambda: ask("GET", "/users"),
            "a new room": lambda: call("room:create", name="Quay", kind="private"),
            "one's own name": lambda: ask("PATCH", "/me", json={"display_name": "Alice"}),
            "devices": lambda: ask("GET", "/me/sessions"),
        }

    def say(self) -> None:
        self._renew()
        first = {"client_id": secrets.token_hex(8), "body": "here it begins"}
        self._said = self._ask("POST", f"/rooms/{self.room_id}/messages", json=first)["id"]

    def _renew(self) -> None:
        """Fetch a new access token, because the old one may have expired."""
        answer = requests.post(
            f"{self._server.url}/api/v1/auth/refresh",
            headers={"Authorization": f"Bearer {self._refresh}"},
            timeout=20,
        )
        answer.raise_for_status()
        self._token, self._refresh = answer.json()["access_token"], answer.json()["refresh_token"]

    def hang_up(self) -> None:
        self._socket.disconnect()

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(
            method,
            f"{self._server.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=20,
            **options,
        )
        assert answer.ok, f"{answer.status_code} {answer.text[:200]}"
        return answer.json()

    def _call(self, event: str, **payload: Any) -> None:
        answer = self._socket.call(event, payload, timeout=20)
        assert answer["ok"], answer


def run(wanted: argparse.Namespace) -> None:
    with own_folder() as folder, contextlib.ExitStack() as stack:
        chats = list(_chats(folder, stack))
        for minutes in wanted.minutes:
            for chat in chats:
                chat.say()
            end = time.monotonic() + minutes * 60
            for moment in (end - minutes * 30, end - SILENT_SECONDS):
                time.sleep(max(0.0, moment - time.monotonic()))
                _drop(chats)
            time.sleep(max(0.0, end - time.monotonic()))
            _drop([chat for chat in chats if chat.way != "silent"])
            refused = [mistake for chat in chats for mistake in _use(chat)]
            used = sum(len(chat.doors()) for chat in chats)
            print(
                f"{minutes:g} quiet minutes, {len(chats)} chats, "
                f"{used} doors: {len(refused)} refused",
                *refused,
                sep="\n  ",
                flush=True,
            )


def _drop(chats: list[Chat]) -> None:
    for chat in chats:
        if chat.lines and chat.way == "silent":
            chat.lines.go_dead(not_watching)
        elif chat.lines:
            chat.lines.hang_up(not_watching, reset=chat.way == "reset")


def _use(chat: Chat) -> Iterator[str]:
    """Do every action once, the chat's first one first; yield those that the chat refused."""
    doors = chat.doors()
    for name in dict.fromkeys([chat.first, "renewing", *doors]):
        began = time.monotonic()
        try:
            doors[name]()
        except (
            AssertionError,
            requests.RequestException,
            socketio.exceptions.SocketIOError,
        ) as mistake:
            yield (
                f"{chat.way}, first {chat.first}: {name}, "
                f"after {time.monotonic() - began:.2f} s: {mistake!r}"
            )


def _chats(folder: Path, stack: contextlib.ExitStack) -> Iterator[Chat]:
    """Start a chat for each way and each first action.

    All but those on the embedded database share a database server and a Redis.
    """
    shared, redis = EmbeddedDatabase(folder / "shared").start(), RedisServer().start()
    stack.callback(shared.stop)
    stack.callback(redis.kill)
    for way in WAYS:
        for first in FIRST:
            name = f"{WAYS.index(way)}{FIRST.index(first)}"
            environment: dict[str, str | None] = {**SECRETS, "DATA_DIR": str(folder / name)}
            lines = None
            if way != "by itself":
                lines = Lines(urlsplit(shared.uri).port or 0, redis.port)
                uri = through(shared.uri, lines.ports[0]).replace("/chat?", f"/chat{name}?")
                environment |= {
                    "MONGO_URI": uri,
                    "REDIS_URL": f"redis://127.0.0.1:{lines.ports[1]}/0",
                }
                stack.callback(lines.stop)
            server = Server(free_port(), environment, folder / f"{name}.log").start()
            stack.callback(server.stop)
            chat = Chat(way, first, server, lines)
            stack.callback(chat.hang_up)
            yield chat


def _dot() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), "teal").save(file, "PNG")
    return file.getvalue()

"""The people of the tests: alice administers, carol moderates, bob is a member.

mallory is in no room, robby is a bot. Everybody is new in every test, so tests are independent.
"""

from __future__ import annotations

import itertools
import queue
import secrets
import time
from collections import Counter
from typing import Any

import jwt
import requests
import socketio

from chat.models.database import database
from chat.models.session import Session
from chat.models.user import User
from chat.routes.tokens import Pair
from chat.utils.passwords import hash_password
from tests.helpers.servers import Server

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)
_run = secrets.token_hex(2)


def csrf_of(token: str) -> str:
    """Return the CSRF value of an access token."""
    return str(jwt.decode(token, options={"verify_signature": False})["csrf"])


class Heard:
    """The events that one socket receives, in order."""

    def __init__(self, person: Person, **options: Any):
        self.events: list[tuple[str, Any]] = []
        self._news: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.refusal: Any = None
        self.client = socketio.Client(
            reconnection=False, websocket_extra_options={"suppress_origin": True}
        )
        # The client starts a thread for each message, and threads may overtake each other.
        in_order = self.client.eio._trigger_event
        self.client.eio._trigger_event = lambda event, *args, **_: in_order(
            event, *args, run_async=False
        )
        self.client.on("*", self._hear)
        self.client.on("connect_error", self._refused)
        auth = options.pop("auth", {"token": person.access_token})
        self.client.connect(person.server.url, auth=auth, transports=["websocket"], **options)

    def _hear(self, event: str, payload: Any) -> None:
        self.events.append((event, payload))
        self._news.put((event, payload))

    def _refused(self, reason: Any) -> None:
        self.refusal = reason

    def next(self, event: str, seconds: float = 15) -> Any:
        """Return the payload of the next such event; skip others before it."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                name, payload = self._news.get(timeout=left)
            except queue.Empty:
                break
            if name == event:
                return payload
        raise AssertionError(
            f"no {event} within {seconds} s; heard {[name for name, _ in self.events]}"
        )

    def all(self, event: str) -> list[Any]:
        return [payload for name, payload in self.events if name == event]

    def call(self, event: str, payload: Any = None) -> Any:
        """Return the acknowledgement."""
        return self.client.call(event, payload, timeout=10)

    @staticmethod
    def pause(seconds: float = 0.3) -> None:
        """Leave time for an event that must not arrive: what arrives is in `events`."""
        time.sleep(seconds)

    def hears_nothing_of(self, event: str, room_id: str, seconds: float = 0.3) -> bool:
        self.pause(seconds)
        return not any(payload.get("room_id") == room_id for payload in self.all(event))


class Person:
    """A signed-in person with an account."""

    def __init__(self, world: World, name: str, *, is_admin: bool = False):
        self.world, self.server, self.name = world, world.server, name
        self.username = f"{name}-{_run}-{next(_numbers)}"
        user = User.register(
            self.username, name.capitalize(), world.password_hash, is_admin=is_admin
        )
        self.id = str(user.id)
        self._take(user, Session.begin(user.id, "tests"))
        self._http = requests.Session()

    def _take(self, user: User, session: Session) -> None:
        pair = Pair.of(user, session)
        self.session_id, self.access_token, self.refresh_token = (
            str(session.id),
            pair.access,
            pair.refresh,
        )

    def second_device(self) -> Person:
        """Return the same person, signed in once more."""
        other = object.__new__(Person)
        other.__dict__ |= self.__dict__ | {"_http": requests.Session()}
        user = User.find_by_username(self.username)
        assert user
        other._take(user, Session.begin(user.id, "another device"))
        return other

    def ask(
        self, method: str, path: str, *, token: str | None = None, **options: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.access_token}"} | options.pop(
            "headers", {}
        )
        return self._http.request(
            method, f"{self.server.url}/api/v1{path}", headers=headers, timeout=20, **options
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.ask("POST", path, json=body, **options)

    def put(self, path: str, body: Any = None) -> requests.Response:
        return self.ask("PUT", path, json=body)

    def patch(self, path: str, body: Any = None) -> requests.Response:
        return self.ask("PATCH", path, json=body)

    def delete(self, path: str) -> requests.Response:
        return self.ask("DELETE", path)

    # what people do

    def make_room(self, name: str = "Harbour", kind: str = "public") -> str:
        """Create a room. A second public one of this name is called `Harbour 2`."""
        if kind == "public":
            self.world.rooms[name] += 1
            if (number := self.world.rooms[name]) > 1:
                name = f"{name} {number}"
        answer = self.post("/rooms", {"name": name, "kind": kind})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def join(self, room_id: str) -> None:
        assert self.post(f"/rooms/{room_id}/join").status_code == 200

    def say(self, room_id: str, body: str, client_id: str = "") -> Any:
        answer = self.post(
            f"/rooms/{room_id}/messages",
            {"client_id": client_id or secrets.token_hex(8), "body": body},
        )
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def reads(self, room_id: str, **query: Any) -> Any:
        answer = self.get(f"/rooms/{room_id}/messages", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def standing(self, room_id: str) -> Any:
        """Return a room's item of GET /rooms."""
        return next(
            item for item in self.get("/rooms").json()["rooms"] if item["room"]["id"] == room_id
        )

    def listen(self, **options: Any) -> Heard:
        """Return a socket of theirs that has received hello."""
        heard = Heard(self, **options)
        self.world.sockets.append(heard)
        heard.next("hello")
        return heard


class World:
    def __init__(self, server: Server):
        self.server = server
        self.sockets: list[Heard] = []
        self.password_hash = hash_password(PASSWORD)
        # Nobody of another test is there any more who is found, or for whom these could be taken.
        database["users"].update_many(
            {"name_keys": {"$gte": "", "$lt": "\U0010ffff"}}, {"$set": {"name_keys": []}}
        )
        database["users"].update_many(
            {"looks": {"$gte": "", "$lt": "\U0010ffff"}}, {"$set": {"looks": []}}
        )
        database["users"].update_many({"title": {"$ne": None}}, {"$set": {"title_tokens": []}})
        database["common_names"].delete_many({})
        self.forget_names()
        # Only rooms of this test are browsed: a list shows no more than its first page.
        database["rooms"].update_many({"shelf": "public"}, {"$set": {"shelf": "archived"}})
        self.alice = Person(self, "alice", is_admin=True)
        self.bob = Person(self, "bob")
        self.carol = Person(self, "carol")
        self.mallory = Person(self, "mallory")

    def forget_names(self) -> None:
        """Let public rooms have the names of those that exist already."""
        database["public_names"].delete_many({})
        self.rooms = Counter[str]()

    def hang_up(self) -> None:
        for heard in self.sockets:
            heard.client.disconnect()

    def room(self, kind: str = "public", name: str = "Harbour") -> str:
        """Return a room that alice owns, carol moderates and bob is in."""
        room_id = self.alice.make_room(name, kind)
        for person, role in ((self.bob, "member"), (self.carol, "moderator")):
            answer = self.alice.post(
                f"/rooms/{room_id}/members", {"user_id": person.id, "role": role}
            )
            assert answer.status_code == 201, answer.text
        return room_id

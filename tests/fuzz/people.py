"""Who asks while Schemathesis fuzzes, and what is there for them.

All of it is made over the API of the chat under test, when it is first needed.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import requests

CHAT = os.environ.get("FUZZED", "http://localhost:5000")
# Who asks: an "administrator", an administrator's "token", a "person", or somebody's "bot".
ASKS = os.environ.get("FUZZED_AS", "person")
ALICE = "alice"  # administers the chat; her password is PASSWORD
PASSWORD = "correct horse battery staple"
NOWHERE = "http://127.0.0.1:9/"  # nobody listens there
PICTURE = Path(__file__).with_name("picture.png").read_bytes()
# A key of a browser for push messages: the one of RFC 8291.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
KEYS = {"p256dh": P256DH, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}

Json = dict[str, Any]


class Refused(Exception):
    """The chat refused what was to be there; `is_forbidden`: and would again."""

    def __init__(self, answer: requests.Response):
        super().__init__(answer.request.method, answer.url, answer.status_code, answer.text)
        self.is_forbidden = answer.status_code == 403


def ask(method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{CHAT}/api/v1{path}", headers=headers, timeout=20, **options)


def must(method: str, path: str, token: str | None = None, **options: Any) -> Json:
    answer = ask(method, path, token, **options)
    if not answer.ok:
        raise Refused(answer)
    return dict(answer.json()) if answer.content else {}


def new(noun: str) -> str:
    """Return a name that nobody and nothing has yet."""
    return f"{noun}-{secrets.token_hex(6)}"


class Person:
    """Somebody with an account and a session."""

    def __init__(self, username: str = "") -> None:
        self.username = username or new("fuzz")
        account = {"username": self.username, "password": PASSWORD}
        self.signed_in = must("POST", f"/auth/{'login' if username else 'register'}", json=account)
        self.id = str(self.signed_in["user"]["id"])
        self.token = str(self.signed_in["access_token"])

    def makes(self, path: str, body: Json, noun: str = "") -> str:
        """Return the id of what they make."""
        made = must("POST", path, self.token, json=body)
        return str((made[noun] if noun else made)["id"])


def stranger() -> Person:
    """Return somebody who shares no room with anybody: they left those of newcomers."""
    person = Person()
    for item in must("GET", "/rooms", person.token)["rooms"]:
        must("POST", f"/rooms/{item['room']['id']}/leave", person.token)
    return person


class Asking:
    """Who asks with `token`. What is there is of `owner`: themselves, or a bot's owner."""

    def __init__(self) -> None:
        self.owner = Person()
        self.other = Person()
        self.id, self.token = self.owner.id, self.owner.token
        self.deliveries: dict[str, str] = {}  # the test of each outgoing webhook
        scopes = ["read", "write", "manage"]
        if ASKS in ("administrator", "token"):
            change = {"role": "administrator"}
            must("PATCH", f"/admin/users/{self.id}", Person(ALICE).token, json=change)
        if ASKS == "token":
            body = {"name": "Fuzz", "scopes": [*scopes, "admin"]}
            self.token = must("POST", "/me/tokens", self.token, json=body)["token"]
        if ASKS == "bot":
            made = must(
                "POST", "/bots", self.token, json={"username": new("robby"), "scopes": scopes}
            )
            self.id, self.token = made["bot"]["id"], made["token"]

    @property
    def is_signed_in(self) -> bool:
        tokens = (self.token, self.owner.token, self.other.token)
        return all(ask("GET", "/me", each).ok for each in tokens)

    def room(self) -> str:
        """Return a room of the owner's with somebody else, in which a bot is an owner, too."""
        room = self.owner.makes("/rooms", {"name": new("Harbour")})
        must("POST", f"/rooms/{room}/join", self.other.token)
        if self.id != self.owner.id:
            bot = {"user_id": self.id, "role": "owner"}
            must("POST", f"/rooms/{room}/members", self.owner.token, json=bot)
        return room

    def thing(self, name: str, path: str, ids: dict[str, str]) -> str:
        """Return the id that a path's parameter `name` may be; `ids` has those before it."""
        room = ids.get("room_id") or self.room()
        return str(getattr(self, name)(room, path, ids))

    def room_id(self, _room: str, path: str, _ids: object) -> str:
        if path.endswith("/hidden"):
            return self.owner.makes("/direct-rooms", {"user_ids": [self.other.id]})
        return self.room()

    def user_id(self, room: str, path: str, _ids: object) -> str:
        if path.startswith("/api/v1/admin/"):
            return Person().id
        if "/bans/" in path:
            must("POST", f"/rooms/{room}/bans", self.owner.token, json={"user_id": self.other.id})
        if "/invitations/" in path:
            invited = stranger().id
            must("POST", f"/rooms/{room}/members", self.owner.token, json={"user_id": invited})
            return invited
        if path.endswith("/avatar"):
            files = {"image": ("a.png", PICTURE)}
            must("PUT", "/me/avatar", self.other.token, files=files)
        return self.other.id

    def message_id(self, room: str, path: str, _ids: object) -> str:
        author = self.other.token if path.endswith("/report") else self.token
        body = {"client_id": new("m"), "body": "hello"}
        return str(must("POST", f"/rooms/{room}/messages", author, json=body)["id"])

    def image_id(self, room: str, *_: object) -> str:
        files = {"image": ("a.png", PICTURE)}
        return str(must("POST", f"/rooms/{room}/images", self.token, files=files)["id"])

    def hook_id(self, room: str, path: str, _: object) -> str:
        if "incoming" in path:
            return self.owner.makes(f"/rooms/{room}/incoming-webhooks", {"name": "Lighthouse"})
        body = {"name": "Lighthouse", "url": NOWHERE, "events": ["message:posted"]}
        hook = self.owner.makes(f"/rooms/{room}/outgoing-webhooks", body)
        tested = self.owner.makes(f"/rooms/{room}/outgoing-webhooks/{hook}/test", {})
        self.deliveries[hook] = tested
        return hook

    def delivery_id(self, _room: str, _path: str, ids: dict[str, str]) -> str:
        return self.deliveries.get(ids.get("hook_id", ""), "0" * 24)

    def report_id(self, room: str, *_: object) -> str:
        files = {"image": ("a.png", PICTURE)}
        shown = must("POST", f"/rooms/{room}/images", self.other.token, files=files)
        body = {"client_id": new("m"), "body": "hello", "image_ids": [shown["id"]]}
        said = self.other.makes(f"/rooms/{room}/messages", body)
        return self.owner.makes(f"/messages/{said}/report", {"reason": "It is not so."})

    def number(self, *_: object) -> str:
        return "0"

    def bot_id(self, *_: object) -> str:
        return self.owner.makes("/bots", {"username": new("robby")}, "bot")

    def command_id(self, *_: object) -> str:
        letters = "".join(secrets.choice("abcdefghijklmnop") for _ in range(20))
        body = {"name": letters, "description": "Deploys", "url": NOWHERE}
        return self.owner.makes("/commands", body)

    def reminder_id(self, room: str, *_: object) -> str:
        body = {"text": f"/remind here in 1 hour {new('tea')}", "client_id": new("c")}
        must("POST", f"/rooms/{room}/commands", self.token, json=body)
        return str(must("GET", "/me/reminders", self.token)["reminders"][-1]["id"])

    def export_id(self, *_: object) -> str:
        return str(must("POST", "/me/exports", self.token)["id"])

    def invite_id(self, *_: object) -> str:
        return self.owner.makes("/invites", {})

    def code(self, *_: object) -> str:
        return str(must("POST", "/invites", self.owner.token, json={})["code"])

    def invitation_id(self, *_: object) -> str:
        """Return the id of an invitation by a stranger."""
        inviter = stranger()
        room = inviter.makes("/rooms", {"name": "Quiet Bay", "kind": "private"})
        body = {"user_id": self.id}
        answer = must("POST", f"/rooms/{room}/members", inviter.token, json=body)
        return str(answer.get("invitation", {}).get("id", "0" * 24))  # a bot needs none

    def subscription_id(self, *_: object) -> str:
        body = {"endpoint": f"https://push.example.org/{new('p')}", "keys": KEYS}
        return self.owner.makes("/me/push-subscriptions", body)

    def session_id(self, *_: object) -> str:
        Person(self.owner.username)
        sessions = must("GET", "/me/sessions", self.owner.token)["sessions"]
        return str(next(each["id"] for each in sessions if not each["current"]))

    def token_id(self, *_: object) -> str:
        return self.owner.makes("/me/tokens", {"name": "Fuzz", "scopes": ["read"]})

"""What people did in a chat that is exported."""

from __future__ import annotations

import json

import jsonschema
import requests

from tests.helpers.pictures import gradient, written
from tests.helpers.servers import ROOT, Server
from tests.helpers.somebody import Somebody

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE_NAME = '"><b id=planted>Ferry'
ALT = '"><i id=planted>a pier'
SCHEMA = json.loads((ROOT / "docs/export.schema.json").read_text())


def check(document: object, kind: str) -> None:
    """Check a part of an export by the documented schema."""
    jsonschema.validate(document, {"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]})


class Morning:
    """alice owns the public room Ferry and the private room Harbour; bob is in Ferry."""

    def __init__(self, chat: Server):
        self.alice = Somebody(chat.url, "alice").register()
        self.bob = Somebody(chat.url, "bob").register()
        self.mallory = Somebody(chat.url, "mallory").register()
        self.room = self._room(HOSTILE_NAME, "public", topic="</style> of the day")
        self.bob.post(f"/rooms/{self.room}/join")
        self.private = self._room("Harbour", "private")
        self.first = self.alice.say(self.room, f"{HOSTILE} @bob **one**")["id"]
        self.alice.ask("PATCH", f"/messages/{self.first}", json={"body": f"{HOSTILE} @bob **two**"})
        self.bob.ask("PUT", f"/messages/{self.first}/reactions/👍")
        self.alice.ask("PUT", f"/messages/{self.first}/pin")
        self.gone = self.bob.say(self.room, "withdrawn words")["id"]
        self.answer = self._answer(self.first, "an answer")
        self._answer(self.gone, "an answer to what is gone")
        self.bob.ask("DELETE", f"/messages/{self.gone}")
        picture = ("pier.png", written(gradient(), "PNG"), "image/png")
        sent = {"files": {"image": picture}, "data": {"alt": ALT}}
        self.image = self.bob.post(f"/rooms/{self.room}/images", **sent)["id"]
        shown = {"client_id": "shown", "image_ids": [self.image]}
        self.bob.post(f"/rooms/{self.room}/messages", json=shown)
        self.hook = self.alice.post(f"/rooms/{self.room}/incoming-webhooks", json={"name": "Tide"})
        requests.post(self.hook["url"], json={"text": "high water at noon"}, timeout=30)
        self.alice.say(self.private, "private words")
        self._tell_about_bob()

    def _tell_about_bob(self) -> None:
        me, mallory = self.bob.get("/me"), self.mallory.get("/me")
        self.direct = self.alice.post("/direct-rooms", json={"user_ids": [me["id"]]})["id"]
        self.alice.say(self.direct, "to bob")
        self.bob.say(self.direct, "to alice")
        self.bob.ask("PATCH", "/me/preferences", json={"theme": "dark"})
        self.bob.ask("PUT", f"/users/{mallory['id']}/block")
        token = {"name": "Tide table", "scopes": ["read"]}
        self.token = self.bob.post("/me/tokens", json=token)["token"]
        self.bob.post(f"/messages/{self.first}/report", json={"reason": "unfriendly"})

    def _room(self, name: str, kind: str, topic: str = "") -> str:
        made = {"name": name, "kind": kind, "topic": topic}
        return str(self.alice.post("/rooms", json=made)["id"])

    def _answer(self, message_id: str, body: str) -> str:
        message = {"client_id": f"to-{message_id}", "body": body, "reply_to_id": message_id}
        found = self.bob.post(f"/rooms/{self.room}/messages", json=message)
        return str(found["id"])

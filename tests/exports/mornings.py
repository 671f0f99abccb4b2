"""What people did in a chat that is exported."""

from __future__ import annotations

import requests

from tests.helpers.pictures import gradient, written
from tests.helpers.servers import Server
from tests.helpers.somebody import Somebody

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE_NAME = '"><b id=planted>Ferry'
ALT = '"><i id=planted>a pier'


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

    def _room(self, name: str, kind: str, topic: str = "") -> str:
        made = {"name": name, "kind": kind, "topic": topic}
        return str(self.alice.post("/rooms", json=made)["id"])

    def _answer(self, message_id: str, body: str) -> str:
        message = {"client_id": f"to-{message_id}", "body": body, "reply_to_id": message_id}
        found = self.bob.post(f"/rooms/{self.room}/messages", json=message)
        return str(found["id"])

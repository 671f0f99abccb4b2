"""A person who uses the API alone: of another program, or of a chat with a database of its own."""

from __future__ import annotations

import secrets
from typing import Any

import requests

PASSWORD = "correct horse battery staple"


class Somebody:
    """A person at the API. They sign in again after the chat moved to another address."""

    def __init__(self, url: str, name: str):
        self._api, self._account = f"{url}/api/v1", {"username": name, "password": PASSWORD}
        self._http = requests.Session()

    def register(self) -> Somebody:
        return self._enter("register")

    def sign_in(self) -> Somebody:
        return self._enter("login")

    def with_token(self, token: str) -> Somebody:
        """Return the same program, signed in with its token."""
        self._http.headers["Authorization"] = f"Bearer {token}"
        return self

    def at(self, url: str) -> Somebody:
        """Return the same person, signed in at another address."""
        return Somebody(url, self._account["username"]).sign_in()

    def _enter(self, door: str) -> Somebody:
        answer = self._http.post(f"{self._api}/auth/{door}", json=self._account, timeout=30)
        assert answer.ok, answer.text
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    def get(self, path: str, **query: str | int) -> Any:
        return self.ask("GET", path, params=query)

    def post(self, path: str, **options: Any) -> Any:
        return self.ask("POST", path, **options)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Return what a request is answered with, which must succeed; None for no content."""
        answer = self._http.request(method, f"{self._api}{path}", timeout=30, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def say(self, room_id: str, body: str, client_id: str = "") -> Any:
        said = {"client_id": client_id or secrets.token_hex(16), "body": body}
        return self.post(f"/rooms/{room_id}/messages", json=said)

    def bytes_of(self, path: str) -> bytes:
        """Return the bytes of a picture."""
        answer = self._http.get(f"{self._api}{path}", timeout=30)
        assert answer.ok, answer.text
        return answer.content

    def picture(self, image_id: str) -> int:
        return self._http.get(f"{self._api}/images/{image_id}", timeout=30).status_code

    def finds(self, word: str) -> int:
        """Return how many messages have the word; an answer ends early when it took its time."""
        found = self.get("/search", q=word, limit=50)
        count = len(found["results"])
        while found["next"]:
            found = self.get("/search", q=word, limit=50, before=found["next"])
            count += len(found["results"])
        return count

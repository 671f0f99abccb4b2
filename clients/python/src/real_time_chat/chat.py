"""The API of a chat, for a program with a token."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Generator
from typing import Any

import httpx

from real_time_chat.errors import ChatError
from real_time_chat.following import Entry, Follower
from real_time_chat.memory import Memory, NoMemory

AGAIN = frozenset({429, 500, 502, 503, 504})
PAUSE_SECONDS = 2.0  # before a request is sent again, if the chat does not say when
TIMEOUT_SECONDS = 30.0

log = logging.getLogger(__name__)


class Chat:
    """A chat at `url`, and a `token` of a bot or of a person.

    `timeout`: seconds without a byte after which a request counts as lost. Raises ValueError if
    `url` is no address of the web.
    """

    def __init__(self, url: str, token: str, *, timeout: float = TIMEOUT_SECONDS):
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"A chat's address begins with https:// or http://, unlike {url}")
        self.url = url.rstrip("/")
        self.token = token.strip()  # files end with a line break
        self.timeout = timeout
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=timeout,
        )

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Return the JSON of an answer, or None if it has no content. Raises ChatError.

        Sends the request again while nothing answers, or the chat says that it cannot now. Give
        changes a `client_id`, so that this is safe.
        """
        while True:
            try:
                answer = self._http.request(method, path, **options)
            except httpx.LocalProtocolError:  # what is wrong stays wrong
                raise
            except httpx.TransportError as problem:
                log.info("no answer of %s: %s", self.url, problem)
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code not in AGAIN:
                return _content(answer)
            time.sleep(_pause(answer))

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, params=query)

    def post_json(self, path: str, body: Any = None) -> Any:
        return self.request("POST", path, json=body)

    def put(self, path: str, body: Any = None) -> Any:
        return self.request("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        return self.request("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def me(self) -> dict[str, Any]:
        """Return the account of the token."""
        account: dict[str, Any] = self.get("/me")
        return account

    def join(self, room_id: str) -> None:
        """Join a public room."""
        self.post_json(f"/rooms/{room_id}/join")

    def post(
        self, room_id: str, body: str, client_id: str | None = None, reply_to_id: str | None = None
    ) -> dict[str, Any]:
        """Post a message, and return it; once for each `client_id`. Raises ChatError."""
        sent = {"client_id": client_id or uuid.uuid4().hex, "body": body}
        if reply_to_id:
            sent["reply_to_id"] = reply_to_id
        message: dict[str, Any] = self.post_json(f"/rooms/{room_id}/messages", sent)
        return message

    def reply(self, message: dict[str, Any], body: str) -> dict[str, Any] | None:
        """Answer a message, once. Return None if nobody can answer it any more.

        Then it was deleted meanwhile, or the bot may no longer write there.
        """
        try:
            return self.post(
                message["room_id"], body, f"reply-{message['id']}", reply_to_id=message["id"]
            )
        except ChatError as error:
            if error.code in ("validation_failed", "not_found", "forbidden", "conflict"):
                return None
            raise

    def follow(
        self, memory: Memory | None = None, *, from_beginning: bool = False
    ) -> Generator[Entry, None, None]:
        """Yield every entry of all rooms, for ever: of each room in order, without gaps.

        To stop, leave the loop, and `close()` what this returns.

        `memory`: what the bot has; an entry is noted there when the next one is asked for.
        `from_beginning`: of a room that the memory does not know, yield everything.
        """
        return Follower(self, memory or NoMemory(), from_beginning=from_beginning).entries()


def _pause(answer: httpx.Response) -> float:
    """Return the seconds until a request is sent again. Proxies may state a date instead."""
    stated = answer.headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else PAUSE_SECONDS


def _content(answer: httpx.Response) -> Any:
    try:
        content = answer.json() if answer.content else None
    except ValueError:  # a page, not of the chat's API: of a proxy, or at another address
        raise ChatError(answer.status_code, {}) from None
    if not answer.is_success:
        raise ChatError(answer.status_code, (content or {}).get("error", {}))
    return content

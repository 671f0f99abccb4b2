"""Seal and send push messages; a program of its own, run by sender.py.

    python -I worker.py

Its first line of input is `{"private", "contact", "networks"}`. Each further line is a message:
`{"id", "endpoint", "p256dh", "auth", "text", "ttl", "urgency", "topic"}`. For each message it
prints a line `{"id", "status", "retry_after", "said"}`, whose status is 0 if no service answered.

It ends when its input does, at once, because another process sends again what it had not sent.
A service that answers slowly, or that is new, must not delay others: lines.py sees to that.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.append(str(Path(__file__).resolve().parents[3]))

from chat.utils.pushing import addresses, encryption
from chat.utils.pushing.lines import Lines
from chat.utils.pushing.posting import Answer, Connections, watch

QUICK_SECONDS = 2.0  # a service that answers within them is quick
SIGNED_FOR = 12 * 3600  # seconds; services refuse more than a day
SIGN_AGAIN = SIGNED_FOR // 2
MOST_SERVICES = 1000  # whose signatures are remembered
CONTENT_TYPE = "application/octet-stream"

_printing = threading.Lock()


class Worker:
    def __init__(self, beginning: dict[str, Any]):
        self._private = bytes.fromhex(beginning["private"])
        self._contact = beginning["contact"]
        self._networks = addresses.networks_of(beginning["networks"])
        self._signed: dict[str, tuple[str, float]] = {}
        self._own = threading.local()
        self._lines = Lines(self._handle)

    def take(self, message: dict[str, Any]) -> None:
        self._lines.put(urlsplit(message["endpoint"]).netloc, message)

    def _handle(self, message: dict[str, Any], service: str) -> bool:
        """Send a message, and print what became of it. Return whether it was quickly answered."""
        began = time.monotonic()
        try:
            answer = self._send(message, service)
        except (OSError, http.client.HTTPException) as problem:
            answer = Answer(0, 0, f"{type(problem).__name__}: {problem}"[:200])
        except ValueError as problem:  # an address or a key that a browser would not have
            answer = Answer(400, 0, f"{type(problem).__name__}"[:200])
        say({"id": message["id"], **answer._asdict()})
        return bool(answer.status) and time.monotonic() - began < QUICK_SECONDS

    def _send(self, message: dict[str, Any], service: str) -> Answer:
        text = encryption.padded(message["text"].encode())
        p256dh, auth = (encryption.decoded(message[name]) for name in ("p256dh", "auth"))
        headers = {
            "Authorization": self._authorization(f"https://{service}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": CONTENT_TYPE,
            "TTL": str(message["ttl"]),
            "Urgency": message["urgency"],
            "Topic": message["topic"],
        }
        if not hasattr(self._own, "connections"):
            self._own.connections = Connections(self._networks)
        answer: Answer = self._own.connections.post(
            message["endpoint"], encryption.seal(text, p256dh, auth), headers
        )
        return answer

    def _authorization(self, audience: str) -> str:
        signed, until = self._signed.get(audience, ("", 0.0))
        if until < time.monotonic():
            expires_at = int(time.time()) + SIGNED_FOR
            signed = encryption.authorization(self._private, audience, self._contact, expires_at)
            if len(self._signed) > MOST_SERVICES:
                self._signed.clear()
            self._signed[audience] = (signed, time.monotonic() + SIGN_AGAIN)
        return signed


def say(answer: dict[str, Any]) -> None:
    with _printing:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    os.nice(10)  # the chat's own processes run first
    worker = Worker(json.loads(sys.stdin.readline()))
    watch()
    for line in sys.stdin:
        worker.take(json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()

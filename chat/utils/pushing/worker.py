"""Seal and send push messages; a program of its own, run by sender.py.

    python -I worker.py

Its first line of input is `{"private", "contact", "networks"}`. Each further line is a message:
`{"id", "endpoint", "p256dh", "auth", "text", "ttl", "urgency", "topic"}`.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3]))

from chat.utils.outward import services
from chat.utils.outward.networks import networks_of
from chat.utils.outward.posting import Answer, Connections, Limits
from chat.utils.outward.serving import serve
from chat.utils.pushing import encryption

LIMITS = Limits(seconds=10.0, longest_answer=4096, longest_said=200)  # services explain in fewer
SIGNED_FOR = 12 * 3600  # seconds; services refuse more than a day
SIGN_AGAIN = SIGNED_FOR // 2
MOST_SERVICES = 1000  # whose signatures are remembered
CONTENT_TYPE = "application/octet-stream"


class Worker:
    def __init__(self, beginning: dict[str, Any]):
        self._private = bytes.fromhex(beginning["private"])
        self._contact = beginning["contact"]
        self._networks = networks_of(beginning["networks"])
        self._signed: dict[str, tuple[str, float]] = {}
        self._own = threading.local()

    def send(self, message: dict[str, Any], service: str) -> Answer:
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
            self._own.connections = Connections(self._networks, LIMITS)
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


def service_of(message: dict[str, Any]) -> str:
    return services.service_of(message["endpoint"])


if __name__ == "__main__":
    serve(lambda beginning: Worker(beginning).send, service_of, owner_of=service_of)

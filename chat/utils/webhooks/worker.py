"""Sign and send webhooks; a program of its own, run by sender.py.

    python -I worker.py

Its first line of input is `{"networks", "longest_said"}`. Each further line is a message:
`{"id", "url", "secret", "webhook_id", "body"}`, an `owner` if several share the program, `within`
if its caller waits no longer than so many seconds, `since` if it waited before, and `was_quick`,
as serving.py says.
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
from chat.utils.webhooks import signing

SECONDS = 5.0
LONGEST_ANSWER = 65_536  # bytes


class Worker:
    def __init__(self, beginning: dict[str, Any]):
        self._networks = networks_of(beginning["networks"])
        self._limits = Limits(SECONDS, LONGEST_ANSWER, beginning["longest_said"])
        self._own = threading.local()

    def send(self, message: dict[str, Any], _service: str) -> Answer:
        body = message["body"].encode()
        signed = signing.headers(message["secret"], message["webhook_id"], int(time.time()), body)
        if not hasattr(self._own, "connections"):
            self._own.connections = Connections(self._networks, self._limits)
        answer: Answer = self._own.connections.post(
            message["url"],
            body,
            {"Content-Type": "application/json", "User-Agent": "chat-webhooks/1", **signed},
        )
        return answer


def service_of(message: dict[str, Any]) -> str:
    return services.service_of(message["url"])


def owner_of(message: dict[str, Any]) -> str:
    return str(message.get("owner") or service_of(message))


if __name__ == "__main__":
    serve(lambda beginning: Worker(beginning).send, service_of, owner_of)

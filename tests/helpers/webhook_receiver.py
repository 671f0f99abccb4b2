"""A receiver of webhooks on this machine, which checks who sent each request.

It checks as Standard Webhooks says, with nothing of the chat's own code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.helpers.servers import wait_until
from tests.helpers.world import Person

NETWORK = "127.0.0.0/8"
ALL = ["message:posted", "message:edited", "message:deleted", "message:reacted", "message:pinned"]


@dataclass
class Received:
    """A request: `id` of its header, `says` its body, `status` what was answered."""

    id: str
    says: dict[str, Any]
    headers: dict[str, str]
    status: int
    at: float

    @property
    def entry(self) -> tuple[str, int]:
        return self.says["data"]["event"], self.says["data"]["seq"]


Answer = Callable[[BaseHTTPRequestHandler], int]


@dataclass
class Box:
    """One address of the receiver. `answers`: what it answers next; then `usually` each time.

    `ahead`: seconds by which the clock of the chat is ahead.
    """

    url: str
    secret: str = ""
    answers: list[int | Answer] = field(default_factory=list)
    usually: int | Answer = 204
    ahead: int = 0
    received: list[Received] = field(default_factory=list)
    hook_id: str = ""

    @property
    def taken(self) -> list[Received]:
        return [each for each in self.received if 200 <= each.status < 300]

    def wait(self, count: int = 1, seconds: float = 15) -> list[Received]:
        """Return what it took, once there are so many."""
        wait_until(lambda: len(self.taken) >= count, f"{count} webhooks are taken", seconds)
        return self.taken

    def check(self, headers: dict[str, str], body: bytes) -> None:
        """Check the signature as the standard says."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"].split(" ") == [f"v1,{expected}"]
        assert abs(time.time() + self.ahead - int(headers["webhook-timestamp"])) < 60
        assert headers["content-type"] == "application/json"


class Receiver:
    """`with` starts it."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.problems: list[str] = []
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        assert self.problems == [], self.problems

    def box(self, host: str = "127.0.0.1") -> Box:
        name = str(len(self.boxes) + 1)
        self.boxes[name] = Box(f"http://{host}:{self.port}/{name}")
        return self.boxes[name]

    def hooked(self, person: Person, room_id: str, *answers: int | Answer, **more: Any) -> Box:
        """Return an address that is a room's webhook, and gets all events."""
        box = self.box(more.pop("host", "127.0.0.1"))
        box.answers += answers
        body = {"name": "Deploys", "url": box.url, "events": ALL} | more
        made = person.post(f"/rooms/{room_id}/outgoing-webhooks", body)
        assert made.status_code == 201, made.text
        box.secret, box.hook_id = made.json()["secret"], made.json()["id"]
        return box


def handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            box = receiver.boxes[self.path.rpartition("/")[2]]
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            if len(body) < int(headers["content-length"]):
                return  # who asked was killed meanwhile
            try:
                box.check(headers, body)
            except Exception as problem:  # noqa: BLE001  whatever it is, the test says it
                receiver.problems.append(f"{type(problem).__name__}: {problem}")
            answer = box.answers.pop(0) if box.answers else box.usually
            status = answer if isinstance(answer, int) else 0
            received = Received(
                headers["webhook-id"], json.loads(body), headers, status, time.monotonic()
            )
            box.received.append(received)
            with suppress(OSError):  # who asked may have gone meanwhile
                if callable(answer):
                    received.status = answer(self)
                else:
                    answered(self, answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def answered(
    handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str
) -> int:
    """Answer so, and return the status."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    return status


def hanging_up(handler: BaseHTTPRequestHandler) -> int:
    """Answer nothing, and close the connection."""
    handler.close_connection = True
    return 0

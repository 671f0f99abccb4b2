"""Deliver mails by mail_worker.py, a process of its own, so that nothing blocks the loop."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chat.utils.configuration.smtp import MailServer

WORKER = Path(__file__).with_name("mail_worker.py")
SECONDS = 120  # for a mail; then the worker is killed
LONGEST_ANSWER = 4096  # bytes


@dataclass(frozen=True)
class Refusal:
    """Why a mail was not taken.

    `is_final`: no other try can change that. `is_of_mail`: it is about this mail, and the next one
    may be taken.
    """

    reason: str
    is_final: bool = False
    is_of_mail: bool = False


class Delivery:
    """A worker, and its connection to the mail server, for as long as `with` lasts."""

    def __init__(self, server: MailServer, hello: str):
        """`hello`: the host name by which the chat presents itself to the server."""
        self._server = asdict(server) | {"hello": hello}

    def __enter__(self) -> Self:
        self._line, theirs = socket.socketpair()
        self._line.settimeout(SECONDS)
        os.set_blocking(theirs.fileno(), True)  # the loop's sockets are not, and the worker waits
        self._worker = subprocess.Popen(  # noqa: S603  the program is ours, without arguments
            [sys.executable, "-I", str(WORKER)],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._say(self._server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.close()
        self._worker.kill()
        self._worker.wait()

    def send(self, to: str, content: str) -> Refusal | None:
        """Send a mail: its lines in ASCII. Return None once the server has taken it."""
        return self._ask({"to": to, "content": content})

    def check(self) -> Refusal | None:
        """Ask whether the server would take mails."""
        return self._ask({})

    def _ask(self, mail: dict[str, str]) -> Refusal | None:
        try:
            self._say(mail)
            answer = json.loads(self._heard())
        except (OSError, ValueError) as error:
            return Refusal(f"the mail server takes too long ({type(error).__name__})")
        return Refusal(**answer) if answer else None

    def _say(self, what: dict[str, Any]) -> None:
        self._line.sendall(json.dumps(what).encode() + b"\n")

    def _heard(self) -> bytes:
        line = b""
        while not line.endswith(b"\n") and len(line) < LONGEST_ANSWER:
            more = self._line.recv(LONGEST_ANSWER)
            if not more:
                break
            line += more
        return line

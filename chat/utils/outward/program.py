"""A program that sends messages to other servers, as the chat's process sees it.

A new connection takes CPU, and an address may be chosen by somebody hostile. So a process of its
own does it, at a low priority; here messages are only written to it, and its answers read.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.utils.outward.lines import LATEST

LOOK_EVERY = 0.5  # seconds between checks of a program that says nothing
LARGEST_READ = 65_536  # bytes
NO_ANSWER = "the program that sends did not answer"


@dataclass(frozen=True)
class Outcome:
    """What became of a message. `status`: of the receiver's answer; 0 if there was none.

    `is_quick`: whether it came so soon that the receiver need not wait for slow ones.
    """

    status: int
    retry_after: int = 0  # seconds, as it asked for; 0 if it did not
    said: str = ""
    is_quick: bool = False

    @property
    def is_delivered(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Return whether the subscription has ended, as the push service says."""
        return self.status in {404, 410}

    @property
    def is_temporary(self) -> bool:
        """Return whether the same message may be taken later."""
        return self.status in {0, 408, 425, 429} or self.status >= 500


@dataclass(frozen=True)
class _Waiting:
    done: Callable[[Outcome], None]
    until: float


class Program:
    """Sends messages through one program, which it starts when it is needed.

    `worker`: the file of the program, which uses serving.py. `beginning`: what the program is told
    first.
    """

    def __init__(self, worker: Path, beginning: dict[str, Any]):
        self._worker = worker
        self._beginning = json.dumps(beginning).encode() + b"\n"
        self._program: subprocess.Popen[bytes] | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._number = 0
        self._writing = threading.Lock()

    @property
    def under_way(self) -> int:
        """Return how many messages have no answer yet."""
        return len(self._waiting)

    def send(self, message: dict[str, Any], done: Callable[[Outcome], None]) -> None:
        """Send a message, whose fields the program lists. `done` gets the outcome, in any order."""
        with self._writing:
            self._number += 1
            number = str(self._number)
            self._waiting[number] = _Waiting(done, time.monotonic() + LATEST)
            try:
                self._write(json.dumps(message | {"id": number}).encode() + b"\n")
            except OSError:  # it ended, and what it was given is not sent
                self._end()

    def send_and_wait(self, message: dict[str, Any], within: float = LATEST + 1) -> Outcome:
        """Send a message and return its outcome. `within`: seconds after which there is none."""
        came = threading.Event()
        found: list[Outcome] = []

        def done(outcome: Outcome) -> None:
            found.append(outcome)
            came.set()

        self.send(message | {"within": within}, done)
        came.wait(within)
        return found[0] if found else Outcome(0, said=NO_ANSWER)

    def stop(self) -> None:
        """End the program. What it was given and did not send counts as not sent."""
        with self._writing:
            self._end()

    def _write(self, line: bytes) -> None:
        if self._program is None:
            self._program = _start(self._worker)
            threading.Thread(target=self._listen, args=(self._program,), daemon=True).start()
            line = self._beginning + line
        assert self._program.stdin
        _write_all(self._program.stdin.fileno(), line)

    def _listen(self, program: subprocess.Popen[bytes]) -> None:
        """Read answers until the program ends."""
        assert program.stdout
        rest = b""
        while program is self._program:
            self._give_up()
            if not select.select([program.stdout], [], [], LOOK_EVERY)[0]:
                continue
            read = os.read(program.stdout.fileno(), LARGEST_READ)
            if not read:
                break
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                number = answer.pop("id")
                self._answer(number, Outcome(**answer))
        if program is self._program:
            self.stop()

    def _answer(self, number: str, outcome: Outcome) -> None:
        if waiting := self._waiting.pop(number, None):
            waiting.done(outcome)

    def _give_up(self) -> None:
        now = time.monotonic()
        for number in [each for each, waiting in self._waiting.items() if waiting.until < now]:
            self._answer(number, Outcome(0, said=NO_ANSWER))

    def _end(self) -> None:
        program, self._program = self._program, None
        if program:
            program.kill()
            program.wait()
        for number in list(self._waiting):
            self._answer(number, Outcome(0, said=NO_ANSWER))


def _start(worker: Path) -> subprocess.Popen[bytes]:
    program = subprocess.Popen(  # noqa: S603  the program is ours, and has no arguments
        [sys.executable, "-I", str(worker)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert program.stdin
    os.set_blocking(program.stdin.fileno(), False)
    return program


def _write_all(file: int, data: bytes) -> None:
    """Write to a pipe, yielding while it is full. Raises OSError."""
    view = memoryview(data)
    until = time.monotonic() + LATEST
    while view:
        if not select.select([], [file], [], LOOK_EVERY)[1]:
            if time.monotonic() > until:
                raise OSError(NO_ANSWER)
            continue
        try:
            view = view[os.write(file, view) :]
        except BlockingIOError:  # less space than the line needs
            continue

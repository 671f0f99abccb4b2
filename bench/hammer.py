"""The attacker of `bin/bench attack`: a process that repeats one request over many connections.

    python -m bench.hammer < what

The input has a line of JSON for each attack, see `Blows`. It answers a line when that attack is
over.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.faults.sockets import Cut, Socket

NUMBER = b"%NUMBER%"  # in a request or payload: becomes another number each time
ANSWER_SECONDS = 30.0
AT_ONCE = 32  # events that wait for their answer, on each socket


@dataclass
class Blows:
    """What to send from `address`.

    `request` over HTTP (base64), or `event` with `payload` over sockets with `token`.
    """

    port: int
    address: str
    seconds: float
    connections: int
    request: str = ""
    event: str = ""
    payload: Any = None
    token: str = ""


async def strike(blows: Blows) -> Counter[str]:
    """Return how often each answer came, by its status or code."""
    answers: Counter[str] = Counter()
    numbers, end = itertools.count(1), time.monotonic() + blows.seconds
    one = _events if blows.event else _requests
    await asyncio.gather(*(one(blows, numbers, end, answers) for _ in range(blows.connections)))
    return answers


async def _requests(
    blows: Blows, numbers: itertools.count[int], end: float, answers: Counter[str]
) -> None:
    template = base64.b64decode(blows.request)
    writer: asyncio.StreamWriter | None = None
    while time.monotonic() < end:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", blows.port, local_addr=(blows.address, 0)
                )
            writer.write(template.replace(NUMBER, b"%08d" % next(numbers)))
            async with asyncio.timeout(ANSWER_SECONDS):
                status, closes = await _answer(reader)
            answers[status] += 1
            if closes:
                writer.close()
                writer = None
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            answers["cut"] += 1
            writer = None
            await asyncio.sleep(0.01)


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bool]:
    """Read an answer with its body; return its status, and whether the connection is at its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        _, _, rest = head.partition(b"content-length:")
        await reader.readexactly(int(rest.split(b"\r\n")[0] or 0))
    return head.split()[1].decode(), b"connection: close" in head


async def _events(
    blows: Blows, numbers: itertools.count[int], end: float, answers: Counter[str]
) -> None:
    async def caller() -> None:
        while time.monotonic() < end:
            payload = json.loads(
                json.dumps(blows.payload).replace(NUMBER.decode(), f"{next(numbers):08}")
            )
            answer = await socket.call(blows.event, payload, ANSWER_SECONDS)
            answers["ok" if answer["ok"] else answer["error"]["code"]] += 1

    while time.monotonic() < end:
        try:
            socket = await Socket.open(
                f"http://127.0.0.1:{blows.port}", blows.token, lambda *_: None, source=blows.address
            )
            listening = asyncio.create_task(socket.listen())
            await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
            socket.hang_up()
            await listening
        except (Cut, TimeoutError):
            answers["cut"] += 1
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(strike(Blows(**json.loads(line))))), flush=True)

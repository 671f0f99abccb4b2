"""Random input disturbs nobody else, leaves nothing behind, and logs nothing for operators."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.realtime.protocols.engine_packets import BadPacket
from chat.realtime.protocols.json import Json
from chat.realtime.protocols.packets import decode
from chat.realtime.transport.frames import Broken, Parser
from tests.helpers.servers import wait_until
from tests.realtime.tools import BINARY, TEXT, Line, Plain, Talker, frame

PIECES = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "42",
    "43",
    "45",
    "451-",
    "/",
    "/custom",
    ",",
    "[",
    "]",
    "{",
    "}",
    '"',
    '"message"',
    ":",
    "null",
    "1e999",
    "-",
    "99999999999999999999",
    "\\ud800",
    "\x00",
    "\x1e",
    "é",
    "💬",
    "_placeholder",
    '{"_placeholder":true,"num":0}',
    "true",
    " ",
    "b",
]


def text(random_: random.Random) -> str:
    return "".join(random_.choice(PIECES) for _ in range(random_.randrange(1, 12)))


def test_ten_thousand_random_packets_are_read_or_refused() -> None:
    random_, json = random.Random(1), Json()
    for _ in range(10_000):
        try:
            decode(json, text(random_))
        except BadPacket:
            continue


def test_ten_thousand_random_byte_strings_are_read_or_refused() -> None:
    random_ = random.Random(2)
    for _ in range(10_000):
        data = random_.randbytes(random_.randrange(1, 60))
        if random_.random() < 0.5:
            data = frame(random_.randrange(16), data, whole=random_.random() < 0.7)
        try:
            list(Parser(1000).feed(data))
        except Broken as broken:
            assert broken.code in (1002, 1007, 1009)


@pytest.mark.timeout(90)
def test_ten_thousand_frames_and_packets_on_real_lines_and_a_bystander_is_served(
    patient: Plain, bystander: Talker
) -> None:
    before, noise = patient.state, patient.complaints.count("Traceback")
    waits: list[float] = []
    go_on = True

    def stand_by() -> None:
        while go_on:
            began = time.monotonic()
            assert bystander.call("message-with-ack", "x") == ["x"]
            waits.append(time.monotonic() - began)
            time.sleep(0.005)

    pool = ThreadPoolExecutor(1)
    standing = pool.submit(stand_by)
    random_ = random.Random(3)
    sent = 0
    while sent < 10_000:
        line = Line(patient.port)
        if random_.random() < 0.7:
            line.send("40")
        try:
            for _ in range(40):
                sent += 1
                kind = random_.random()
                if kind < 0.2:
                    line.socket.sendall(random_.randbytes(random_.randrange(1, 40)))
                elif kind < 0.3:
                    line.send_frame(BINARY, random_.randbytes(10))
                else:
                    line.send_frame(TEXT, text(random_).encode("utf-8", "surrogatepass"))
        except OSError:
            pass  # cut off, as it should be
        line.close()
    go_on = False
    standing.result(10)
    waits.sort()
    assert waits[len(waits) * 99 // 100] < 1.0, "how long, bin/bench attack tells"
    wait_until(
        lambda: patient.state["counters"]["open_sockets"] <= before["counters"]["open_sockets"],
        "all are gone",
        10,
    )
    assert patient.complaints.count("Traceback") == noise
    assert patient.state["memory"] - before["memory"] < 20_000_000

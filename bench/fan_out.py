"""Measure what it costs the server to deliver a message, to keep a socket, to open and close one.

CPU per delivery is the figure to compare: user and system time of the server's processes, from
/proc, so Linux only. Wall times depend on the machine and on who else uses it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.crowd import Crowd, Member
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import ROOT, free_port, wait_until

PADDING = "x" * 200  # characters of a message
TICKS = os.sysconf("SC_CLK_TCK")

Row = dict[str, Any]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sockets", type=int, default=1000, help="in the large room; twice as many idle ones"
    )
    parser.add_argument("--seconds", type=float, default=5, help="of each scenario")
    parser.add_argument("--only", default="", help=f"some of: {', '.join(SCENARIOS)}")
    parser.add_argument("--json", type=Path, help="write the figures there too")


def run(arguments: argparse.Namespace) -> None:
    chosen = arguments.only.split(",") if arguments.only else list(SCENARIOS)
    rows = []
    for name in chosen:
        rows.append({"scenario": name} | SCENARIOS[name](arguments))
        print(f"\n{name}")
        for figure, value in rows[-1].items():
            if figure != "scenario":
                print(f"  {figure:24}{value:>14,.2f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


class Carrier:
    """The measured server."""

    def __init__(self, *redis_url: str):
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.carrier", str(self.port), *redis_url], cwd=ROOT
        )
        wait_until(lambda: self._answers() not in ("", "away"), "the server answers", 30)

    def _answers(self) -> str:
        try:
            return str(
                requests.get(f"http://127.0.0.1:{self.port}/state", timeout=1).json()["queue"]
            )
        except requests.RequestException:
            return ""

    @property
    def cpu(self) -> float:
        return cpu_of(self._process.pid)

    @property
    def memory(self) -> int:
        """Return the resident bytes of the process."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )

    def stop(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def cpu_of(pid: int) -> float:
    """Return the user and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Talk:
    """People in rooms who send as soon as everybody has received their previous messages."""

    crowd: Crowd = field(default_factory=Crowd)
    sizes: dict[str, int] = field(default_factory=dict)
    rooms: dict[Member, str] = field(default_factory=dict)
    deliveries: int = 0
    waits: list[float] = field(default_factory=list)
    _sent: dict[int, tuple[float, Member, int]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def join(self, port: int, room: str) -> Member:
        member = Member(port, self._heard)
        member.say(f'42["join",{json.dumps(room)}]')
        self.crowd.add(member)
        self.rooms[member] = room
        self.sizes[room] = self.sizes.get(room, 0) + 1
        return member

    def go(self, senders: list[Member], seconds: float, cpu: Callable[[], float]) -> Row:
        time.sleep(0.5)  # for everybody to join
        for sender in senders:
            self._send(sender)
        end = time.monotonic() + seconds * 0.2
        self.crowd.until(lambda: time.monotonic() > end)
        self.deliveries, self.waits = 0, []
        cpu_before, began = cpu(), time.monotonic()
        self.crowd.until(lambda: time.monotonic() > began + seconds, seconds + 60)
        used, wall = cpu() - cpu_before, time.monotonic() - began
        waits = sorted(self.waits)
        return {
            "CPU us / delivery": used / self.deliveries * 1e6,
            "deliveries / s": self.deliveries / wall,
            "delivery p50 ms": waits[len(waits) // 2] * 1e3,
            "delivery p99 ms": waits[len(waits) * 99 // 100] * 1e3,
            "CPUs busy": used / wall,
        }

    def _send(self, sender: Member) -> None:
        number, room = next(self._numbers), self.rooms[sender]
        self._sent[number] = time.monotonic(), sender, self.sizes[room]
        sender.say(f'42["say",{json.dumps(room)},{number},"{PADDING}"]')

    def _heard(self, member: Member, text: bytes) -> None:
        if text == b"2":
            member.say("3")
        if not text.startswith(b'42["said"'):
            return
        number = int(text[text.index(b":") + 1 : text.index(b",", 10)])
        at, sender, missing = self._sent[number]
        self.deliveries += 1
        self.waits.append(time.monotonic() - at)
        if missing > 1:
            self._sent[number] = at, sender, missing - 1
        else:
            del self._sent[number]
            self._send(sender)


def one_in_flight(arguments: argparse.Namespace) -> Row:
    return _one_room(arguments, 1)


def twenty_senders(arguments: argparse.Namespace) -> Row:
    return _one_room(arguments, 20)


def rooms_of_ten(arguments: argparse.Namespace) -> Row:
    with _carriers() as (carrier,):
        talk = Talk()
        senders = [talk.join(carrier.port, f"room {number // 10}") for number in range(200)][::10]
        return talk.go(senders, arguments.seconds, lambda: carrier.cpu)


def two_processes(arguments: argparse.Namespace) -> Row:
    with RedisServer() as redis, _carriers(redis.url, redis.url) as carriers:
        talk = Talk()
        members = [
            talk.join(carriers[number % 2].port, "everybody") for number in range(arguments.sockets)
        ]
        return talk.go(
            members[:20], arguments.seconds, lambda: sum(carrier.cpu for carrier in carriers)
        )


def idle(arguments: argparse.Namespace) -> Row:
    count = 2 * arguments.sockets
    with _carriers() as (carrier,):
        crowd = Crowd()
        for _ in range(50):  # the first sockets load code, which must not count
            crowd.add(Member(carrier.port, lambda *_: None))
        memory, cpu = carrier.memory, carrier.cpu
        for _ in range(count):
            crowd.add(Member(carrier.port, lambda *_: None))
        connecting, kept = carrier.cpu - cpu, carrier.memory - memory
        cpu = carrier.cpu
        time.sleep(arguments.seconds)
        idling, cpu = carrier.cpu - cpu, carrier.cpu
        crowd.leave()
        time.sleep(2)
        return {
            "KB / socket": kept / count / 1024,
            "CPU us / connect": connecting / count * 1e6,
            "CPU us / disconnect": (carrier.cpu - cpu) / count * 1e6,
            "CPU % of a core, idle": idling / arguments.seconds * 100,
        }


SCENARIOS: dict[str, Callable[[argparse.Namespace], Row]] = {
    "one-in-flight": one_in_flight,
    "twenty-senders": twenty_senders,
    "rooms-of-ten": rooms_of_ten,
    "two-processes": two_processes,
    "idle": idle,
}


def _one_room(arguments: argparse.Namespace, senders: int) -> Row:
    with _carriers() as (carrier,):
        talk = Talk()
        members = [talk.join(carrier.port, "everybody") for _ in range(arguments.sockets)]
        return talk.go(members[:senders], arguments.seconds, lambda: carrier.cpu)


@contextmanager
def _carriers(*redis_urls: str) -> Iterator[list[Carrier]]:
    carriers = [Carrier(url) for url in redis_urls] if redis_urls else [Carrier()]
    try:
        yield carriers
    finally:
        for carrier in carriers:
            carrier.stop()

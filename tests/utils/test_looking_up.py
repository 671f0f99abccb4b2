"""Names of receivers: a resolver that does not answer costs a request its time, and no other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.utils.outward import names
from chat.utils.outward.lines import OTHER_LINES
from chat.utils.outward.names import NoNameServer
from chat.utils.outward.program import Outcome, Program
from chat.utils.webhooks.sender import WORKER
from tests.helpers.servers import wait_until
from tests.helpers.webhook_receiver import NETWORK, Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# The program that sends webhooks, on a machine whose resolver does not answer about some names.
PROGRAM = f"""
import runpy, socket, threading

really = socket.getaddrinfo

def looked_up(host, *options, **named):
    if host.endswith(".silent.example"):
        threading.Event().wait()
    return really(host, *options, **named)

socket.getaddrinfo = looked_up
runpy.run_path({str(WORKER)!r}, run_name="__main__")
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    worker = tmp_path / "worker.py"
    worker.write_text(PROGRAM)
    made = Program(worker, {"networks": [NETWORK], "longest_said": 100})
    yield made
    made.stop()


def test_a_resolver_that_does_not_answer_costs_a_try_its_time_and_holds_up_nobody(
    program: Program,
) -> None:
    ended: list[tuple[float, Outcome]] = []

    def message(url: str, owner: str) -> dict[str, str]:
        named = {"webhook_id": "msg_1", "body": "{}", "owner": owner}
        return {"url": url, "secret": SECRET, **named}

    def send(number: int) -> None:
        url, owner = f"http://{number}.silent.example/", f"mallory {number}"
        program.send(message(url, owner), lambda what: ended.append((time.monotonic(), what)))

    with Receiver() as receiver:
        quick, new = receiver.box("127.0.0.1"), receiver.box("127.0.0.01")
        quick.secret = new.secret = SECRET
        assert program.send_and_wait(message(quick.url, "alice")).status == 204
        began = time.monotonic()
        for number in range(OTHER_LINES):
            send(number)
        assert program.send_and_wait(message(quick.url, "alice")).status == 204
        assert not ended, "a quick receiver does not wait for them"
        assert program.send_and_wait(message(new.url, "bob")).status == 204
    wait_until(lambda: len(ended) == OTHER_LINES, "all have ended")
    assert {what.status for _at, what in ended} == {0}
    assert {what.said.partition(":")[0] for _at, what in ended} == {"NoNameServer"}
    assert min(at for at, _what in ended) - began > 4.9
    assert max(at for at, _what in ended) - began < 7


def test_requests_to_one_host_share_a_question_and_the_next_one_asks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    let = threading.Event()
    really = socket.getaddrinfo

    def looked_up(host: str, *options: Any, **named: Any) -> list[Any]:
        if host != "silent.example":  # of another thread, such as the driver's
            return really(host, *options, **named)
        asked.append(host)
        let.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"10.0.0.{len(asked)}", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    for _try in range(3):
        with pytest.raises(NoNameServer):
            names.addresses_of("silent.example", 0.05)
    assert asked == ["silent.example"]
    let.set()
    wait_until(lambda: not names._under_way, "the resolver answered at last")
    assert names.addresses_of("silent.example", 5) == ["10.0.0.2"]


def test_what_is_wrong_with_a_name_is_said_to_everybody_who_waits() -> None:
    with pytest.raises(socket.gaierror):
        names.addresses_of("gamboge.invalid", 5)
    with pytest.raises(UnicodeError):
        names.addresses_of("gamboge..example", 5)

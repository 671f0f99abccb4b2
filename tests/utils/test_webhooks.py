"""Signing webhooks as the standard says, and the addresses to which they go."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from chat.utils.outward import addresses, posting, serving
from chat.utils.outward.addresses import PrivateAddress
from chat.utils.outward.lines import OTHER_LINES
from chat.utils.outward.networks import is_allowed, networks_of
from chat.utils.outward.posting import MOST_KEPT, Answer, Connections, Limits
from chat.utils.outward.program import Outcome
from chat.utils.webhooks import signing
from chat.utils.webhooks.sender import Sender
from tests.helpers.servers import ROOT
from tests.helpers.webhook_receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_request_is_signed_as_in_the_example_of_the_standard() -> None:
    found = signing.headers(
        SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_receiver_of_the_docs_knows_the_chat_and_nobody_else() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    check = names["is_from_the_chat"]
    secret, moment = signing.new_secret(), int(time.time())
    headers = signing.headers(secret, "msg_1", moment, b"{}")
    assert check(secret, headers, b"{}")
    assert not check(secret, headers, b"{ }")
    assert not check(signing.new_secret(), headers, b"{}")
    old = signing.headers(secret, "msg_1", moment - 3600, b"{}")
    assert not check(secret, old, b"{}")


def test_no_form_of_a_private_address_is_asked() -> None:
    sender = Sender([])
    with Receiver() as receiver:
        box = receiver.box()
        for host in (
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
        ):
            url = box.url.replace("127.0.0.1", host)
            message = {"url": url, "secret": SECRET, "webhook_id": "msg_1", "body": "{}"}
            outcome = sender.send_and_wait(message)
            assert (outcome.status, outcome.said.partition(":")[0]) == (0, "PrivateAddress"), host
        assert box.received == []
    sender.stop()


def test_the_server_inside_azure_is_no_public_address() -> None:
    for form in ("168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::168.63.129.16"):
        assert not is_allowed(form, [])
        assert is_allowed(form, networks_of(["168.63.129.16/32"]))
    assert is_allowed("168.63.129.17", [])


def test_a_name_is_looked_up_and_checked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may lead to a public address while it is checked, and inside afterwards."""
    led_to = ["127.0.0.1", "10.0.0.1"]
    really = socket.getaddrinfo

    def looked_up(host: str, port: int, *options: Any, **named: Any) -> list[Any]:
        if host != "rebinding.example.org":
            return really(host, port, *options, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (led_to.pop(0), port))]

    limits = Limits(seconds=5, longest_answer=100, longest_said=100)
    headers = {"Content-Type": "application/json"}
    headers |= signing.headers(SECRET, "msg_1", int(time.time()), b"{}")
    with Receiver() as receiver:
        box = receiver.box("rebinding.example.org")
        box.secret = SECRET
        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        first, second = (Connections(networks_of(["127.0.0.0/8"]), limits) for _ in led_to)
        assert first.post(box.url, b"{}", headers).status == 204
        with pytest.raises(PrivateAddress):
            second.post(box.url, b"{}", headers)
    assert len(box.received) == 1


def test_few_connections_stay_open_and_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []

    def connect(_host: str, port: int, *_limits: Any) -> socket.socket:
        made.append(socket.create_connection(("127.0.0.1", port), 5))
        return made[-1]

    monkeypatch.setattr(addresses, "connect", connect)
    headers = signing.headers(SECRET, "msg_1", int(time.time()), b"{}")
    headers |= {"Content-Type": "application/json"}
    connections = Connections([], Limits(seconds=5, longest_answer=100, longest_said=100))

    def post(host: str) -> None:
        box = receiver.box(host)
        box.secret = SECRET
        assert connections.post(box.url, b"{}", headers).status == 204

    def still_open() -> list[socket.socket]:
        return [each for each in made if each.fileno() != -1]

    with Receiver() as receiver:
        for number in range(MOST_KEPT + 4):
            post(f"{number}.example.org")
        assert still_open() == made[4:]
        post(f"{MOST_KEPT}.example.org")
        assert len(made) == MOST_KEPT + 4, "the kept one is used"
        later = time.monotonic() + posting.IDLE_SECONDS
        monkeypatch.setattr(posting, "IDLE_SECONDS", posting.IDLE_SECONDS + 60)
        with monkeypatch.context() as then:
            then.setattr(posting.time, "monotonic", lambda: later + 1)
            post("another.example.org")
        assert still_open() == made[-1:]
        made[-1].close()


def test_the_silent_receivers_of_one_person_leave_lines_to_others() -> None:
    let = threading.Event()
    ended: list[Outcome] = []

    def silent(_request: BaseHTTPRequestHandler) -> int:
        let.wait(30)
        return 0

    def message(url: str, owner: str) -> dict[str, str]:
        named = {"webhook_id": "msg_1", "body": "{}", "owner": owner}
        return {"url": url, "secret": SECRET, **named}

    sender = Sender(["127.0.0.0/8"])
    with ExitStack() as open_ones:
        for _number in range(OTHER_LINES):
            other = open_ones.enter_context(Receiver())  # each is a service of its own
            box = other.box()
            box.secret, box.answers = SECRET, [silent]
            sender.send(message(box.url, "mallory"), ended.append)
        receiver = open_ones.enter_context(Receiver())
        box = receiver.box()
        box.secret = SECRET
        assert sender.send_and_wait(message(box.url, "alice")).status == 204
        assert ended == []
        let.set()
    sender.stop()


def test_a_message_that_breaks_the_sender_has_an_outcome(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def send(message: dict[str, Any], _service: str) -> Answer:
        raise KeyError(message["url"])

    assert not serving._handle(send, {"id": "1", "url": "https://mallory.example"}, "")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["id"], answer["status"]) == ("1", 0)
    assert answer["said"].startswith("KeyError")

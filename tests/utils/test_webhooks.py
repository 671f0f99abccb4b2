"""Signing webhooks as the standard says, and the addresses to which they go."""

from __future__ import annotations

import re
import socket
import time
from typing import Any

import pytest

from chat.utils.outward.addresses import Forbidden
from chat.utils.outward.networks import networks_of
from chat.utils.outward.posting import Connections, Limits
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
            assert (outcome.status, outcome.said.partition(":")[0]) == (0, "Forbidden"), host
        assert box.received == []
    sender.stop()


def test_a_name_is_looked_up_and_checked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may lead to a public address while it is checked, and inside afterwards."""
    addresses = ["127.0.0.1", "10.0.0.1"]
    really = socket.getaddrinfo

    def looked_up(host: str, port: int, *options: Any, **named: Any) -> list[Any]:
        if host != "rebinding.example.org":
            return really(host, port, *options, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (addresses.pop(0), port))]

    limits = Limits(seconds=5, longest_answer=100, longest_said=100)
    headers = {"Content-Type": "application/json"}
    headers |= signing.headers(SECRET, "msg_1", int(time.time()), b"{}")
    with Receiver() as receiver:
        box = receiver.box("rebinding.example.org")
        box.secret = SECRET
        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        first, second = (Connections(networks_of(["127.0.0.0/8"]), limits) for _ in addresses)
        assert first.post(box.url, b"{}", headers).status == 204
        with pytest.raises(Forbidden):
            second.post(box.url, b"{}", headers)
    assert len(box.received) == 1

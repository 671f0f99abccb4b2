"""Whoever runs a chat that only its own computer reaches reads how others would reach it."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any

import pytest

from chat.utils import own_address
from chat.utils.own_address import command_for_others, is_loopback
from tests.helpers.servers import Server


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:5000", True),
        ("https://chat.localhost", True),
        ("https://chat.example.org", False),
        ("http://192.168.0.7:5000", False),
        ("https://localhost.example.org", False),
    ],
)
def test_an_address_of_this_computer_is_told_from_others(url: str, *, is_own: bool) -> None:
    assert is_loopback(url) is is_own


def test_the_command_names_the_address_that_this_computer_has_in_its_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = command_for_others(5050)
    said = re.fullmatch(r"HOST=0\.0\.0\.0 PORT=5050 PUBLIC_URL=http://(.+):5050 bin/run", command)
    assert said
    assert said[1] == own_address.UNKNOWN or ipaddress.IPv4Address(said[1])

    class Nowhere(socket.socket):
        def connect(self, _address: Any) -> None:
            raise OSError

    monkeypatch.setattr(own_address.socket, "socket", Nowhere)
    assert f"http://{own_address.UNKNOWN}:5050" in command_for_others(5050)


def test_the_start_says_it(server: Server) -> None:
    log = server.log.read_text()
    assert "Only this computer reaches it." in log
    assert command_for_others(server.port) in log

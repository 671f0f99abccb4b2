"""A listener counts as a session of its network, as long as it listens."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.realtime import SocketIO
from chat.realtime.engineio import limits
from chat.realtime.extension.listener import TooManyFromNetwork

OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> SocketIO:
    monkeypatch.setattr(limits, "OPEN_FROM_NETWORK", 2)
    return SocketIO(Flask(__name__))


def test_a_network_has_as_many_listeners_as_it_may_have_sessions(carrier: SocketIO) -> None:
    there = [carrier.listen(OFFICE) for _ in range(2)]
    with pytest.raises(TooManyFromNetwork):
        carrier.listen(OFFICE)
    carrier.listen(ELSEWHERE)
    carrier.stop_listening(there[0])
    carrier.stop_listening(there[0])
    carrier.listen(OFFICE)
    with pytest.raises(TooManyFromNetwork):
        carrier.listen(OFFICE)


def test_a_listener_that_the_server_disconnects_counts_until_it_is_closed(
    carrier: SocketIO,
) -> None:
    there = [carrier.listen(OFFICE) for _ in range(2)]
    carrier.disconnect(there[0].sid)
    carrier.stop_listening(there[0])
    carrier.listen(OFFICE)
    with pytest.raises(TooManyFromNetwork):
        carrier.listen(OFFICE)

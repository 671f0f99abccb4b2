"""This process's program that signs and sends webhooks, started when it is needed."""

from __future__ import annotations

from chat import extensions
from chat.utils.webhooks.sender import Sender

_senders: list[Sender] = []


def sender() -> Sender:
    """Return what sends webhooks."""
    if not _senders:
        _senders.append(Sender(extensions.settings().webhook_networks))
    return _senders[0]


def stop() -> None:
    """End the program, because this process ends."""
    for each in _senders:
        each.stop()
    _senders.clear()

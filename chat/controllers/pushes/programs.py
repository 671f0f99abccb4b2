"""This process's program that seals and sends push messages, started when it is needed."""

from __future__ import annotations

from urllib.parse import urlsplit

from chat import extensions
from chat.models import push_keys
from chat.utils.pushing.sender import Sender

_senders: list[Sender] = []


def sender() -> Sender:
    """Return what sends push messages. Raises DatabaseError, CannotOpen."""
    if not _senders:
        private = push_keys.private_key()
        if not _senders:  # another greenlet may have made it meanwhile
            networks = extensions.settings().push_networks
            _senders.append(Sender(private, _contact(), networks))
    return _senders[0]


def stop() -> None:
    """End the program, because this process ends."""
    for each in _senders:
        each.stop()
    _senders.clear()


def _contact() -> str:
    """Return whom the operators of a push service may write to: services ask for some address."""
    settings = extensions.settings()
    if settings.secure:
        return settings.public_url
    return f"mailto:chat@{urlsplit(settings.public_url).hostname}"

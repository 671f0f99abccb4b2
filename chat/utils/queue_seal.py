"""Encrypt messages between processes: each has a number and a time, against replays.

A sealed message is: salt of the sending process (16 bytes) · number (8) · milliseconds since 1970
(8) · ciphertext · tag (16). Each process start derives its own key from the salt, and numbers its
messages from 1. The number is also the nonce, so no two messages share one, however many are sent
under one SECRET_KEY.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import struct
import time
from collections import OrderedDict
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chat.utils.encryption import KEY_BYTES, TAG_BYTES, CannotOpen

WINDOW_SECONDS = 30.0  # the difference of two machines' clocks plus the time of transport
MOST_SENDERS = 1_000  # remembered starts of processes, those with the most recent messages

_HEAD = struct.Struct(">16sQQ")
_NONCE = struct.Struct(">4xQ")


@dataclass
class _Sender:
    key: AESGCM
    last: int = 0  # the highest received number


class QueueSeal:
    """The queue's encryption in one process, which seals and opens messages."""

    def __init__(self, secret: bytes):
        self._secret = secret
        self._salt = os.urandom(16)
        self._own = self._key(self._salt)
        self._numbers = itertools.count(1)
        self._senders: OrderedDict[bytes, _Sender] = OrderedDict()

    def seal(self, plain: bytes, place: str) -> bytes:
        """Return `plain`, sealed as this process's next message.

        The message opens only at `place`, in the order of numbers, and soon.
        """
        number = next(self._numbers)
        head = _HEAD.pack(self._salt, number, int(time.time() * 1000))
        return head + self._own.encrypt(_NONCE.pack(number), plain, head + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return the content of a sealed message. Raises CannotOpen.

        Refuses a message that was not sealed with the secret, is too old or too new, was received
        already, or comes after a later message.
        """
        if len(sealed) < _HEAD.size + TAG_BYTES:
            raise CannotOpen(f"{place}: too short")
        salt, number, moment = _HEAD.unpack_from(sealed)
        sender = self._senders.get(salt) or _Sender(self._key(salt))
        try:
            plain = sender.key.decrypt(
                _NONCE.pack(number), sealed[_HEAD.size :], sealed[: _HEAD.size] + place.encode()
            )
        except InvalidTag:
            raise CannotOpen(f"{place}: not sealed with this SECRET_KEY, or damaged") from None
        if abs(time.time() - moment / 1000) > WINDOW_SECONDS:
            raise CannotOpen(f"{place}: from another time; do the machines' clocks agree?")
        if number <= sender.last:
            raise CannotOpen(f"{place}: received already, or overtaken")
        sender.last = number
        self._senders[salt] = sender
        self._senders.move_to_end(salt)
        if len(self._senders) > MOST_SENDERS:
            self._senders.popitem(last=False)
        return plain

    def _key(self, salt: bytes) -> AESGCM:
        return AESGCM(
            hashlib.blake2b(salt, key=self._secret, person=b"queue", digest_size=KEY_BYTES).digest()
        )

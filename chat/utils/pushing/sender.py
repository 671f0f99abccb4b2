"""The program that seals and sends push messages, as the chat's process sees it.

Sealing a message takes a fifth of a millisecond of CPU, which the program spends as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chat.utils.outward.program import Program

WORKER = Path(__file__).with_name("worker.py")


class Sender(Program):
    """Sends push messages.

    `private`: the chat's key. `contact`: whom a push service's operators may write to. `networks`:
    private networks in which push services may be.
    """

    def __init__(self, private: bytes, contact: str, networks: Sequence[str]):
        beginning = {"private": private.hex(), "contact": contact, "networks": list(networks)}
        super().__init__(WORKER, beginning)

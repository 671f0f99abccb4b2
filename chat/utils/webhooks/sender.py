"""The program that signs and sends webhooks, as the chat's process sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chat.utils.outward.program import Program

WORKER = Path(__file__).with_name("worker.py")


class Sender(Program):
    """Sends webhooks. `networks`: private networks in which receivers may be.

    `longest_said`: how many bytes of an answer are told.
    """

    def __init__(self, networks: Sequence[str], longest_said: int = 500):
        super().__init__(WORKER, {"networks": list(networks), "longest_said": longest_said})

"""Somebody at a door who is not signed in: all that the chat knows of them by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.controllers.devices import Device, keyed
from chat.utils.fair_queue import never


@dataclass(frozen=True)
class Visitor:
    """`network` is what their address is counted as.

    `has_hung_up` tells whether they closed the connection. It never blocks.
    """

    network: str
    device: Device
    user_agent: str = ""
    has_hung_up: Callable[[], bool] = never

    @property
    def key(self) -> str:
        """Tell this visitor's device from others: by the token it sent, else by its network."""
        if self.device.is_new:
            return keyed("visitor", f"network {self.network}")
        return keyed("visitor", f"device {self.device.id}")


OPERATOR = Visitor("this machine", Device("", is_new=True))  # who calls from a shell here

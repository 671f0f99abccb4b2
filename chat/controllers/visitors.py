"""Describe a visitor: a sender who is not signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.controllers.devices import Device, keyed
from chat.utils.fair_queue import never


@dataclass(frozen=True)
class Visitor:
    """A sender who is not signed in.

    `network` is what their address counts as. `has_hung_up` returns whether they closed the
    connection. It never blocks.
    """

    network: str
    device: Device
    user_agent: str = ""
    has_hung_up: Callable[[], bool] = never

    @property
    def key(self) -> str:
        """Return what distinguishes this visitor's device: its token, else its network."""
        if self.device.is_new:
            return keyed("visitor", f"network {self.network}")
        return keyed("visitor", f"device {self.device.id}")


OPERATOR = Visitor("this machine", Device("", is_new=True))  # somebody in a shell on this machine

"""Describe a visitor: a sender who is not signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chat.controllers.devices import Device, keyed
from chat.utils.fair_queue import never


@dataclass(frozen=True)
class Visitor:
    """A sender who is not signed in, or who has to prove who they are.

    `network`: the network of the visitor's address. `has_hung_up` returns, without blocking,
    whether the visitor closed the connection. `signed_in_at`: when their session began, if any.
    """

    network: str
    device: Device
    user_agent: str = ""
    has_hung_up: Callable[[], bool] = never
    signed_in_at: datetime | None = None

    @property
    def key(self) -> str:
        """Return a key for this visitor's device or, if the device is new, for the network."""
        if self.device.is_new:
            return keyed("visitor", f"network {self.network}")
        return keyed("visitor", f"device {self.device.id}")


OPERATOR = Visitor("this machine", Device("", is_new=True))  # somebody in a shell on this machine

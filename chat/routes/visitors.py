"""Identify the sender of a request before authentication: their network and their device."""

from __future__ import annotations

from functools import partial

from flask import Response, g, request

from chat.controllers import devices
from chat.controllers.devices import Device
from chat.controllers.visitors import Visitor
from chat.models.session import Session
from chat.realtime import loop
from chat.realtime.addresses import network_of
from chat.routes import cookies

DEVICE_HEADER = "X-Device-Token"
OF_REQUEST = "chat.device"  # a key of the request's environment
# browsers store no cookie longer; each refresh of the session starts this time again
COOKIE_SECONDS = 400 * 24 * 3600


def visitor() -> Visitor:
    """Return who sends this request."""
    session: Session | None = g.get("session")
    return Visitor(
        network(),
        _device(),
        request.headers.get("User-Agent", ""),
        has_hung_up(),
        session.created_at if session else None,
    )


def has_hung_up() -> partial[bool]:
    """Return a function that tells whether the client of this request has closed the connection."""
    return partial(loop.has_hung_up, request.environ)


def network() -> str:
    """Return the network of this request's address: an IPv4 address, or an IPv6 /64."""
    return network_of(request.remote_addr or "unknown")


def set_cookie(response: Response, token: str) -> None:
    """Set the cookie in which a browser stores its device's token."""
    cookies.store(response, cookies.DEVICE, token, COOKIE_SECONDS)


def known_device() -> Device | None:
    """Return the device of this request, if somebody signed in on it before."""
    sent = request.headers.get(DEVICE_HEADER) or cookies.value_of(cookies.DEVICE)
    device = devices.device_of(sent)
    if device and device.people:
        return device
    return None


def _device() -> Device:
    """Return the device of this request; a new one is the same for the whole request."""
    device: Device | None = request.environ.get(OF_REQUEST)
    if device is None:
        device = request.environ[OF_REQUEST] = known_device() or Device.new()
    return device

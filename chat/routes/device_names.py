"""Name devices by what their clients say of themselves."""

from __future__ import annotations

from flask import request

from chat.utils.names import clean_name
from chat.utils.translation import _

LONGEST = 64  # characters of a name

# The first match in this order is right. The first name in a User-Agent itself is often wrong.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return a device's name from its User-Agent, like `Firefox on Linux`.

    A client that is not a known browser is shown under the name that it sends.
    """
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser and system:
        return _("{browser} on {system}", browser=browser, system=system)
    return user_agent or _("Unknown device")


def name_of_this_device() -> str:
    """Return the name of the device of this request, as a name that can be stored."""
    try:
        return clean_name(device_name(request.headers.get("User-Agent", ""))[:LONGEST])
    except ValueError:
        return _("Unknown device")

"""Name and read our cookies.

Browsers send cookies to every port of a host. So if PUBLIC_URL names a port, the names of the
chat's cookies end with it.
"""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions

ACCESS = "chat_access"
REFRESH = "chat_refresh"
CSRF = "chat_csrf"
DEVICE = "chat_device"
STEP = "chat_step"  # that the password was right, until the second step
REMEMBERED = "chat_remembered"  # that this device leaves the second step out
FLOW = "chat_flow_"  # one for each request to a provider of single sign-on, until it comes back
IDENTITY = "chat_identity"  # whom a provider vouches for, until the person consents
PROVIDER = "chat_provider"  # the provider by which somebody signed in
SHARED = "chat_shared"  # a text that another app shared, until its person chose a room for it
ZONE = "chat_zone"  # the browser's time zone; a script sets it
PANEL = "chat_panel"  # the page that the panel beside a room shows; a script sets it

FOLDED = "chat_folded"  # the folded parts of the list of rooms, with dots; a script sets it


def name_of(cookie: str) -> str:
    """Return the name of a cookie in this chat."""
    return f"{cookie}{extensions.settings().cookie_suffix}"


def value_of(cookie: str) -> str:
    """Return the value of the request's cookie; empty without one."""
    return request.cookies.get(name_of(cookie), "")


def store(response: AnyResponse, cookie: str, value: str, seconds: int, path: str = "/") -> None:
    """Set a cookie in the response that no script reads, for the addresses below a path."""
    response.set_cookie(
        name_of(cookie),
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=extensions.settings().secure,
    )


def remove(response: AnyResponse, cookie: str, path: str = "/") -> None:
    """Delete a cookie in the response."""
    response.delete_cookie(name_of(cookie), path=path)


def remove_beginning(response: AnyResponse, beginning: str, path: str, most: int) -> None:
    """Delete the cookies of the request whose names begin so, the oldest first, down to `most`."""
    suffix = extensions.settings().cookie_suffix
    found = [
        name for name in request.cookies if name.startswith(beginning) and name.endswith(suffix)
    ]
    for name in found[: max(0, len(found) - most)]:
        response.delete_cookie(name, path=path)

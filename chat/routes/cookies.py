"""Our cookies. Browsers send them to every port of a host: those of a chat whose PUBLIC_URL names a port end with it."""

from __future__ import annotations

from flask import request

from chat import extensions

ACCESS, REFRESH, CSRF, DEVICE = "chat_access", "chat_refresh", "chat_csrf", "chat_device"


def name_of(cookie: str) -> str:
    """Return how a cookie is called here."""
    return f"{cookie}{extensions.settings().cookie_suffix}"


def sent(cookie: str) -> str:
    """Return what the request's cookie says, or that of the plain name: from before PUBLIC_URL named a port. Empty without one.

    The plain one may be another chat's, so what it says is good for nothing until it is proved.
    """
    return request.cookies.get(name_of(cookie)) or request.cookies.get(cookie, "")

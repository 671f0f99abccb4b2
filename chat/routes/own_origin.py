"""Let only our own pages use our cookies."""

from __future__ import annotations

from flask import request

from chat import extensions
from chat.utils.errors import Forbidden


def require_own_origin() -> None:
    """Raise Forbidden unless the request comes from one of our own pages.

    In a GET by our own page (Socket.IO's polling) browsers
    send no Origin, but they send `Sec-Fetch-Site`, which scripts cannot set.
    """
    origin = request.headers.get("Origin")
    if (
        origin is None
        and request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "same-origin"
    ):
        return
    if origin not in extensions.settings().origins:
        raise Forbidden(
            f"This request does not come from a page of {extensions.settings().public_url}; check "
            "PUBLIC_URL."
        )

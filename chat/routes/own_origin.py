"""Let only our own pages use our cookies."""

from __future__ import annotations

from flask import request

from chat import extensions
from chat.utils.errors import Forbidden
from chat.utils.translation import _


def require_own_origin() -> None:
    """Raise Forbidden unless the request comes from one of our own pages.

    Browsers name the page's origin in the header `Origin`. They leave it out of a GET to the same
    origin, as in Socket.IO's polling; then `Sec-Fetch-Site` says so, which no script can set.
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
            _(
                "This request does not come from a page of {public_url}; check PUBLIC_URL.",
                public_url=extensions.settings().public_url,
            )
        )

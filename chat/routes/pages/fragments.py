"""Answer a page's main part alone, to a browser that has the rest already.

Scripts switch pages without a reload (`helpers/navigation.js`): they ask for the same address with
the header `X-Fragment: main`, and with `X-Purpose: prefetch` before the person has decided to go
there. A response without `X-Fragment` is a whole document, of a page that is not part of the app.
"""

from __future__ import annotations

from flask import Response, request

FRAGMENT = "X-Fragment"
PURPOSE = "X-Purpose"
MAIN = "main"


def is_fragment() -> bool:
    """Return whether the browser asked for the page's main part alone."""
    return request.headers.get(FRAGMENT) == MAIN


def is_prefetch() -> bool:
    """Return whether the page was fetched before the person decided to go there."""
    purposes = request.headers.get("Sec-Purpose", ""), request.headers.get(PURPOSE, "")
    return any("prefetch" in purpose for purpose in purposes)


def mark(response: Response) -> Response:
    """Name the fragment, so that the browser recognizes it; redirects lead on to one."""
    response.vary.add(FRAGMENT)
    if is_fragment() and response.mimetype == "text/html":
        response.headers[FRAGMENT] = MAIN
    return response

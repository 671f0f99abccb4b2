"""Read a request's body before it is handled, and then look at its sender again.

A body takes as long to arrive as its sender likes. Meanwhile they may be signed out, or no
administrator any more.
"""

from __future__ import annotations

from flask import g, request

from chat.controllers import sessions
from chat.routes import authentication, deadlines


def receive() -> None:
    """Read the body of a change, after its sender may send one.

    Raises Unauthenticated when the session ended meanwhile.
    """
    if request.method not in authentication.UNSAFE:
        return
    request.get_data(parse_form_data=True)
    g.person, g.session = sessions.require(g.session.id)
    deadlines.begin()

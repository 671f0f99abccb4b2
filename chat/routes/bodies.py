"""Read a request's body before it is handled, and then look at its sender again.

A body takes as long to arrive as its sender likes. Meanwhile they may be signed out, or no
administrator any more. This must not use up the database's time, so its limit begins afterwards.
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
    receive_of_stranger()
    g.person, g.session = sessions.require(g.session.id)


def receive_raw() -> bytes:
    """Read and return the body of a request that needs no session, whatever its type."""
    body = request.get_data(parse_form_data=False)
    deadlines.begin()
    return body


def receive_of_stranger() -> None:
    """Read the body of a request that needs no session."""
    request.get_data(parse_form_data=True)
    deadlines.begin()

"""Open and close sockets.

A socket stays open as long as its session, not only as long as the access token that opened it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import NamedTuple

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError

from chat.controllers import budgets, presence, sessions
from chat.controllers.broadcasts import audiences, hello
from chat.extensions import socketio
from chat.models.document import Id
from chat.models.session import Session
from chat.models.user import User
from chat.realtime.rare_log import RareLog
from chat.routes import languages
from chat.routes.errors import describe
from chat.routes.sockets.handshake import person_of_handshake
from chat.utils.errors import Unauthenticated

EVERY_REFUSAL = 1_000  # charged for a handshake that is refused


@dataclass(frozen=True)
class Connection:
    """A socket, its person and their session."""

    sid: str
    person: User
    session: Session


class Ids(NamedTuple):
    """A socket's person and session, as ids: thousands of objects would need much memory."""

    user_id: Id
    session_id: Id
    language: str  # that the browser likes best


_log = RareLog(logging.getLogger(__name__))

_connections: dict[str, Ids] = {}  # by socket


def connection_of(sid: str) -> Connection:
    """Return the connection, with the person as the database has them now.

    Raises Unauthenticated when the session has ended.
    """
    known = _connections.get(sid)
    if known is None:
        raise Unauthenticated
    signed_in = sessions.require(known.session_id)
    languages.use_preferred(signed_in.user.preferences, known.language)
    return Connection(sid, signed_in.user, signed_in.session)


def connect(auth: object = None) -> None:
    """Open a socket.

    Raises ConnectionRefusedError, with the code of the error as its message.
    """
    sid: str = request.sid  # type: ignore[attr-defined]
    try:
        signed_in = person_of_handshake(auth)
    except Exception as error:
        network = budgets.network(request.remote_addr)
        budgets.charge_afterwards("strangers' time", network, EVERY_REFUSAL)
        if budgets.retry_after("strangers' time", network):
            budgets.slow_down()
        code = describe(error).code
        _log.info("a handshake was refused", reason=code, network=network.name)
        raise ConnectionRefusedError(code) from error
    connection = Connection(sid, signed_in.user, signed_in.session)
    _connections[sid] = Ids(connection.person.id, connection.session.id, languages.accepted())
    # The hello runs in the background: the CONNECT packet must be the first, and leaves only when
    # this function returns.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    socketio.start_background_task(_greet, app, connection)


def disconnect(sid: str, _reason: str) -> None:
    audiences.forget_socket(sid)
    if known := _connections.pop(sid, None):
        presence.disconnected(known.user_id, sid)


def _greet(app: Flask, connection: Connection) -> None:
    with app.app_context():
        try:
            hello.greet(connection.sid, connection.person, connection.session)
            # This raises if the session was revoked during the hello: nothing else would disconnect
            # this socket.
            sessions.require(connection.session.id)
            if connection.sid in _connections:  # the socket may have closed during the hello
                presence.connected(connection.person, connection.sid)
        except Unauthenticated:
            socketio.disconnect(connection.sid)
        except Exception as error:  # noqa: BLE001  `describe` logs an error of ours
            describe(error)
            # After this, clients reconnect by themselves; after a `disconnect` they would not.
            socketio.close_transport(connection.sid)

"""A self-hosted real-time chat.

Routes receive requests, controllers act, models store and read, utils compute:
docs/architecture.md. Importing this module loads none of them, so that wsgi.py can start the
embedded database first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

VERSION = "0.2.0"  # pyproject.toml, package.json and CHANGELOG.md have the same version
# Seconds. The server and the browser notice a half-open connection after the sum of both.
PING_EVERY = 10
PONG_WITHIN = 5
# Bytes of a JSON or form body. A message may add 16 bytes for each of its characters.
LARGEST_REQUEST = 65_536


def create_app(settings: Settings, mongo_uri: str, *, embedded: bool = False) -> Flask:
    """Return the application, connected to its database, with its keys checked.

    Raises what `connect` raises.
    """
    app = build_app(settings)
    connect(settings, mongo_uri, embedded=embedded)
    attach_socketio(app, settings)
    return app


def build_app(settings: Settings) -> Flask:
    """Return the application without a connection to a database."""
    from chat import routes
    from chat.application import Application
    from chat.extensions import bind_settings
    from chat.utils.markup.links import use_hosts

    app = Application(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST + 16 * settings.max_message_chars
    bind_settings(settings)
    use_hosts(settings.link_hosts)
    routes.set_up(app, settings)
    return app


def connect(
    settings: Settings,
    mongo_uri: str,
    *,
    embedded: bool = False,
    must_exist: bool = False,
    finishes_restore: bool = False,
) -> None:
    """Connect to the database, check the keys, and bring an earlier version's data up to date.

    `must_exist`: change nothing in a database without a chat, or with an older program's data.
    `finishes_restore`: a backup is loaded, and this process ends its restore.

    Raises DatabaseUnreachable, DataFromNewerProgram, DataFromOlderProgram, HalvesUnusable,
    NoChatThere, RestoreUnfinished, WrongSecretKey: the text of each is a sentence for the operator.
    """
    from chat.extensions import off_the_loop
    from chat.models import derived, resealing
    from chat.models.database import database
    from chat.models.database.errors import DataFromOlderProgram
    from chat.models.halves import halves
    from chat.models.key_ring import key_ring

    database.connect(
        mongo_uri, embedded=embedded, must_exist=must_exist, finishes_restore=finishes_restore
    )
    if must_exist and (resealing.is_due() or derived.is_due()):
        raise DataFromOlderProgram
    halves.open(settings.secrets_dir, off_the_loop, in_database=settings.halves_in_database)
    key_ring.unlock(settings.secret_key, settings.secret_keys_retired)
    resealing.reseal()
    derived.rebuild_outdated()


def attach_socketio(app: Flask, settings: Settings) -> None:
    """Attach Socket.IO to the connected application, and guard all routes and events."""
    from chat import routes
    from chat.extensions import socketio
    from chat.models.database import database
    from chat.models.key_ring import key_ring
    from chat.realtime.descriptors import most_sockets
    from chat.realtime.engineio import limits

    transports = ["polling", "websocket"]
    if settings.workers > 1:
        # Only WebSockets: the polls of one session would reach different processes.
        transports = ["websocket"]
    socketio.init_app(
        app,
        ping_interval=PING_EVERY,
        ping_timeout=PONG_WITHIN,
        manage_session=False,  # there is no Flask session
        # no origin is foreign to Socket.IO: the chat's own handshake checks the Origin, to explain
        # a refusal
        cors_allowed_origins=[],
        max_http_buffer_size=app.config["MAX_CONTENT_LENGTH"],
        limits=settings.rate_limits,
        most_pending=min(limits.PENDING, most_sockets() // 2),
        transports=transports,
        message_queue=settings.redis_url,
        channel=f"chat:{database.instance}",  # the chats that share a Redis have different channels
        message_queue_seal=key_ring.queue_seal(),
    )
    routes.guard(app, settings)

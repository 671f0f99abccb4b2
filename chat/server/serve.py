"""Serve the chat on HOST and PORT: in one process, or in workers under a master.

The master owns the embedded database and restarts workers (master.py).
"""

from __future__ import annotations

import contextlib
import gc
import logging
import socket
import sys
import threading

import eventlet
import greenlet
from flask import Flask

from chat import VERSION, attach_socketio, build_app, connect
from chat.controllers import jobs
from chat.extensions import settings as bound_settings
from chat.extensions import socketio
from chat.models.database import database
from chat.models.database.errors import (
    ChatThere,
    DatabaseUnreachable,
    DataFromNewerProgram,
    DataFromOlderProgram,
    NoChatThere,
    RestoreUnfinished,
)
from chat.models.halves.store import HalvesUnusable
from chat.models.key_ring.proofs import WrongSecretKey
from chat.models.setup_link import new_setup_token
from chat.realtime import loop
from chat.realtime.descriptors import most_sockets
from chat.realtime.http.connections import MOST_OF_NETWORK
from chat.realtime.loop import http_server
from chat.routes.headers import default_headers
from chat.server import supervisor
from chat.server.embedded_database import EmbeddedDatabase, EmbeddedDatabaseFailed
from chat.server.listening import listen
from chat.server.master import Master, end_with_master, wait_for_go
from chat.server.stop_signals import StopSignals
from chat.server.supervisor import give_up, sentence_of
from chat.utils import metric_folder
from chat.utils.own_address import command_for_others, is_loopback
from config import ConfigurationError, Settings

# Errors that an operator can fix: the chat prints their sentence, without a traceback.
START_ERRORS = (
    ChatThere,
    ConfigurationError,
    DatabaseUnreachable,
    DataFromNewerProgram,
    DataFromOlderProgram,
    EmbeddedDatabaseFailed,
    HalvesUnusable,
    NoChatThere,
    OSError,
    RestoreUnfinished,
    WrongSecretKey,
)

log = logging.getLogger(__name__)


def serve(
    settings: Settings, embedded: EmbeddedDatabase | None, lifeline: socket.socket | None
) -> None:
    """Serve until a signal of supervisor.STOP arrives; a signal also stops a start in progress.

    `embedded`: a starting database, which this process then owns.
    `lifeline`: the connection to the master, in a worker that the master restarted.
    """
    app = build_app(settings)
    master = None
    _freeze_start_objects()
    if settings.workers > 1 and not lifeline:
        metric_folder.make()
        master = Master(settings.workers)
        lifeline = master.fork()  # before any greenlet, thread or connection exists
        if lifeline:
            master = None
            loop.start_new_loop()
            if embedded:
                embedded.leave()
                embedded = None
    stop_signals = StopSignals()
    running = eventlet.spawn(_run, settings, app, embedded, master, lifeline)
    running.link(lambda _: stop_signals.serving_ended())
    stopped_by = stop_signals.wait()
    if stopped_by and not lifeline:  # the master logs the signal for all workers
        log.info("the chat stops", extra={"signal": stopped_by.name})
    socketio.drain()
    running.kill()
    with contextlib.suppress(greenlet.GreenletExit):
        running.wait()
    if stopped_by and not lifeline:
        log.info("the chat has stopped")
    if not stopped_by:
        log.error("serving ended, and nobody asked for that")
        sys.exit(1)


def _run(
    settings: Settings,
    app: Flask,
    embedded: EmbeddedDatabase | None,
    master: Master | None,
    lifeline: socket.socket | None,
) -> None:
    """Start the chat, and serve or supervise workers; stop all when this greenlet is killed.

    `master`: only in the master. `lifeline`: only in a worker, its connection to the master.
    """
    with contextlib.ExitStack() as stack:
        if embedded:
            stack.callback(embedded.stop)
        parent = None
        try:
            if lifeline:
                wait_for_go(lifeline)
            if not master and (parent := lifeline or supervisor.lifeline_to_parent()):
                eventlet.spawn(end_with_master, parent)
            listener = listen(settings, shared=lifeline is not None)
            if master:
                listener.close()  # it only tested the address; the workers open their own
                stack.callback(metric_folder.remove)
                stack.callback(master.stop)
            _connect(settings, embedded, stack)
            if not master:
                attach_socketio(app, settings)
            if not lifeline:
                welcome(settings)
        except START_ERRORS as error:
            give_up(sentence_of(error))
        if master:
            master.go()
            master.watch(threading.Event())
        else:
            _serve(stack, listener, app, parent)


def _connect(
    settings: Settings, embedded: EmbeddedDatabase | None, stack: contextlib.ExitStack
) -> None:
    """Connect to the database of MONGO_URI, or to the embedded one, ours or our master's."""
    stack.callback(database.close)
    if settings.mongo_uri:
        connect(settings, settings.mongo_uri)
    else:
        if embedded:
            embedded.wait()
        else:
            embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach()
        connect(settings, embedded.uri, embedded=True)


def _serve(
    stack: contextlib.ExitStack,
    listener: eventlet.greenio.GreenSocket,
    app: Flask,
    parent: socket.socket | None,
) -> None:
    """Start the periodic jobs, and serve requests.

    `parent`: the connection that tells the parent or master that this process serves.
    """
    # later collections skip the objects of the start, which stay as long as the process
    gc.freeze()
    jobs.start()
    stack.callback(jobs.stop)
    if parent:
        parent.send(b".")
    serve_http(listener, app)


def serve_http(listener: eventlet.greenio.GreenSocket, app: Flask) -> None:
    """Serve requests until this greenlet is killed. Yields.

    Behind proxies every connection comes from a proxy, so the first proxy must limit each client's.
    """
    settings = bound_settings()
    sockets = most_sockets()
    counted = settings.rate_limits and not settings.trusted_proxies
    log.info("serving", extra={"most_sockets": sockets})
    http_server.serve(
        listener,
        app,
        most_sockets=sockets,
        most_of_network=MOST_OF_NETWORK if counted else None,
        headers=default_headers(settings),
        make_room=socketio.make_room,
    )


def welcome(settings: Settings) -> None:
    """Print the chat's address and, until there is an administrator, the link to become one."""
    log.info(
        "the chat starts",
        extra={
            "version": VERSION,
            "address": settings.bind,
            "public_url": settings.public_url,
            "workers": settings.workers,
            "database": _database_of(settings),
            "queue": "redis" if settings.redis_url else "none",
            "registration": settings.registration,
            "limits": "on" if settings.rate_limits else "off",
            "most_sockets": most_sockets(),
        },
    )
    print(f"\n  The chat is at {settings.public_url}", flush=True)
    if token := new_setup_token():
        print(
            f"  Become its first administrator, once: {settings.public_url}/setup/{token}",
            flush=True,
        )
    if is_loopback(settings.public_url):
        print(
            "  Only this computer reaches it. For a try with other devices of this network:\n"
            f"  {command_for_others(settings.port)}",
            flush=True,
        )
    print("  Ctrl-C stops it.\n", flush=True)


def _database_of(settings: Settings) -> str:
    if database.embedded:
        return f"{settings.data_dir} (embedded)"
    return f"{database.name} of {database.address}"


def _freeze_start_objects() -> None:
    """Exclude the objects of the start from garbage collection, because all of them stay.

    A garbage collection that scanned them would block the loop for 50 ms.
    """
    gc.collect()
    gc.freeze()

"""Guard every event: authenticate, limit and validate it, and always answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from chat.controllers import api_tokens, budgets
from chat.extensions import socketio
from chat.models.database import database
from chat.realtime.loop import LoopTime
from chat.routes.errors import describe, not_accepted
from chat.routes.sockets.connection import Connection, connection_of
from chat.schemas.base import Input
from chat.utils import metrics
from chat.utils.errors import BadRequest
from chat.utils.text import quoted
from chat.utils.translation import _

SLOW_SECONDS = 2.0
UNKNOWN = "unknown"  # what the metrics call an event that there is not
EVERY_EVENT = 100  # microseconds of an event that this module does not measure

logger = logging.getLogger(__name__)

Answer = dict[str, Any]
Handler = Callable[
    ..., Answer
]  # (connection, **payload) -> the fields of the acknowledgement beside `ok`


@dataclass(frozen=True)
class Event:
    takes: type[Input]
    handler: Handler
    counts_as: str | None = "write"  # the name of a limit
    scope: str = "write"  # that an API token needs
    # It waits for more than the database. This must not use up the database's time, so each
    # operation has its own time limit there.
    is_unbounded: bool = False


def guarded(event: Event, name: str) -> Callable[..., Answer]:
    """Return `event` as SocketIO calls it, without a request context.

    `name`: what clients call it, for the metrics. The handler returns the acknowledgement, which is
    sent if the client requested one.
    """
    schema = event.takes()
    counted = metrics.Event(name)

    def answer(sid: str, *arguments: object) -> Answer:
        def handle(connection: Connection) -> Answer:
            if len(arguments) != 1 or not isinstance(arguments[0], dict):
                raise BadRequest(_("Send an event with one object."))
            api_tokens.must_have(connection.session, event.scope)
            return event.handler(connection, **_load(schema, arguments[0]))

        began = time.monotonic()
        answered = _charged(sid, event.counts_as, handle, is_unbounded=event.is_unbounded)
        seconds = time.monotonic() - began
        counted.answered(seconds, is_ok=answered["ok"])
        if seconds > SLOW_SECONDS:
            about = {
                "event": event.handler.__name__,
                "ok": answered["ok"],
                "milliseconds": round(seconds * 1000),
            }
            logger.warning("a slow event", extra=about)
        return answered

    return answer


def answer_unknown(event: str, sid: str, *_arguments: object) -> Answer:
    """Charge an unknown event like a known event, and answer it."""

    def handle(_connection: Connection) -> Answer:
        raise BadRequest(_("There is no event “{event}”.", event=quoted(event)))

    metrics.socket_events.labels(UNKNOWN, "refused").inc()
    return _charged(sid, "write", handle)


def _charged(
    sid: str,
    counts_as: str | None,
    handle: Callable[[Connection], Answer],
    *,
    is_unbounded: bool = False,
) -> Answer:
    connection: Connection | None = None
    measured = LoopTime()
    try:
        since = socketio.arrived_at(sid)
        with measured, nullcontext() if is_unbounded else database.deadline(since=since):
            connection = connection_of(sid)
            budgets.require_time(connection.person.answerable_id, socketio.address_of(sid))
            if counts_as:  # before the handler, so that a refused event is charged, too
                budgets.charge(counts_as, connection.person.answerable_id)
            return {"ok": True, **handle(connection)}
    except Exception as error:  # noqa: BLE001  `describe` logs an error of ours
        return {"ok": False, "error": describe(error).as_dict()}
    finally:
        if connection:
            microseconds = measured.microseconds + EVERY_EVENT
            budgets.charge_time(
                connection.person.answerable_id, socketio.address_of(sid), microseconds
            )


def _load(schema: Input, payload: dict[Any, Any]) -> dict[str, Any]:
    try:
        return schema.take(payload)
    except ValidationError as error:
        raise not_accepted(error.messages) from None

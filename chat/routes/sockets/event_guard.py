"""The guard that every event passes: signed in · limited · of the right shape · answered, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from chat.controllers import budgets
from chat.extensions import socketio
from chat.models.database import database
from chat.realtime.eventlet_hub import LoopTime
from chat.routes.errors import describe, sentences
from chat.routes.sockets.connection import Connection, connection_of
from chat.schemas.fields import Input
from chat.utils.errors import BadRequest, ValidationFailed
from chat.utils.text import quoted

SLOW_SECONDS = 2.0
EVERY_EVENT = 100  # microseconds that are taken before and after what is measured here

logger = logging.getLogger(__name__)

Answer = dict[str, Any]
Handler = Callable[
    ..., Answer
]  # (connection, **payload) -> what the acknowledgement holds beside `ok`


@dataclass(frozen=True)
class Event:
    takes: type[Input]
    handler: Handler
    counts_as: str | None = "write"  # a limit's name


def guarded(event: Event) -> Callable[..., Answer]:
    """`event` as SocketIO calls it, without a request context. What it returns is the acknowledgement, sent if the client asked for one."""
    schema = event.takes()

    def answer(sid: str, *arguments: object) -> Answer:
        def handle(connection: Connection) -> Answer:
            if len(arguments) != 1 or not isinstance(arguments[0], dict):
                raise BadRequest("An event takes one object.")
            return event.handler(connection, **_load(schema, arguments[0]))

        began = time.monotonic()
        answered = _charged(sid, event.counts_as, handle)
        if (seconds := time.monotonic() - began) > SLOW_SECONDS:
            about = {
                "event": event.handler.__name__,
                "ok": answered["ok"],
                "milliseconds": round(seconds * 1000),
            }
            logger.warning("a slow event", extra=about)
        return answered

    return answer


def answer_unknown(event: str, sid: str, *_: object) -> Answer:
    """Whatever else a client sends costs it as much as what there is."""

    def handle(_: Connection) -> Answer:
        raise BadRequest(f"There is no event “{quoted(event)}”.")

    return _charged(sid, "write", handle)


def _charged(sid: str, counts_as: str | None, handle: Callable[[Connection], Answer]) -> Answer:
    connection: Connection | None = None
    measured = LoopTime()
    try:
        with measured, database.deadline(since=socketio.arrived_at(sid)):
            connection = connection_of(sid)
            budgets.require_time(connection.person.id, socketio.address_of(sid))
            if counts_as:  # before anything is looked at: what is refused has been work, too
                budgets.charge(counts_as, connection.person.id)
            return {"ok": True, **handle(connection)}
    except Exception as error:  # noqa: BLE001  described, logged where it is ours, and answered
        return {"ok": False, "error": describe(error).as_dict()}
    finally:
        if connection:
            microseconds = measured.microseconds + EVERY_EVENT
            budgets.charge_time(connection.person.id, socketio.address_of(sid), microseconds)


def _load(schema: Input, payload: dict[Any, Any]) -> dict[str, Any]:
    try:
        return schema.take(payload)
    except ValidationError as error:
        raise ValidationFailed(fields=sentences(error.messages)) from None

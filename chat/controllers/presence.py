"""Track who is online (has an active device) or away (all connected devices are idle).

Each process knows its own sockets. The other processes send their people's statuses over the queue,
and also store them in the database.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from chat import extensions
from chat.controllers import broadcasts
from chat.controllers.broadcasts import audiences
from chat.extensions import socketio
from chat.models import circle
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from
from chat.models.peers import presences
from chat.models.peers.presences import Statuses
from chat.models.user import User
from chat.utils.errors import Unavailable

ONLINE = "online"
AWAY = "away"
OFFLINE = "offline"
GRACE_SECONDS = 5.0  # so long a person without a socket stays, because a page may be reloading
WRITE_AGAIN_SECONDS = 15.0  # between two writes of unchanged statuses
# A status from the queue overrides the stored status for so long. By then the process that sent it
# has stored it, too.
HOLDS_SECONDS = 6.0

# The sockets of this process: person -> socket -> status.
_sockets: defaultdict[Id, dict[str, str]] = defaultdict(dict)
_elsewhere: dict[str, Statuses] = {}
# (process, person) -> status from the queue, and until when it holds.
_from_queue: dict[tuple[str, Id], tuple[str, float]] = {}
_emitted: Statuses = {}  # the statuses that our listeners know; everybody else is offline
_unsent: set[Id] = set()  # people whose status was not emitted, because the database failed
_leaving: dict[Id, float] = {}  # people without a socket -> until when they still count as present
_written: tuple[Statuses, float] = ({}, 0.0)


def connected(person: User, sid: str) -> None:
    """Note that a person's socket opened."""
    _sockets[person.id][sid] = ONLINE
    _leaving.pop(person.id, None)
    _changed_here(person.id)


def disconnected(user_id: Id, sid: str) -> None:
    """Note that a person's socket closed."""
    _sockets[user_id].pop(sid, None)
    if _sockets[user_id]:
        _changed_here(user_id)
    else:
        del _sockets[user_id]
        _leaving[user_id] = time.monotonic() + GRACE_SECONDS


def set_status(person: User, sid: str, status: str) -> None:
    """Set the status that a device reports: "online", or "away" after a while without input."""
    if sid in _sockets.get(person.id, ()):
        _sockets[person.id][sid] = status
        _changed_here(person.id)


def status_of(user_id: Id) -> str:
    """Return "online", "away" or "offline", as far as this process knows."""
    statuses = {_status_here(user_id)} | {
        people.get(user_id, OFFLINE) for people in _elsewhere.values()
    }
    return next(status for status in (ONLINE, AWAY, OFFLINE) if status in statuses)


def seen_by(person: User, user_ids: Iterable[Id]) -> Statuses:
    """Return the statuses of some people as the person may see them.

    People without a common room with the person are offline to them.
    """
    ids = set(user_ids)
    seen: set[Id] = set()
    judged: set[Id] = set()
    # Somebody may come while the database is asked. Then the answer must not say offline: it would
    # override the event that said online.
    while unjudged := {user_id for user_id in ids if status_of(user_id) != OFFLINE} - judged:
        seen |= _in_sight_of(person, unjudged)
        judged |= unjudged
    return {user_id: status_of(user_id) if user_id in seen else OFFLINE for user_id in ids}


def poll_peers() -> None:
    """Mark people who disconnected, retry failed emits, and read other processes' statuses."""
    for user_id in [*_leaving]:
        # The person may have come back while the one before was announced.
        if user_id in _leaving and _leaving[user_id] <= time.monotonic():
            del _leaving[user_id]
            _changed_here(user_id)
    for user_id in [*_unsent]:
        _unsent.discard(user_id)  # first: a change during the emit must be queued again
        _emit(user_id)
    if not extensions.settings().redis_url:
        return
    _write()
    found = presences.of_others()
    for key in [key for key, (_, until) in _from_queue.items() if until <= time.monotonic()]:
        del _from_queue[key]
    for process in found.keys() | {process for process, _ in _from_queue} | _elsewhere.keys():
        # Another status may come over the queue while those of the process before are emitted.
        _apply(process, found.get(process, {}) | _noticed(process))


def handle_notice(about: dict[str, Any]) -> None:
    """Apply a person's status that another process sent."""
    user_id = id_from(about["user_id"])
    process = about["process"]
    status = about["status"]
    if user_id:
        _from_queue[process, user_id] = status, time.monotonic() + HOLDS_SECONDS
        _apply(process, {**_elsewhere.get(process, {}), user_id: status})


def end() -> None:
    """Delete this process's statuses, because the process ends."""
    if extensions.settings().redis_url:
        presences.delete()


def _noticed(process: str) -> Statuses:
    return {
        user_id: status
        for (sender, user_id), (status, _) in _from_queue.items()
        if sender == process
    }


def _in_sight_of(person: User, user_ids: set[Id]) -> set[Id]:
    """Return the people among `user_ids` who share a room with the person."""
    seen = audiences.who_share_a_room_with(person.id, user_ids)
    # The sockets that tell may belong to other processes, or be those of a page that is reloading.
    several = bool(extensions.settings().redis_url)
    untold = {user_id for user_id in user_ids - seen if several or user_id not in _sockets}
    return seen | circle.in_sight_of(person.id, untold) if untold else seen


def _status_here(user_id: Id) -> str:
    if user_id in _leaving:
        return _emitted.get(user_id, OFFLINE)
    statuses = _sockets.get(user_id, {}).values()
    if ONLINE in statuses:
        return ONLINE
    return AWAY if statuses else OFFLINE


def _changed_here(user_id: Id) -> None:
    _emit_if_changed(user_id)
    socketio.notify(
        "presence",
        {
            "process": presences.process_id(),
            "user_id": str(user_id),
            "status": _status_here(user_id),
        },
    )


def _apply(process: str, people: Statuses) -> None:
    before = _elsewhere.get(process, {})
    _elsewhere[process] = {
        user_id: status for user_id, status in people.items() if status != OFFLINE
    }
    if not people:
        del _elsewhere[process]
    for user_id in {
        user_id
        for user_id in before.keys() | people.keys()
        if before.get(user_id) != people.get(user_id)
    }:
        _emit_if_changed(user_id)


def _emit_if_changed(user_id: Id) -> None:
    """Emit a person's status if it is new to our listeners.

    If the database fails, `poll_peers` retries the emit.
    """
    status = status_of(user_id)
    if status == _emitted.get(user_id, OFFLINE):
        return
    _emitted[user_id] = status
    if status == OFFLINE:
        del _emitted[user_id]
    with suppress(DatabaseError, Unavailable):
        _emit(user_id)


def _emit(user_id: Id) -> None:
    """Emit a person's status to our listeners.

    Raises DatabaseError, Unavailable. Then `poll_peers` retries the emit.
    """
    try:
        broadcasts.presence_changed(user_id, status_of)
    except (DatabaseError, Unavailable):
        _unsent.add(user_id)
        raise


def _write() -> None:
    global _written  # noqa: PLW0603  statuses and time of the last write
    here = {user_id: _status_here(user_id) for user_id in [*_sockets, *_leaving]}
    if here != _written[0] or time.monotonic() - _written[1] > WRITE_AGAIN_SECONDS:
        presences.store(here)
        _written = (here, time.monotonic())

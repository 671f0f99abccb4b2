"""Emit the entries of each room in `seq` order, through a Sequencer per room."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from chat.controllers.broadcasts import notifications
from chat.controllers.broadcasts.audiences import everybody_in
from chat.controllers.broadcasts.sequencer import Sequencer
from chat.extensions import socketio
from chat.models.document import Id
from chat.models.log import POSTED, log_of
from chat.models.membership import Membership
from chat.models.reading import Reading

# Attempts to read all rooms of a person at one moment, while people write very much in the rooms.
ROUNDS = 20

Payload = dict[str, Any]

_sequencers: dict[Id, Sequencer] = {}


def sequencer_of(room_id: Id) -> Sequencer:
    if (sequencer := _sequencers.get(room_id)) is None:
        audience = everybody_in(room_id)
        sequencer = Sequencer(
            room_id, partial(socketio.has_anybody, audience), partial(_emit, audience)
        )
        _sequencers[room_id] = sequencer
    return sequencer


def _emit(audience: str, entry: Payload) -> None:
    if entry["event"] != POSTED:
        socketio.emit_here(entry["event"], entry, audience)
        return
    posted_at = datetime.fromisoformat(entry["message"]["created_at"])
    socketio.emit_here(POSTED, entry, audience, since=posted_at.timestamp())
    notifications.notify_in_background(entry["message"])


def forget_room(room_id: Id) -> None:
    """Forget a deleted room's sequencer."""
    _sequencers.pop(room_id, None)


def expect_listeners(room_id: Id) -> None:
    """Prepare for a listener that does not know the room's head. Call this before it listens."""
    if sequencer := _sequencers.get(room_id):
        sequencer.expect_listeners()


def emit_heads() -> None:
    """Emit `room:heads` to everybody in each room that has just become quiet.

    From the head, a client that lost the last entry learns that there was one.
    """
    for room_id, sequencer in list(_sequencers.items()):
        if sequencer.became_quiet() and sequencer.last_seq is not None:
            socketio.emit_here(
                "room:heads", {str(room_id): sequencer.last_seq}, everybody_in(room_id)
            )


def look_for_more(room_id: Id) -> None:
    """Emit entries that nobody announced to this process, if it has listeners in the room."""
    if not socketio.has_anybody(everybody_in(room_id)):
        return
    sequencer = sequencer_of(room_id)
    if sequencer.last_seq is None:
        sequencer.begin_soon_at(log_of(room_id).head().seq)
    elif log_of(room_id).has(sequencer.last_seq + 1):
        sequencer.catch_up(log_of(room_id).head().seq)


def readings_at_one_moment(
    memberships: list[Membership], readings: dict[Id, Reading] | None = None
) -> dict[Id, Reading]:
    """Return readings such that each room's sequencer still has all entries after the reading.

    People write during the reading. A person with busy rooms must not wait until people stop, so
    only rooms that moved too far are read again. If no room did, this does not yield.
    """
    readings = dict(readings or {})
    for _ in range(ROUNDS):
        moved = [
            membership
            for membership in memberships
            if (reading := readings.get(membership.room.id)) is None
            or sequencer_of(membership.room.id).since(reading.head_seq) is None
        ]
        if not moved:
            break
        readings |= _readings_of(moved)
        for membership in moved:
            room_id = membership.room.id
            sequencer_of(room_id).begin_at(readings[room_id].head_seq)
    return readings


def _readings_of(memberships: list[Membership]) -> dict[Id, Reading]:
    """Return readings whose heads are at least as new as any entry that a client has seen.

    If this process is alone and has listeners in the room, its sequencer knows this head without a
    query.
    """
    is_alone = socketio.queue_state == "off"
    readings: dict[Id, Reading] = {}
    if is_alone:
        for membership in memberships:
            sequencer = sequencer_of(membership.room.id)
            if sequencer.last_seq is not None and sequencer.has_listeners():
                readings[membership.room.id] = Reading.at(membership, sequencer.last_seq)
    rest = [membership for membership in memberships if membership.room.id not in readings]
    return readings | Reading.of_many(rest, alone=is_alone)


def emit_missed(room_id: Id, reading: Reading, sids: list[str]) -> None:
    """Emit the entries after a reading to sockets that missed these entries.

    The sockets joined the room's audience after the reading.
    """
    for entry in sequencer_of(room_id).since(reading.head_seq) or ():
        for sid in sids:
            socketio.emit_here(entry["event"], entry, sid)

"""Exports that people ask for in the chat: a room's owners for the room, everybody for themselves.

A program of its own makes the files (`bin/chat make-exports`), which a job starts: people who write
notice nothing of it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from chat.controllers import access, budgets, exports, room_lines, rooms, sessions, storage
from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import id_from
from chat.models.export import taking
from chat.models.export.progress import Progress
from chat.models.export.taking import Order
from chat.models.membership import Membership
from chat.models.prepared_export import FAILED, MOST, READY, PreparedExport
from chat.models.room import Room
from chat.models.user import User
from chat.utils.encryption import CannotOpen
from chat.utils.errors import ChatError, Conflict, NotFound, Unavailable
from chat.utils.translation import _

MOST_BYTES = 2**30  # of a file; larger ones are for an operator with `bin/chat export`
RENEW_SECONDS = 1.0
AFTER_A_FAILURE = 60  # seconds: what fails at once would fail again at once
LONGEST_SECONDS = 6 * 3600  # a program that takes longer is ended
HERE = Path(__file__).resolve().parents[2]

logger = logging.getLogger(__name__)


def ask_for_room(person: User, room_id: str) -> PreparedExport:
    """Ask for a room. Raises NotFound, Forbidden, Conflict, RateLimited, DiskNearlyFull."""
    room = access.membership(person, room_id).must("export").room
    return _ask(person, room)


def ask_for_own(person: User) -> PreparedExport:
    """Ask for what the chat keeps about a person. Raises Conflict, RateLimited, DiskNearlyFull."""
    return _ask(person, None)


def list_of(person: User) -> list[PreparedExport]:
    """Return what the person asked for, the newest first."""
    return PreparedExport.of_person(person.id)


def rooms_of(person: User, found: Iterable[PreparedExport]) -> list[Membership]:
    """Return the person's memberships of the rooms of exports; those that they left are missing."""
    return rooms.memberships_of(person, [str(each.room_id) for each in found if each.room_id])


def find(person: User, export_id: str) -> PreparedExport:
    """Return an export of the person's. Raises NotFound."""
    found_id = id_from(export_id)
    found = PreparedExport.find(found_id) if found_id else None
    if found is None or found.user_id != person.id:
        raise NotFound(_("There is no such export."))
    return found


def file_of(person: User, export_id: str) -> tuple[PreparedExport, Iterator[bytes]]:
    """Return an export that is ready, and its file.

    Who may not export the room any more does not get it. Raises NotFound, Forbidden, Conflict.
    """
    found = find(person, export_id)
    if found.room_id:
        access.membership_now(person, str(found.room_id)).must("export")
    if found.state == FAILED:
        raise Conflict(_("This export failed."))
    if found.state != READY:
        raise Conflict(_("This export is not ready yet."))
    return found, found.read()


def delete(person: User, export_id: str) -> None:
    """Delete an export, also one that is being made. Raises NotFound."""
    find(person, export_id).remove()


def delete_expired() -> None:
    """Delete the exports whose day is over."""
    for each in PreparedExport.expired():
        each.remove()


def start_program() -> None:
    """Start the program that makes exports if any wait, and see to its end."""
    if not PreparedExport.are_due():
        return
    program = subprocess.Popen(
        [sys.executable, "-m", "chat", "make-exports"],
        cwd=HERE,
        env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONSAFEPATH": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + LONGEST_SECONDS
    while (code := program.poll()) is None:
        if time.monotonic() > end:
            program.kill()
        socketio.sleep(0.2)
    if code:
        logger.warning("the program that makes exports failed", extra={"code": code})
        if code > 0:  # nobody killed it
            socketio.sleep(AFTER_A_FAILURE)


def make_waiting(version: str) -> int:
    """Make the exports that wait. Return how many are ready.

    `version`: of this program. Raises DatabaseError, Unavailable: another try follows.
    """
    made = 0
    while export := PreparedExport.claim():
        made += _make(export, version)
    return made


def _ask(person: User, room: Room | None) -> PreparedExport:
    mine = PreparedExport.of_person(person.id)
    room_id = room.id if room else None
    for each in mine:
        if each.room_id == room_id and each.is_under_way:
            return each
    if len(mine) >= MOST:
        raise Conflict(_("You have {most} exports; delete one of them first.", most=MOST))
    storage.require_space()
    budgets.charge("export", person.id)
    if room:
        room_lines.note_export(person, room)
    return PreparedExport.make(person.id, room_id)


def _make(export: PreparedExport, version: str) -> bool:
    """Make one export. What cannot be made is given up; the asker reads that it failed."""
    if export.was_tried_enough:
        export.fail()
        return False
    try:
        order = _order(export, version)
        with tempfile.TemporaryFile() as file:
            if not _write(export, order, file):
                return False
            return export.finish(file, taking.rest)
    except (DatabaseError, Unavailable):
        raise
    except (ChatError, CannotOpen, OSError) as error:
        logger.warning("an export failed", extra={"id": str(export.id), "reason": str(error)})
        export.fail()
        return False


def _order(export: PreparedExport, version: str) -> Order:
    """Return what its asker may have now. Raises NotFound, Forbidden."""
    person = User.find(export.user_id)
    if person is None:
        raise NotFound
    sessions.must_be_active(person)
    if export.room_id is None:
        return exports.order_of_person(person, version, person)
    room = access.membership_now(person, str(export.room_id)).must("export").room
    return exports.order_of_room(room, version, person)


def _write(export: PreparedExport, order: Order, file: IO[bytes]) -> bool:
    """Write the file. Return False if it would be too large, or the export was deleted."""
    renewed, progress = time.monotonic(), Progress()
    for progress in taking.write(file, ".zip", Path(tempfile.gettempdir()), order):
        if file.tell() > MOST_BYTES:
            export.fail(is_too_large=True)
            return False
        if time.monotonic() - renewed >= RENEW_SECONDS:
            renewed = time.monotonic()
            storage.check_disk()
            storage.require_space()
            if not _renew(export, progress):
                return False
    return _renew(export, progress)


def _renew(export: PreparedExport, progress: Progress) -> bool:
    return export.renew(progress.rooms, progress.of_rooms, progress.messages)

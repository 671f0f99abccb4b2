"""Take an export: read rooms one after another, and give what is read to a target."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from chat.models.damaged import Damaged
from chat.models.document import Id
from chat.models.export import form
from chat.models.export.json_target import JsonTarget
from chat.models.export.page_target import PageTarget
from chat.models.export.progress import Progress
from chat.models.export.room_reading import Pace, RoomReading
from chat.models.export.targets import Target
from chat.models.export.zip_target import ZipTarget
from chat.models.room import Room
from chat.models.user import User
from chat.utils.new_file import new_file

REST = 2.0  # seconds of rest for each second that the database worked
LONGEST_REST = 0.5
KINDS = (".json", ".html", ".zip")  # endings of an export's file


class Order(NamedTuple):
    """What to export. `note` gets each room before anything of it is read, which `read` does."""

    about: form.About
    room_ids: list[Id]
    note: Callable[[Room], None]
    read: Callable[[Room, Pace], RoomReading] = RoomReading


def take(path: Path, order: Order) -> Iterator[Progress]:
    """Write rooms into a new file `path`, whose ending is one of KINDS. Yield after each step.

    Rooms that are deleted meanwhile are left out. Raises OSError, DatabaseError, Unavailable.
    """
    with new_file(path) as file:
        yield from write(file, path.suffix, path.parent, order)


def write(file: IO[bytes], kind: str, folder: Path, order: Order) -> Iterator[Progress]:
    """Write rooms into an open file, as `take` does.

    `kind`: one of KINDS. `folder`: where a nameless file may be.
    """
    progress = Progress(of_rooms=len(order.room_ids))
    with contextlib.ExitStack() as stack:
        target: Target
        if kind == ".json":
            target = JsonTarget(order.about, file.write)
        elif kind == ".html":
            target = PageTarget(order.about, file.write)
        else:
            target = stack.enter_context(ZipTarget.writing(order.about, file, folder, progress))
        yield from _Taking(target, progress, order).run()


class _Taking:
    def __init__(self, target: Target, progress: Progress, order: Order):
        self._target = target
        self._progress = progress
        self._order = order
        self._people: set[Id] = set()

    def run(self) -> Iterator[Progress]:
        for room_id in self._order.room_ids:
            try:
                room = Room.find_now(room_id)
            except Damaged as error:
                room = None
                self._progress.problems.append(str(error))
            if room:
                self._order.note(room)
                yield from self._take_room(room)
            self._progress.rooms += 1
            yield self._progress
        found = (user for user in User.find_many(self._people).values() if not user.is_app)
        people = sorted(found, key=lambda user: user.username)
        self._progress.people = len(people)
        self._target.end(people, self._progress.problems)
        yield self._progress

    def _take_room(self, room: Room) -> Iterator[Progress]:
        reading = self._order.read(room, rest)
        members = reading.members()
        people = {membership.user_id for membership in members} | {room.created_by} - {None}
        self._target.begin_room(reading, members, self._known(people))
        for page in reading.pages():
            people = set().union(
                *map(form.people_in, page.messages), *map(form.people_of_line, page.lines)
            )
            self._target.page(page, self._known(people))
            self._progress.messages += len(page.messages)
            self._progress.problems += (
                f"message {message_id} does not open" for message_id in page.damaged
            )
            yield self._progress
        for _step in self._target.end_room(reading):
            yield self._progress

    def _known(self, people: Iterable[Id | None]) -> form.Users:
        users = User.find_many(user_id for user_id in people if user_id)
        self._people.update(users)
        return users


def rest(seconds: float) -> None:
    """Rest, so that people who write meanwhile have the database most of the time."""
    time.sleep(min(LONGEST_REST, seconds * REST))

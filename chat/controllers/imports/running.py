"""Import the past of another chat, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chat.controllers import audit
from chat.controllers.imports.people import People
from chat.controllers.imports.rooms import RoomImport, room_id_of
from chat.models.audit import Texts, actions
from chat.models.document import Id
from chat.models.past.places import PlacesAhead
from chat.models.room import Room
from chat.models.search import indexer
from chat.utils.imports.past import PastRoom, Source
from chat.utils.imports.report import Report

OFTEN = 100  # messages between two steps


@dataclass
class Progress:
    people: int = 0
    rooms: int = 0
    of_rooms: int = 0
    messages: int = 0
    indexed: int = 0


def run(
    source: Source,
    report: Report,
    mapping: Mapping[str, str],
    *,
    by_username: bool,
    is_dry: bool,
) -> Iterator[Progress]:
    """Import all that a source has; yield the progress after each step.

    `mapping`, `by_username`, `is_dry`: as for People. Raises ImportUnusable, ChatError,
    DatabaseError.
    """
    progress = Progress()
    key = f"{source.name} {source.key}"
    people = People(key, mapping, report, by_username=by_username, is_dry=is_dry)
    for person in source.people():
        people.take(person)
        progress.people += 1
        yield progress
    rooms = list(source.rooms())
    progress.of_rooms = len(rooms)
    places = PlacesAhead({} if is_dry else _counts(source, rooms, people))
    taken: set[str] = set()
    opened: list[Id] = []
    for room in rooms:
        importing = RoomImport(source, room, people, report, taken, places, is_dry=is_dry)
        for count in importing.run():
            progress.messages += count
            if progress.messages % OFTEN == 0:
                yield progress
        opened.append(importing.room_id)
        progress.rooms += 1
        yield progress
    if not is_dry:
        _note(source, report)
        yield from _index(opened, progress)


def _counts(source: Source, rooms: list[PastRoom], people: People) -> Counter[Id]:
    """Return how many rooms each person gets that are not here yet."""
    ids = {room.key: room_id_of(source, room) for room in rooms}
    there = Room.find_many(ids.values())
    return Counter(
        account.id
        for room in rooms
        if ids[room.key] not in there
        for key in room.members
        if (account := people.find(key))
    )


def _index(room_ids: list[Id], progress: Progress) -> Iterator[Progress]:
    """Index the rooms for search; what an interruption leaves, the running chat indexes."""
    for room_id in room_ids:
        before = progress.indexed
        for seq in indexer.index_wholly(room_id):
            progress.indexed = before + seq
            yield progress


def _note(source: Source, report: Report) -> None:
    if not report.made.total():
        return
    nouns = ("people", "rooms", "messages")
    amounts = ", ".join(f"{report.made[noun]:,} {noun}" for noun in nouns)
    audit.note(actions.CHAT_IMPORTED, None, texts=Texts(name=source.name, after=amounts))

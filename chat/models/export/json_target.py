"""Write an export as one JSON document, a message a line, without holding it in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from chat.models.export import form
from chat.models.export.room_reading import Page, RoomReading
from chat.models.membership import Membership
from chat.models.user import User

LINES_AT_A_TIME = 500

Write = Callable[[bytes], object]


class RoomDocument:
    """The JSON object of one room, written piece by piece."""

    def __init__(self, write: Write, *, has_files: bool):
        self._write = write
        self._has_files = has_files
        self._is_first = True

    def begin(self, reading: RoomReading, members: list[Membership], users: form.Users) -> None:
        shown = form.room(reading.room, reading.cut, users)
        self._write(orjson.dumps(shown).removesuffix(b"}"))
        self._write(b',\n"members": ')
        self._items(form.member(each, users) for each in members)
        self._write(b"],\n")
        self._write(b'"messages": ')
        self._items(())

    def page(self, page: Page, users: form.Users) -> None:
        for message in page.messages:
            self._item(form.message(message, users, has_files=self._has_files))

    def end(self, reading: RoomReading) -> Iterator[None]:
        self._write(b'],\n"lines": ')
        self._items(())
        for count, line in enumerate(reading.lines(), 1):
            users = User.find_many(form.people_of_line(line))
            self._item(form.line(line, users))
            if count % LINES_AT_A_TIME == 0:
                yield
        reactions = reading.own_reactions()
        if reactions is not None:
            self._write(b'],\n"own_reactions": ')
            self._items(reactions)
        self._write(b"]}")

    def _items(self, items: Iterable[dict[str, Any]]) -> None:
        """Begin a list."""
        self._write(b"[")
        self._is_first = True
        for item in items:
            self._item(item)

    def _item(self, item: dict[str, Any]) -> None:
        self._write(b"\n" if self._is_first else b",\n")
        self._write(orjson.dumps(item))
        self._is_first = False


class JsonTarget:
    """One document of all rooms, without the pictures."""

    def __init__(self, about: form.About, write: Write):
        self._write = write
        self._rooms = 0
        self._room = RoomDocument(write, has_files=False)
        self._write(orjson.dumps(about.show(), option=orjson.OPT_INDENT_2).removesuffix(b"\n}"))
        self._write(b',\n"rooms": [')

    def begin_room(
        self, reading: RoomReading, members: list[Membership], users: form.Users
    ) -> None:
        self._write(b",\n" if self._rooms else b"\n")
        self._rooms += 1
        self._room = RoomDocument(self._write, has_files=False)
        self._room.begin(reading, members, users)

    def page(self, page: Page, users: form.Users) -> None:
        self._room.page(page, users)

    def end_room(self, reading: RoomReading) -> Iterator[None]:
        yield from self._room.end(reading)

    def end(self, people: Iterable[User], problems: list[str]) -> None:
        self._write(b'],\n"people": [')
        for number, user in enumerate(people):
            self._write(b",\n" if number else b"\n")
            self._write(orjson.dumps(form.person(user)))
        self._write(b'],\n"problems": ' + orjson.dumps(problems) + b"}\n")

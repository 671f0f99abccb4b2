"""Write an export as one page for people to read, without scripts and without other files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chat.models.export import form
from chat.models.export.page import ExportPage
from chat.models.export.room_reading import Page, RoomReading
from chat.models.membership import Membership
from chat.models.user import User


class PageTarget:
    """One page of all rooms; pictures are only named."""

    def __init__(self, about: form.About, write: Callable[[bytes], object]):
        self._write = write
        self._page = ExportPage(about)
        self._write(self._page.beginning() + self._page.account())

    def begin_room(
        self, reading: RoomReading, members: list[Membership], users: form.Users
    ) -> None:
        self._write(self._page.begin_room(reading, members, users))

    def page(self, page: Page, users: form.Users) -> None:
        self._write(self._page.items(page, users))

    def end_room(self, reading: RoomReading) -> Iterator[None]:
        self._write(self._page.end_room())
        yield

    def end(self, people: Iterable[User], problems: list[str]) -> None:
        self._write(self._page.ending(problems))

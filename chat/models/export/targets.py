"""What takes an export: the same calls for each kind of file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from chat.models.export import form
from chat.models.export.room_reading import Page, RoomReading
from chat.models.membership import Membership
from chat.models.user import User


class Target(Protocol):
    """Gets `begin_room`, then `page` for each page, then `end_room`, for each room; then `end`."""

    def begin_room(
        self, reading: RoomReading, members: list[Membership], users: form.Users
    ) -> None: ...

    def page(self, page: Page, users: form.Users) -> None: ...

    def end_room(self, reading: RoomReading) -> Iterable[None]:
        """Write what follows the room's messages, step by step."""
        ...

    def end(self, people: Iterable[User], problems: list[str]) -> None: ...

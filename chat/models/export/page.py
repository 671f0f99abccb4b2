"""The page of an export: templates/export/page.html, filled piece by piece.

A message's HTML comes from the chat's own renderer, which lets only listed HTML pass; everything
else that people wrote is escaped by the templates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader

from chat.models.export import form
from chat.models.export.room_reading import Page, RoomReading
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room_line import RoomLine
from chat.utils import translation
from chat.utils.clock import rfc3339

FOLDER = Path(__file__).parents[2] / "templates" / "export"
CLOSE_MINUTES = 5  # messages of one author that are nearer share one name


class ExportPage:
    """One page. `pictures`: the folder above the pictures' files, as the page sees it, if any."""

    def __init__(self, about: form.About, pictures: str | None = None):
        self._about = about
        self._pictures = pictures
        self._macros = _environment.get_template("page.html").make_module(
            {"language": translation.current(), "page": self}
        )
        self._room_id = ""
        self._day = ""
        self._previous: Message | None = None

    def beginning(self, title: str = "") -> bytes:
        return self._filled("beginning", self._about, title)

    def account(self) -> bytes:
        """Return what the export of a person says about them."""
        return self._filled("account", self._about.account) if self._about.account else b""

    def begin_room(
        self, reading: RoomReading, members: list[Membership], users: form.Users
    ) -> bytes:
        self._room_id, self._day, self._previous = str(reading.room.id), "", None
        people = [users[each.user_id] for each in members if each.user_id in users]
        name = reading.room.name_for(None, users)
        return self._filled("room", reading.room, name, people)

    def items(self, page: Page, users: form.Users) -> bytes:
        """Return messages and lines in the order of the room, with the days between them."""
        items: list[Message | RoomLine] = [*page.messages, *page.lines]
        items.sort(key=lambda item: item.seq)  # a line stands after its entry
        return b"".join(self._item(item, users) for item in items)

    def end_room(self) -> bytes:
        return self._filled("room_end")

    def index(self, rooms: list[tuple[str, str, int]]) -> bytes:
        """Return the list of rooms, (file, name, number of messages) each."""
        return self._filled("index", rooms)

    def ending(self, problems: list[str]) -> bytes:
        return self._filled("ending", problems)

    def anchor(self, seq: int) -> str:
        return f"{self._room_id}-{seq}"

    def picture(self, image: dict[str, object]) -> str | None:
        """Return the address of a picture, as seen from the page."""
        return None if self._pictures is None else self._pictures + form.file_of_image(image)

    def _item(self, item: Message | RoomLine, users: form.Users) -> bytes:
        at = item.at if isinstance(item, RoomLine) else item.created_at
        text = b""
        if (day := day_of(at)) != self._day:
            text, self._day, self._previous = self._filled("day", at, day), day, None
        if isinstance(item, RoomLine):
            self._previous = None
            return text + self._filled("line", item, users)
        continues = self._continues(item)
        self._previous = item
        return text + self._filled("message", item, users, continues)

    def _continues(self, message: Message) -> bool:
        before = self._previous
        if before is None or before.author != message.author or message.reply_to:
            return False
        return (message.created_at - before.created_at).total_seconds() < CLOSE_MINUTES * 60

    def _filled(self, macro: str, *values: object) -> bytes:
        return str(getattr(self._macros, macro)(*values)).encode()


def day_of(moment: datetime) -> str:
    """Return the day of a moment in UTC, in the reader's language."""
    return format_date(moment.astimezone(UTC), "full", locale=translation.current())


def clock_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M}"


_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_environment.globals.update(_=translation._, ngettext=translation.ngettext, direction="ltr")
_environment.filters.update(clock=clock_of, rfc3339=rfc3339, day=day_of)

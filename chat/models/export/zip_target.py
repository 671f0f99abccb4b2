"""Write an export as a zip: for each room a JSON document and a page, and all pictures."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from chat.models.export import form
from chat.models.export.json_target import RoomDocument
from chat.models.export.page import ExportPage
from chat.models.export.progress import Progress
from chat.models.export.room_reading import Page, RoomReading
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.encryption import CannotOpen

LEVEL = 6  # of compression
COPIED = 2**20  # bytes at a time


class ZipTarget:
    """A zip that is being written. A page waits in a nameless file for its room's JSON."""

    def __init__(
        self, about: form.About, archive: zipfile.ZipFile, waiting: IO[bytes], progress: Progress
    ):
        self._about = about
        self._archive = archive
        self._waiting = waiting
        self._progress = progress
        year, month, day, hour, minute, second, *_rest = time.gmtime()
        self._made_at = (year, month, day, hour, minute, second)
        self._files: dict[str, dict[str, Any]] = {}  # name -> {sha256, bytes}
        self._rooms: list[dict[str, Any]] = []
        self._index: list[tuple[str, str, int]] = []
        self._pictures: list[dict[str, Any]] = []  # of the room, as messages refer to them
        self._messages = 0
        self._open = contextlib.ExitStack()  # the member of a room's JSON

    @classmethod
    @contextlib.contextmanager
    def writing(
        cls, about: form.About, file: IO[bytes], folder: Path, progress: Progress
    ) -> Iterator[ZipTarget]:
        """Yield a target that writes into `file`. `folder`: where the nameless file may be."""
        with (
            zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL, strict_timestamps=False
            ) as archive,
            tempfile.TemporaryFile(dir=folder) as waiting,
        ):
            target = cls(about, archive, waiting, progress)
            with contextlib.closing(target._open):
                yield target

    def begin_room(
        self, reading: RoomReading, members: list[Membership], users: form.Users
    ) -> None:
        room = reading.room
        name = room.name_for(None, users)
        self._pictures, self._messages = [], 0
        self._page = ExportPage(self._about, "../")
        self._waiting.write(self._page.beginning(name))
        self._waiting.write(self._page.begin_room(reading, members, users))
        member = self._open.enter_context(self._member(f"rooms/{room.id}.json"))
        self._document = RoomDocument(member.write, has_files=True)
        self._document.begin(reading, members, users)
        shown = {"id": str(room.id), "name": room.name, "kind": room.kind}
        self._rooms.append(shown | {"file": f"rooms/{room.id}.json"})
        self._index.append((f"rooms/{room.id}.html", name, 0))

    def page(self, page: Page, users: form.Users) -> None:
        self._document.page(page, users)
        self._waiting.write(self._page.items(page, users))
        self._messages += len(page.messages)
        for message in page.messages:
            self._pictures += message.images

    def end_room(self, reading: RoomReading) -> Iterator[None]:
        yield from self._document.end(reading)
        self._open.close()
        self._waiting.write(self._page.end_room() + self._page.ending([]))
        self._waiting.seek(0)
        with self._member(f"rooms/{reading.room.id}.html") as member:
            while piece := self._waiting.read(COPIED):
                member.write(piece)
                yield
        self._waiting.truncate(0)
        self._waiting.seek(0)
        self._rooms[-1]["messages"] = self._messages
        self._index[-1] = (*self._index[-1][:2], self._messages)
        for reference in self._pictures:
            yield from self._copy_picture(reference)

    def end(self, people: Iterable[User], problems: list[str]) -> None:
        page = ExportPage(self._about, "")
        with self._member("index.html") as member:
            member.write(page.beginning() + page.account() + page.index(self._index))
            member.write(page.ending(problems))
        shown = self._about.show() | {
            "rooms": self._rooms,
            "people": [form.person(user) for user in people],
            "problems": problems,
            "files": self._files,
        }
        with self._archive.open(self._info("export.json"), "w") as file:
            file.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2))

    def _copy_picture(self, reference: dict[str, Any]) -> Iterator[None]:
        """Copy a picture. One that was deleted since its message was read is left out."""
        image = Image.find_referenced(reference)
        name = form.file_of_image(reference)
        if image is None or name in self._files:
            return
        try:
            with self._member(name, zipfile.ZIP_STORED) as member:
                for segment in image.read(image.original, 0, image.original.bytes - 1):
                    member.write(segment)
                    yield
        except CannotOpen:
            if Image.find_referenced(reference):
                self._progress.problems.append(f"picture {reference['id']} does not open")
            return
        self._progress.pictures += 1

    @contextlib.contextmanager
    def _member(self, name: str, method: int = zipfile.ZIP_DEFLATED) -> Iterator[_Member]:
        with self._archive.open(self._info(name, method), "w", force_zip64=True) as file:
            member = _Member(file)
            yield member
        self._files[name] = {"sha256": member.hash.hexdigest(), "bytes": member.size}

    def _info(self, name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._made_at)
        info.compress_type = method
        info.external_attr = 0o600 << 16
        return info


class _Member:
    """A file of the zip, with the hash of what was written to it."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.hash.update(content)
        self.size += len(content)

"""Campfire's storage: a folder with its SQLite database, and the files of Active Storage.

https://github.com/basecamp/once-campfire/blob/main/db/schema.rb
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from chat.utils.clock import now
from chat.utils.emojis import emoji_from
from chat.utils.hook_payloads.shapes import string
from chat.utils.imports.campfire_html import markdown_of
from chat.utils.imports.past import (
    BEGINNING,
    ImportUnusable,
    PastFile,
    PastMessage,
    PastPerson,
    PastRoom,
)
from chat.utils.imports.report import Report

Row = dict[str, Any]

LARGEST = 64 * 2**20  # bytes of a value
MOST_PICTURE = 100 * 2**20
MOST_IN_A_DIRECT_ROOM = 8  # of this chat
BOT = 2  # a role
KINDS = {"Rooms::Open": "public", "Rooms::Closed": "private", "Rooms::Direct": "direct"}
_MESSAGES = """
    SELECT messages.id, creator_id, messages.created_at, messages.updated_at, body,
           filename, content_type, byte_size, key
    FROM messages
    LEFT JOIN action_text_rich_texts texts
      ON texts.record_type = 'Message' AND texts.record_id = messages.id AND texts.name = 'body'
    LEFT JOIN active_storage_attachments files
      ON files.record_type = 'Message' AND files.record_id = messages.id
     AND files.name = 'attachment'
    LEFT JOIN active_storage_blobs blobs ON blobs.id = files.blob_id
    WHERE room_id = ? ORDER BY messages.created_at, messages.id
"""


class CampfireStorage:
    name = "Campfire"

    def __init__(self, folder: Path, opened: sqlite3.Connection, report: Report):
        """Read who and what there is. Raises ImportUnusable."""
        self._folder = folder
        self._opened = opened
        self._report = report
        self._users = {str(each["id"]): each for each in self._rows("SELECT * FROM users")}
        self._humans = {key for key, each in self._users.items() if each.get("role") != BOT}
        accounts = self._rows("SELECT join_code FROM accounts")
        self.key = next((string(each["join_code"]) for each in accounts), "")

    @classmethod
    @contextmanager
    def reading(cls, path: Path, report: Report) -> Iterator[CampfireStorage]:
        """Open a storage folder read-only. Raises ImportUnusable."""
        file = _database_in(path)
        try:
            opened = sqlite3.connect(f"file:{file.absolute()}?mode=ro", uri=True)
            opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
            opened.row_factory = sqlite3.Row
            opened.text_factory = lambda content: content.decode(errors="replace")
            opened.execute("PRAGMA trusted_schema = OFF")
            try:
                yield cls(file.parent.parent, opened, report)
            finally:
                opened.close()
        except sqlite3.Error as error:
            raise ImportUnusable(f"{file} is no database of Campfire, or damaged.") from error

    def people(self) -> Iterator[PastPerson]:
        for key, each in self._users.items():
            if key in self._humans:
                address = string(each.get("email_address"))
                name = string(each.get("name"), key)
                is_active = not each.get("status") and each.get("active") != 0
                yield PastPerson(
                    key=key,
                    username=address.partition("@")[0] if is_active and address else name,
                    display_name=name,
                    email=address,
                    is_active=is_active,
                )

    def rooms(self) -> Iterator[PastRoom]:
        for each in self._rows("SELECT * FROM rooms ORDER BY id"):
            key = str(each["id"])
            query = "SELECT user_id FROM memberships WHERE room_id = ? ORDER BY id"
            members = tuple(str(row["user_id"]) for row in self._rows(query, each["id"]))
            kind = KINDS.get(string(each.get("type")), "private")
            name = string(each.get("name"))
            if kind == "direct":
                people = [one for one in members if one in self._humans]
                if len(people) > MOST_IN_A_DIRECT_ROOM:
                    kind = "private"
                    name = ", ".join(string(self._users[one].get("name")) for one in people)
                    self._report.adapt("a conversation of too many people is a private room", name)
            yield PastRoom(
                key=key,
                kind=kind,
                name=name or key,
                created_at=_moment(each.get("created_at")) or BEGINNING,
                creator=str(each.get("creator_id")),
                members=members,
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        for each in self._rows(_MESSAGES, int(room.key)):
            created_at = _moment(each["created_at"])
            if created_at is None:
                self._report.lose("messages without a time")
                continue
            author = str(each["creator_id"])
            is_app = author not in self._humans
            yield PastMessage(
                key=str(each["id"]),
                created_at=created_at,
                body=markdown_of(string(each["body"]), self._humans),
                author="" if is_app else author,
                app=(self._name_of(author), None) if is_app else None,
                files=(self._file(each),) if each["key"] else (),
                reactions=tuple(self._reactions(each["id"])),
            )

    def _rows(self, query: str, *values: object) -> Iterator[Row]:
        return map(dict, self._opened.execute(query, values))

    def _reactions(self, message_id: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Return the boosts that are one emoji; others are words."""
        query = "SELECT content, booster_id FROM boosts WHERE message_id = ? ORDER BY id"
        people: dict[str, list[str]] = {}
        for each in self._rows(query, message_id):
            content = string(each["content"]).strip()
            if emoji := emoji_from(content):
                people.setdefault(emoji, []).append(str(each["booster_id"]))
            else:
                self._report.lose("boosts that are no single emoji", content)
        for emoji, keys in people.items():
            yield emoji, tuple(keys)

    def _file(self, each: Row) -> PastFile:
        path = self._path_of(string(each["key"]))
        return PastFile(
            name=string(each["filename"], "file"),
            is_picture=string(each["content_type"]).startswith("image/"),
            size=path.stat().st_size if path else 0,
            read=partial(_bytes_of, path) if path else None,
        )

    def _path_of(self, key: str) -> Path | None:
        """Return where Active Storage keeps a file; None for a key that names no file there."""
        if not key.isalnum() or len(key) < len("abcd"):
            return None
        path = self._folder / "files" / key[:2] / key[2:4] / key
        return path if path.is_file() and not path.is_symlink() else None

    def _name_of(self, key: str) -> str:
        return string(self._users.get(key, {}).get("name"), "app")


def _database_in(path: Path) -> Path:
    """Return the database below a storage folder, not through links. Raises ImportUnusable."""
    found: list[Path] = []
    for folder, _names, files in os.walk(path):
        found += [Path(folder) / name for name in files if name.endswith(".sqlite3")]
    usable = [file for file in found if not file.is_symlink() and "cache" not in file.name]
    if not usable:
        raise ImportUnusable(f"{path} is no storage folder of Campfire: there is no .sqlite3.")
    return min(usable, key=lambda file: ("production" not in file.name, len(file.parts)))


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_PICTURE)


def _moment(text: object) -> datetime | None:
    """Return a time of Rails' databases: UTC, without saying so."""
    try:
        found = datetime.fromisoformat(string(text)).replace(tzinfo=UTC)
    except ValueError:
        return None
    found = found.replace(microsecond=found.microsecond // 1000 * 1000)
    return min(found, now()) if found >= BEGINNING else None

"""Let's Chat's database, as mongodump writes it: the collections users, rooms, messages, files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import orjson

from chat.utils.clock import milliseconds
from chat.utils.hook_payloads.shapes import string
from chat.utils.imports.dumps import Document, Dump, key_in, moment_in
from chat.utils.imports.past import (
    BEGINNING,
    PastFile,
    PastMessage,
    PastPerson,
    PastRoom,
    moment_of,
    plain,
)
from chat.utils.imports.report import Report
from chat.utils.imports.spool import Spool
from chat.utils.imports.texts import outside_code, with_emoji, with_mentions

LONGEST = 100_000  # characters of a message
_FILE = re.compile(r"upload://\S*?files/([0-9a-f]{24})/\S*")


class LetsChatDump:
    """It has no reactions, threads, edits and pins, and files lie outside of its database."""

    name = "Let's Chat"

    def __init__(self, dump: Dump, report: Report, spool: Spool):
        """Read everything once: messages go to the spool. Raises ImportUnusable, OSError."""
        self._report = report
        self._spool = spool
        self._users = {key_in(each): each for each in dump.documents("users")}
        self._keys = {
            string(each.get("username")).casefold(): key
            for key, each in self._users.items()
            if each.get("username")
        }
        self._rooms = {key_in(each): each for each in dump.documents("rooms")}
        self._files = {key_in(each): string(each.get("name")) for each in dump.documents("files")}
        self._authors: dict[str, dict[str, None]] = defaultdict(dict)
        for each in dump.documents("messages"):
            self._take(each)
        self.key = min(self._rooms, default="")

    def people(self) -> Iterator[PastPerson]:
        for key, each in self._users.items():
            username = string(each.get("username"), key)
            whole = f"{string(each.get('firstName'))} {string(each.get('lastName'))}".strip()
            yield PastPerson(
                key=key,
                username=username,
                display_name=string(each.get("displayName")) or whole or username,
                email=string(each.get("email")),
            )

    def rooms(self) -> Iterator[PastRoom]:
        for key, each in self._rooms.items():
            people = each.get("participants")
            members = [str(one) for one in people] if isinstance(people, list) else []
            owner = key_in(each, "owner")
            is_closed = each.get("private") is True or bool(each.get("password"))
            yield PastRoom(
                key=key,
                kind="private" if is_closed else "public",
                name=string(each.get("name"), string(each.get("slug"), key)),
                topic=string(each.get("description")),
                created_at=moment_in(each, "created") or BEGINNING,
                creator=owner,
                members=tuple(dict.fromkeys([owner, *members, *self._authors[key]])),
                is_archived=each.get("archived") is True,
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        for content in self._spool.read(room.key):
            each: Document = orjson.loads(content)
            created_at = moment_of(each["at"] / 1000)
            assert created_at  # _take checked it
            body = plain(each["text"])
            files = [
                PastFile(self._files.get(key, "file"), is_picture=False)
                for key in _FILE.findall(body)
            ]
            yield PastMessage(
                key=each["key"],
                created_at=created_at,
                body=outside_code(_FILE.sub("", body), self._shown),
                author=each["author"],
                files=tuple(files),
            )

    def _take(self, each: Document) -> None:
        at = moment_in(each, "posted")
        room, author = key_in(each, "room"), key_in(each, "owner")
        if at is None or room not in self._rooms:
            self._report.lose("messages without a time, or of rooms that are gone")
            return
        self._authors[room][author] = None
        text = string(each.get("text"))[:LONGEST]
        content = {"key": key_in(each), "at": milliseconds(at), "author": author, "text": text}
        self._spool.add(room, milliseconds(at), orjson.dumps(content))

    def _shown(self, part: str) -> str:
        return with_emoji(with_mentions(part, self._keys.get))

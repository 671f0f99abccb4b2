"""The chat's own export, a zip file: docs/export.md describes its form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import orjson

from chat.utils.clock import now
from chat.utils.hook_payloads.shapes import Part, listed, string
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.past import (
    BEGINNING,
    ImportUnusable,
    PastFile,
    PastMessage,
    PastPerson,
    PastRoom,
    plain,
)
from chat.utils.imports.report import Report
from chat.utils.imports.texts import outside_code, with_mentions

FORMAT = "real-time-chat export"
VERSION = 1
INDEX = "export.json"
LONGEST_LINE = 16 * 2**20  # bytes: a message is one line
MOST_HEAD = 10_000  # lines before the messages of a room
MOST_PICTURE = 100 * 2**20
MOST_PEOPLE = 1_000_000
MOST_ROOMS = 200_000
MOST_IN_A_LIST = 100_000
FORMER = "Former member"
ROLES = ("owner", "moderator")
_MESSAGES = b'"messages": ['
_NONE = b'"messages": [],'
_LAST = b"}],"  # ends the line of the last message; others end with a comma alone


class ChatExport:
    """The key of a person or room is their id there, which no other chat has."""

    name = "another chat"
    key = ""

    def __init__(self, archive: ImportArchive, report: Report):
        """Read the index. Raises ImportUnusable."""
        self._archive = archive
        self._report = report
        if archive.size_of(INDEX) < 0:
            raise ImportUnusable(f"This is no export of a chat: {INDEX} is missing.")
        index = archive.json(INDEX)
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            raise ImportUnusable(f"{INDEX} is no export of a chat.")
        if index.get("format_version") != VERSION:
            raise ImportUnusable(f"{INDEX} is of a newer version; update this chat first.")
        self._people = {
            string(each.get("username")): each
            for each in listed(index.get("people"), MOST_PEOPLE)[0]
        }
        self._keys = {
            name.casefold(): string(each.get("id"))
            for name, each in self._people.items()
            if not each.get("is_bot") and not each.get("is_deleted")
        }
        self._rooms = [
            (string(each.get("id")), string(each.get("file")))
            for each in listed(index.get("rooms"), MOST_ROOMS)[0]
        ]
        self._files = dict(self._rooms)

    def people(self) -> Iterator[PastPerson]:
        for name, each in self._people.items():
            if key := self._keys.get(name.casefold()):
                status = each.get("status")
                yield PastPerson(
                    key=key,
                    username=name,
                    display_name=string(each.get("display_name"), name),
                    title=string(each.get("title")),
                    status=_status(status) if isinstance(status, dict) else None,
                    is_active=each.get("is_active") is not False,
                )

    def rooms(self) -> Iterator[PastRoom]:
        for room_key, file in self._rooms:
            head = self._head(file)
            members = listed(head.get("members"), MOST_IN_A_LIST)[0]
            roles = {
                key: string(each.get("role"))
                for each in members
                if (key := self._key_of(each.get("username")))
            }
            yield PastRoom(
                key=room_key,
                kind=string(head.get("kind"), "private"),
                name=string(head.get("name")),
                topic=string(head.get("topic")),
                created_at=_moment(head.get("created_at")) or BEGINNING,
                creator=self._key_of(head.get("created_by")),
                members=tuple(roles),
                roles=tuple(pair for pair in roles.items() if pair[1] in ROLES),
                is_archived=head.get("archived_at") is not None,
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        is_within = False
        for line in self._lines(self._files[room.key]):
            text = line.rstrip()
            if is_within:
                content = text.removesuffix(b",").removesuffix(b"]")
                if found := self._message(self._json(content, room.key)):
                    yield found
                if text.endswith(_LAST):
                    return
            if text.endswith(_NONE):
                return
            is_within = is_within or text.endswith(_MESSAGES)
        raise ImportUnusable(f"{self._files[room.key]} breaks off.")

    def _message(self, each: Part) -> PastMessage | None:
        at = _moment(each.get("sent_at"))
        if at is None:
            self._report.lose("messages without a time")
            return None
        author = self._key_of(each.get("author"))
        pinned_at = _moment(each.get("pinned_at"))
        named = _names(each.get("mentions"))
        return PastMessage(
            key=string(each.get("id")),
            created_at=at,
            body=outside_code(
                plain(string(each.get("body"))),
                lambda part: with_mentions(
                    part, lambda name: self._keys.get(name) if name in named else None
                ),
            ),
            author=author,
            app=None if author else self._app(each),
            reply_to=string(each.get("reply_to")) or None,
            files=tuple(self._pictures(each)),
            reactions=tuple(self._reactions(each)),
            edited_at=_moment(each.get("edited_at")),
            pinned_at=max(pinned_at, at) if pinned_at else None,
        )

    def _app(self, each: Part) -> tuple[str, str | None]:
        app = each.get("app")
        if isinstance(app, dict):
            return string(app.get("name"), "app"), string(app.get("icon")) or None
        person = self._people.get(string(each.get("author")), {})
        is_deleted = not person or person.get("is_deleted") is True
        return (FORMER if is_deleted else string(person.get("display_name"), FORMER)), None

    def _pictures(self, each: Part) -> Iterator[PastFile]:
        for image in listed(each.get("images"), MOST_IN_A_LIST)[0]:
            member = string(image.get("file"))
            is_there = bool(member) and self._archive.size_of(member) >= 0
            yield PastFile(
                name=string(image.get("alt")) or member.rpartition("/")[2] or "picture",
                is_picture=True,
                size=max(0, self._archive.size_of(member)),
                alt=string(image.get("alt")),
                read=partial(self._archive.read, member, MOST_PICTURE) if is_there else None,
            )

    def _reactions(self, each: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
        found = each.get("reactions")
        if isinstance(found, dict):
            for emoji, names in found.items():
                people = names if isinstance(names, list) else []
                yield emoji, tuple(self._key_of(name) or string(name) for name in people)

    def _key_of(self, username: object) -> str:
        return self._keys.get(string(username).casefold(), "")

    def _head(self, file: str) -> Part:
        """Return what a room's file says before its messages."""
        head = b""
        for number, line in enumerate(self._lines(file)):
            before, found, _after = line.partition(_MESSAGES)
            head += before + found
            if found:
                return self._json(head + b"]}", file)
            if number > MOST_HEAD:
                break
        raise ImportUnusable(f"{file} has no messages.")

    def _lines(self, file: str) -> Iterator[bytes]:
        return self._archive.lines(file, LONGEST_LINE)

    @staticmethod
    def _json(content: bytes, where: str) -> Part:
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ImportUnusable(f"{where}: this is no JSON in UTF-8.") from error
        if not isinstance(found, dict):
            raise ImportUnusable(f"{where}: this is no export of a chat.")
        return found


def _status(status: Part) -> tuple[str, str] | None:
    """Return a status that its person has to end; others are over by now."""
    is_endless = status.get("until") is None
    return (string(status.get("emoji")), string(status.get("text"))) if is_endless else None


def _names(names: object) -> set[str]:
    if not isinstance(names, list):
        return set()
    return {name.casefold() for name in names if isinstance(name, str)}


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(string(text))
    except ValueError:
        return None
    if found.tzinfo is None or found < BEGINNING:
        return None
    return min(found, now())

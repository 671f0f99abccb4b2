"""Rocket.Chat's database, as mongodump writes it.

https://developer.rocket.chat/docs/message: the collections `users`, `rocketchat_room`,
`rocketchat_subscription`, `rocketchat_message`, and files in GridFS (`rocketchat_uploads`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

import orjson

from chat.utils.clock import milliseconds
from chat.utils.emojis import emoji_from
from chat.utils.hook_payloads import written
from chat.utils.hook_payloads.shapes import listed, string
from chat.utils.imports.dumps import Document, Dump, key_in, moment_in, part_of
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

MOST_LISTED = 1_000
MOST_PICTURE = 100 * 2**20
LONGEST = 100_000  # characters of a message
MOST_IN_A_DIRECT_ROOM = 8  # of this chat
KINDS = {"c": "public", "p": "private", "d": "direct"}
ROLES = ("owner", "moderator")
_QUOTE = re.compile(r"\[ \]\([^()\s]*[?&]msg=([A-Za-z0-9]{1,40})[^()\s]*\)\s*")


class RocketChatDump:
    name = "Rocket.Chat"

    def __init__(self, dump: Dump, report: Report, spool: Spool):
        """Read everything once: messages go to the spool. Raises ImportUnusable, OSError."""
        self._report = report
        self._spool = spool
        self._users = {key_in(each): each for each in dump.documents("users")}
        self._keys = {
            string(each.get("username")).casefold(): key
            for key, each in self._users.items()
            if each.get("username") and each.get("type", "user") == "user"
        }
        self._rooms = {key_in(each): each for each in dump.documents("rocketchat_room")}
        self._members: dict[str, dict[str, str]] = defaultdict(dict)
        for each in dump.documents("rocketchat_subscription"):
            self._take_subscription(each)
        self._files = dump.files("rocketchat_uploads")
        self._uploads = {key_in(each): each for each in dump.documents("rocketchat_uploads")}
        for each in dump.documents("rocketchat_message"):
            self._take_message(each)
        ids = (key_in(each, "value") for each in dump.documents("rocketchat_settings")
               if each.get("_id") == "uniqueID")  # fmt: skip
        self.key = next(ids, "")

    def people(self) -> Iterator[PastPerson]:
        for key in self._keys.values():
            each = self._users[key]
            addresses = listed(each.get("emails"), 1)[0]
            username = string(each.get("username"), key)
            yield PastPerson(
                key=key,
                username=username,
                display_name=string(each.get("name"), username),
                email=string(addresses[0].get("address")) if addresses else "",
                is_active=each.get("active") is not False,
            )

    def rooms(self) -> Iterator[PastRoom]:
        for key, each in self._rooms.items():
            kind = KINDS.get(string(each.get("t")))
            name = string(each.get("fname"), string(each.get("name"), key))
            if kind is None:
                self._report.lose("rooms of other kinds, like those of visitors", name)
                continue
            roles = self._members[key]
            if kind == "direct":
                roles |= {one: "" for one in _texts(each.get("uids")) if one not in roles}
                if len(roles) > MOST_IN_A_DIRECT_ROOM:
                    kind = "private"
                    self._report.adapt("a conversation of too many people is a private room", name)
            yield PastRoom(
                key=key,
                kind=kind,
                name="" if kind == "direct" else name,
                topic=string(each.get("topic")) or string(each.get("description")),
                created_at=moment_in(each, "ts") or BEGINNING,
                creator=key_in(part_of(each, "u")),
                members=tuple(roles),
                roles=tuple(pair for pair in roles.items() if pair[1]),
                is_archived=each.get("archived") is True,
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        for content in self._spool.read(room.key):
            each: Document = orjson.loads(content)
            author = each["author"]
            is_app = each["is_app"] or author not in self._users
            created_at = moment_of(each["at"] / 1000)
            assert created_at  # _take_message checked it
            quote = _QUOTE.match(each["body"])
            body = _QUOTE.sub("", each["body"])
            yield PastMessage(
                key=each["key"],
                created_at=created_at,
                body=self._shown(body, each["attachments"]),
                author="" if is_app else author,
                app=(each["alias"] or each["name"] or "app", None) if is_app else None,
                reply_to=each["root"] or (quote[1] if quote else None),
                files=tuple(self._pictures_and_files(each["files"])),
                reactions=tuple(self._reactions(each["reactions"])),
                edited_at=moment_of(each["edited"] / 1000) if each["edited"] else None,
                pinned_at=moment_of(each["pinned"] / 1000) if each["pinned"] else None,
            )

    def _take_subscription(self, each: Document) -> None:
        held = _texts(each.get("roles"))
        role = next((role for role in ROLES if role in held), "")
        if (room := key_in(each, "rid")) and (user := key_in(part_of(each, "u"))):
            self._members[room][user] = role

    def _take_message(self, each: Document) -> None:
        """Spool what matters of a message."""
        at = moment_in(each, "ts")
        if kind := string(each.get("t")):
            what = "lines that tell what happened, like who joined"
            self._report.lose("messages that were deleted" if kind == "rm" else what, kind)
            return
        if at is None or each.get("_hidden") is True:
            self._report.lose("messages without a time, or hidden")
            return
        edited, pinned = moment_in(each, "editedAt"), moment_in(each, "pinnedAt")
        user = part_of(each, "u")
        files, more = listed(each.get("files") or [part_of(each, "file")], MOST_LISTED)
        self._report.lose("files beyond the first 1,000 of a message", count=more)
        is_pinned = each.get("pinned") is True
        content = {
            "key": key_in(each),
            "at": milliseconds(at),
            "body": string(each.get("msg"))[:LONGEST],
            "author": key_in(user),
            "name": string(user.get("name"), string(user.get("username"))),
            "alias": string(each.get("alias")),
            "is_app": bool(each.get("bot")),
            "root": key_in(each, "tmid"),
            "edited": milliseconds(edited) if edited else 0,
            "pinned": milliseconds(max(pinned or at, at)) if is_pinned else 0,
            "files": [key_in(file) for file in files if key_in(file)],
            "reactions": part_of(each, "reactions"),
            "attachments": _of_apps(each),
        }
        self._spool.add(key_in(each, "rid"), milliseconds(at), orjson.dumps(content, default=str))

    def _shown(self, body: str, attachments: list[Document]) -> str:
        text = plain(written({"text": body, "attachments": attachments}, LONGEST))
        return outside_code(text, lambda part: with_emoji(with_mentions(part, self._keys.get)))

    def _pictures_and_files(self, keys: list[str]) -> Iterator[PastFile]:
        for key in keys:
            about = self._uploads.get(key)
            if about is None:  # the small copy of a picture is an upload, too, of another type
                continue
            if string(about.get("name")).startswith("thumb-"):
                continue
            size = about.get("size")
            is_there = self._files.has(key)
            yield PastFile(
                name=string(about.get("name"), "file"),
                is_picture=string(about.get("type")).startswith("image/"),
                size=size if isinstance(size, int) else 0,
                alt=string(about.get("description")),
                read=partial(self._files.read, key, MOST_PICTURE) if is_there else None,
            )

    def _reactions(self, found: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, each in found.items():
            people = _texts(each.get("usernames")) if isinstance(each, dict) else []
            emoji = emoji_from(name) if len(name) <= 100 else None
            if emoji is None:
                self._report.lose("reactions with an emoji of Rocket.Chat's own", name)
            else:
                yield emoji, tuple(self._keys.get(one.casefold(), one) for one in people)


def _texts(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _of_apps(each: Document) -> list[Document]:
    """Return the attachments that have words of their own: no files, and no quotes."""
    found, _more = listed(each.get("attachments"), MOST_LISTED)
    names = ("title", "title_link", "text", "pretext", "fields", "author_name", "color")
    return [
        {name: one[name] for name in names if name in one}
        for one in found
        if not one.get("message_link") and one.get("type") != "file" and "image_url" not in one
    ]

"""Mattermost's posts, and their answers."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import orjson

from chat.utils.emojis import emoji_from
from chat.utils.hook_payloads import written
from chat.utils.hook_payloads.shapes import Part, listed, string
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.past import (
    PastFile,
    PastMessage,
    PastRoom,
    moment_of,
    plain,
)
from chat.utils.imports.report import Report
from chat.utils.imports.texts import outside_code, with_emoji, with_mentions

MOST_FILES = 100
MOST_REACTIONS = 100_000
MOST_PICTURE = 100 * 2**20
LONGEST = 100_000  # characters; Mattermost's longest has 65,535


class MattermostPosts:
    """`users`: by username; filled by the reader before the first post is asked for."""

    def __init__(self, archive: ImportArchive, report: Report, users: Mapping[str, Part]):
        self._archive = archive
        self._report = report
        self._users = users

    def of(self, room: PastRoom, spooled: Iterable[bytes]) -> Iterator[PastMessage]:
        """Yield the messages of a room from its posts in the order of their times."""
        seen: dict[str, int] = {}
        for content in spooled:
            post: Part = orjson.loads(content)
            kind = string(post.get("type"))
            if kind.startswith("system_"):
                self._report.lose("lines that tell what happened, like who joined", kind)
                continue
            at = moment_of(post["create_at"] / 1000)
            if at is None:
                self._report.lose("messages without a time")
                continue
            yield self._message(room, post, at, seen)

    def _message(
        self, room: PastRoom, post: Part, at: datetime, seen: dict[str, int]
    ) -> PastMessage:
        author = string(post.get("user"))
        key = _key(post["create_at"], author)
        number = seen[key] = seen.get(key, 0) + 1
        root = post.get("root")
        props = post["props"] if isinstance(post.get("props"), dict) else {}
        is_app = bool(props.get("from_webhook")) or author not in self._users
        edited = post.get("edit_at")
        return PastMessage(
            key=key if number == 1 else f"{key}-{number}",
            created_at=at,
            body=self._body(post, props),
            author="" if is_app else author,
            app=_app(props, author) if is_app else None,
            reply_to=_key(root["at"], root["user"]) if isinstance(root, dict) else None,
            files=tuple(self._files(post)),
            reactions=tuple(self._reactions(post)),
            edited_at=moment_of(edited / 1000) if isinstance(edited, int) and edited else None,
            pinned_at=at if post.get("is_pinned") is True else None,
        )

    def _body(self, post: Part, props: Part) -> str:
        text = plain(string(post.get("message")))
        if string(post.get("type")) == "me":
            text = f"_{text.strip('*_')}_"
        if attachments := props.get("attachments"):
            more = plain(written({"attachments": attachments}, LONGEST))
            text = "\n\n".join(filter(None, [text, more]))
        return outside_code(text, lambda part: with_emoji(with_mentions(part, self._key_of)))

    def _key_of(self, name: str) -> str | None:
        return name if name in self._users else None

    def _files(self, post: Part) -> Iterator[PastFile]:
        found, more = listed(post.get("attachments"), MOST_FILES)
        self._report.lose("files beyond the first 100 of a message", count=more)
        for file in found:
            path = string(file.get("path"))
            name = path.rpartition("/")[2] or "file"
            places = (f"data/{path}", path)
            member = next((each for each in places if self._archive.size_of(each) >= 0), None)
            yield PastFile(
                name=name,
                is_picture=(mimetypes.guess_type(name)[0] or "").startswith("image/"),
                size=self._archive.size_of(member) if member else 0,
                read=partial(self._archive.read, member, MOST_PICTURE) if member else None,
            )

    def _reactions(self, post: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
        people: dict[str, list[str]] = {}
        for reaction in listed(post.get("reactions"), MOST_REACTIONS)[0]:
            name = string(reaction.get("emoji_name"))
            emoji = emoji_from(f":{name}:") if len(name) <= 100 else None
            if emoji is None:
                self._report.lose("reactions with an emoji of Mattermost's own", f":{name}:")
            else:
                people.setdefault(emoji, []).append(string(reaction.get("user")))
        for emoji, keys in people.items():
            yield emoji, tuple(keys)


def _key(at: object, author: object) -> str:
    return f"{at}-{author}"


def _app(props: Part, author: str) -> tuple[str, str | None]:
    names = (props.get("override_username"), props.get("webhook_display_name"), author)
    return next((name for name in map(string, names) if name), "app"), None

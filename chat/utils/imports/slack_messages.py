"""The messages of one channel of Slack's export, day by day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import partial

from chat.utils.hook_payloads.shapes import Part, listed, string
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.past import (
    ImportUnusable,
    PastFile,
    PastMessage,
    PastRoom,
    moment_of,
)
from chat.utils.imports.report import Report
from chat.utils.imports.slack_text import SlackText, slack_emoji

MOST_A_DAY = 1_000_000  # messages in one file
MOST_FILES = 100  # of a message
MOST_REACTIONS = 200  # kinds on one message
MOST_PICTURE = 100 * 2**20  # bytes; the chat's own limit comes later
# Subtypes that somebody wrote; all others tell what happened in the channel.
WRITTEN = {"", "bot_message", "me_message", "file_share", "thread_broadcast", "file_comment"}
_TS = re.compile(r"\d{9,11}\.\d{1,9}")


class SlackMessages:
    """`humans`: the keys of people. `names`: of everybody, by key. `top`: the archive's folder."""

    def __init__(
        self,
        archive: ImportArchive,
        text: SlackText,
        report: Report,
        humans: Collection[str],
        names: Mapping[str, str],
        top: str,
    ):
        self._archive = archive
        self._text = text
        self._report = report
        self._humans = humans
        self._names = names
        self._top = top
        self._there = set(archive.names)

    def of(self, room: PastRoom, folder: str, days: list[str]) -> Iterator[PastMessage]:
        """Yield a channel's messages in the order of their times. Raises ImportUnusable."""
        seen: set[str] = set()  # a thread's answer may be in two files
        for day in days:
            found, more = listed(self._archive.json(day), MOST_A_DAY)
            if more:
                raise ImportUnusable(f"{day} has more than {MOST_A_DAY:,} messages.")
            dated = [(ts, each) for each in found if (ts := _ts(each)) and ts not in seen]
            self._report.lose("messages without a time", count=len(found) - len(dated))
            for ts, each in sorted(dated, key=lambda pair: (float(pair[0]), pair[0])):
                seen.add(ts)
                if message := self._message(room, folder, ts, each):
                    yield message

    def _message(self, room: PastRoom, folder: str, ts: str, each: Part) -> PastMessage | None:
        subtype = string(each.get("subtype"))
        if subtype == "tombstone" or each.get("hidden") is True:
            self._report.lose("messages that were deleted", f"#{room.name} {ts}")
            return None
        if subtype not in WRITTEN:
            self._report.lose("lines that tell what happened, like who joined", subtype)
            return None
        author = string(each.get("user"))
        is_app = author not in self._humans
        body = self._text.of(each, is_app=is_app)
        if subtype == "me_message" and body:
            body = f"_{body}_"
        root = string(each.get("thread_ts"))
        created_at = moment_of(ts)
        assert created_at  # `_ts` found a time
        return PastMessage(
            key=ts,
            created_at=created_at,
            body=body,
            author="" if is_app else author,
            app=self._app(each, author) if is_app else None,
            reply_to=root if root and root != ts else None,
            files=tuple(self._files(folder, each)),
            reactions=tuple(self._reactions(each)),
            edited_at=_edited_at(each),
            pinned_at=_pinned_at(room, each, created_at),
        )

    def _app(self, each: Part, author: str) -> tuple[str, str | None]:
        profile = each.get("bot_profile")
        profile = profile if isinstance(profile, dict) else {}
        names = (each.get("username"), profile.get("name"), self._names.get(author), author)
        icons = each.get("icons")
        icon = (
            slack_emoji(string(icons.get("emoji")).strip(":")) if isinstance(icons, dict) else None
        )
        return next((name for name in map(string, names) if name), "app"), icon

    def _files(self, folder: str, each: Part) -> Iterator[PastFile]:
        found, more = listed(each.get("files"), MOST_FILES)
        self._report.lose("files beyond the first 100 of a message", count=more)
        for file in found:
            if string(file.get("mode")) in {"tombstone", "hidden_by_limit"}:
                self._report.lose("files that Slack does not have any more")
                continue
            key, name = string(file.get("id")), string(file.get("name"), "file")
            member = self._copy_of(folder, key, name)
            yield PastFile(
                name=string(file.get("title"), name),
                is_picture=string(file.get("mimetype")).startswith("image/"),
                size=self._archive.size_of(member) if member else 0,
                alt=string(file.get("alt_txt")),
                read=partial(self._archive.read, member, MOST_PICTURE) if member else None,
            )

    def _copy_of(self, folder: str, key: str, name: str) -> str | None:
        """Return the member with a file's bytes: other programs put them beside the messages."""
        places = (
            f"{self._top}{folder}/attachments/{key}-{name}",
            f"{self._top}attachments/{key}-{name}",
            f"{self._top}__uploads/{key}/{name}",
        )
        return next((each for each in places if each in self._there), None)

    def _reactions(self, each: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
        for reaction in listed(each.get("reactions"), MOST_REACTIONS)[0]:
            people = reaction.get("users")
            keys = (
                [key for key in people if isinstance(key, str)] if isinstance(people, list) else []
            )
            emoji = slack_emoji(reaction.get("name"))
            if emoji is None:
                name = f":{string(reaction.get('name'))}:"
                self._report.lose("reactions with an emoji of Slack's own", name, len(keys) or 1)
            else:
                yield emoji, tuple(keys)


def _ts(each: Part) -> str | None:
    ts = each.get("ts")
    return ts if isinstance(ts, str) and _TS.fullmatch(ts) and moment_of(ts) else None


def _edited_at(each: Part) -> datetime | None:
    edited = each.get("edited")
    return moment_of(edited.get("ts")) if isinstance(edited, dict) else None


def _pinned_at(room: PastRoom, each: Part, created_at: datetime) -> datetime | None:
    """Return when it was pinned here; the time of the message if nobody says."""
    pinned = each.get("pinned_to")
    if not isinstance(pinned, list) or room.key not in pinned:
        return None
    info = each.get("pinned_info")
    mine = info.get(room.key) if isinstance(info, dict) else None
    at = moment_of(mine.get("pinned_ts")) if isinstance(mine, dict) else None
    return max(at or created_at, created_at)

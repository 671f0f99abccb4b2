"""Slack's export: a zip file with users.json, channels.json … and a folder for each channel.

https://slack.com/help/articles/220556107: one file for each day, a list of messages in JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chat.utils.hook_payloads.shapes import Part, listed, string
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.past import (
    BEGINNING,
    ImportUnusable,
    PastMessage,
    PastPerson,
    PastRoom,
    moment_of,
)
from chat.utils.imports.report import Report
from chat.utils.imports.slack_messages import SlackMessages
from chat.utils.imports.slack_text import SlackText

MOST_PEOPLE = 200_000
MOST_ROOMS = 50_000
MOST_IN_A_DIRECT_ROOM = 8  # of this chat
LISTS = (  # file, kind
    ("channels.json", "public"),
    ("groups.json", "private"),
    ("mpims.json", "direct"),
    ("dms.json", "direct"),
)


class SlackExport:
    name = "Slack"

    def __init__(self, archive: ImportArchive, report: Report):
        """Read who and what there is. Raises ImportUnusable."""
        self._archive = archive
        self._report = report
        self._top = _top_of(archive)
        self._users, more = listed(archive.json(f"{self._top}users.json"), MOST_PEOPLE)
        if more:
            raise ImportUnusable(f"users.json has more than {MOST_PEOPLE:,} people.")
        self._people = {key: each for each in self._users if (key := string(each.get("id")))}
        self.key = next(
            (string(each["team_id"]) for each in self._users if each.get("team_id")), ""
        )
        self._rooms = list(self._read_rooms())
        self._folders = {room.key: folder for room, folder in self._rooms}
        self._days = self._find_days()
        humans = {key for key, each in self._people.items() if not _is_app(each)}
        names = {key: _label(each) for key, each in self._people.items()}
        self._text = SlackText(humans, names, {room.key: room.name for room, _ in self._rooms})
        self._messages = SlackMessages(archive, self._text, report, humans, names, self._top)

    def people(self) -> Iterator[PastPerson]:
        for key, each in self._people.items():
            if not _is_app(each):
                yield _person(key, each)

    def rooms(self) -> Iterator[PastRoom]:
        for room, _folder in self._rooms:
            yield replace(room, topic=self._text.name(room.topic))

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        days = self._days.get(self._folders[room.key], [])
        yield from self._messages.of(room, self._folders[room.key], days)

    def _find_days(self) -> dict[str, list[str]]:
        """Return the files of each folder, in the order of their days."""
        found: dict[str, list[str]] = {}
        for name in sorted(self._archive.names):
            folder, _slash, day = name.removeprefix(self._top).rpartition("/")
            if folder and day.endswith(".json") and day[:4].isdigit():
                found.setdefault(folder, []).append(name)
        return found

    def _read_rooms(self) -> Iterator[tuple[PastRoom, str]]:
        """Yield each room with its folder."""
        count = 0
        for file, kind in LISTS:
            if self._archive.size_of(f"{self._top}{file}") < 0:
                continue
            found, more = listed(self._archive.json(f"{self._top}{file}"), MOST_ROOMS)
            count += len(found) + more
            if count > MOST_ROOMS:
                raise ImportUnusable(f"The export has more than {MOST_ROOMS:,} rooms.")
            for each in found:
                if key := string(each.get("id")):
                    yield self._room(key, each, kind), string(each.get("name"), key)

    def _room(self, key: str, each: Part, kind: str) -> PastRoom:
        members = tuple(dict.fromkeys(_keys(each.get("members"))))
        name = string(each.get("name"), key)
        if kind == "direct":
            apps = [one for one in members if one in self._people and _is_app(self._people[one])]
            if len(members) - len(apps) > MOST_IN_A_DIRECT_ROOM:
                kind = "private"
                self._report.adapt("a conversation of too many people is a private room", name)
            else:
                name = ""
        topic = _value(each.get("topic")) or _value(each.get("purpose"))
        return PastRoom(
            key=key,
            kind=kind,
            name=name,
            topic=topic,
            created_at=moment_of(each.get("created")) or BEGINNING,
            creator=string(each.get("creator")),
            members=members,
            is_archived=each.get("is_archived") is True,
        )


def _top_of(archive: ImportArchive) -> str:
    """Return the folder that has everything, with a slash; empty if nothing is around it."""
    found = [name for name in archive.names if name.rpartition("/")[2] == "users.json"]
    if not found:
        raise ImportUnusable("This is no export of Slack: users.json is missing.")
    return min(found, key=len).removesuffix("users.json")


def _person(key: str, each: Part) -> PastPerson:
    profile: dict[str, Any] = each["profile"] if isinstance(each.get("profile"), dict) else {}
    return PastPerson(
        key=key,
        username=string(each.get("name"), key),
        display_name=_label(each),
        email=string(profile.get("email")),
        title=string(profile.get("title")),
        is_active=each.get("deleted") is not True,
    )


def _label(each: Part) -> str:
    profile: dict[str, Any] = each["profile"] if isinstance(each.get("profile"), dict) else {}
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        each.get("real_name"),
        each.get("name"),
    )
    return next((name for name in map(string, names) if name), string(each.get("id")))


def _is_app(each: Part) -> bool:
    return each.get("is_bot") is True or each.get("id") == "USLACKBOT"


def _keys(members: object) -> list[str]:
    if not isinstance(members, list):
        return []
    return [each for each in members if isinstance(each, str)]


def _value(part: object) -> str:
    return string(part.get("value")) if isinstance(part, dict) else ""

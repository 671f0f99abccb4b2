"""Mattermost's bulk export: a zip file with one file of JSON lines, and attachments in data/.

https://docs.mattermost.com/onboard/bulk-loading-data.html
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator

import orjson

from chat.utils.hook_payloads.shapes import Part, listed, string
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.mattermost_posts import MattermostPosts
from chat.utils.imports.past import (
    BEGINNING,
    ImportUnusable,
    PastMessage,
    PastPerson,
    PastRoom,
)
from chat.utils.imports.report import Report
from chat.utils.imports.spool import Spool

LONGEST_LINE = 16 * 2**20  # bytes: a post with all its answers
MOST_LISTED = 100_000
MOST_IN_A_DIRECT_ROOM = 8  # of this chat
KINDS = {"O": "public", "P": "private"}


class MattermostExport:
    name = "Mattermost"

    def __init__(self, archive: ImportArchive, report: Report, spool: Spool):
        """Read everything once: posts go to the spool. Raises ImportUnusable, OSError."""
        self._report = report
        self._teams: list[str] = []
        self._channels: dict[str, Part] = {}
        self._users: dict[str, Part] = {}
        self._directs: dict[str, tuple[str, ...]] = {}
        self._spool = spool
        self._posts = MattermostPosts(archive, report, self._users)
        takes: dict[str, Callable[[Part], None]] = {
            "team": lambda team: self._teams.append(string(team.get("name"))),
            "channel": self._take_channel,
            "user": self._take_user,
            "post": lambda post: self._take_post(_key_of(post, "channel"), post),
            "direct_channel": self._take_direct_channel,
            "direct_post": self._take_direct_post,
        }
        for line in _lines(archive):
            kind = string(line.get("type"))
            content = line.get(kind)
            if kind in takes and isinstance(content, dict):
                takes[kind](content)
        self.key = " ".join(sorted(self._teams))

    def people(self) -> Iterator[PastPerson]:
        for key, each in self._users.items():
            names = (each.get("first_name"), each.get("last_name"))
            whole = " ".join(filter(None, map(string, names)))
            yield PastPerson(
                key=key,
                username=key,
                display_name=string(each.get("nickname")) or whole or key,
                email=string(each.get("email")),
                title=string(each.get("position")),
                is_active=not each.get("delete_at"),
            )

    def rooms(self) -> Iterator[PastRoom]:
        members, admins = self._memberships()
        for key, each in self._channels.items():
            name = string(each.get("name"), key)
            yield PastRoom(
                key=key,
                kind=KINDS.get(string(each.get("type")), "private"),
                name=string(each.get("display_name"), name),
                topic=string(each.get("header")) or string(each.get("purpose")),
                created_at=BEGINNING,
                roles=tuple((admin, "owner") for admin in admins[key]),
                members=tuple(dict.fromkeys(members[key])),
                is_archived=bool(each.get("deleted_at")),
            )
        for key, people in self._directs.items():
            is_small = len(people) <= MOST_IN_A_DIRECT_ROOM
            if not is_small:
                name = ", ".join(people)
                self._report.adapt("a conversation of too many people is a private room", name)
            yield PastRoom(
                key=key,
                kind="direct" if is_small else "private",
                name="" if is_small else ", ".join(people),
                members=people,
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        yield from self._posts.of(room, self._spool.read(room.key))

    def _memberships(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Return who is in each channel, and who of them looks after it."""
        members: dict[str, list[str]] = defaultdict(list)
        admins: dict[str, list[str]] = defaultdict(list)
        for user, each in self._users.items():
            for team in listed(each.get("teams"), MOST_LISTED)[0]:
                for channel in listed(team.get("channels"), MOST_LISTED)[0]:
                    key = f"{string(team.get('name'))}/{string(channel.get('name'))}"
                    members[key].append(user)
                    if "channel_admin" in string(channel.get("roles")):
                        admins[key].append(user)
        return members, admins

    def _take_channel(self, channel: Part) -> None:
        self._channels[_key_of(channel, "name")] = channel

    def _take_user(self, user: Part) -> None:
        if name := string(user.get("username")):
            self._users[name] = user

    def _take_direct_channel(self, channel: Part) -> None:
        self._take_direct(_members(channel))

    def _take_direct(self, people: tuple[str, ...]) -> str:
        key = f"direct {' '.join(sorted(people))}"
        self._directs[key] = people
        return key

    def _take_direct_post(self, post: Part) -> None:
        members = post.get("channel_members")
        if isinstance(members, list):
            people = tuple(dict.fromkeys(each for each in members if isinstance(each, str)))
            self._take_post(self._take_direct(people), post)

    def _take_post(self, room: str, post: Part) -> None:
        """Spool a post, and its answers, which name it by its time and author."""
        at = _time(post)
        root = {"at": at, "user": string(post.get("user"))}
        answers, more = listed(post.pop("replies", None), MOST_LISTED)
        self._report.lose("answers beyond the first 100,000 of a message", count=more)
        if at:
            self._spool.add(room, at, orjson.dumps(post))
        for answer in answers:
            if answered := _time(answer):
                self._spool.add(room, answered, orjson.dumps(answer | {"root": root}))


def _lines(archive: ImportArchive) -> Iterator[Part]:
    names = [name for name in archive.names if name.endswith(".jsonl")]
    if not names:
        raise ImportUnusable("This is no bulk export of Mattermost: a .jsonl is missing.")
    name = min(names, key=len)
    for number, text in enumerate(archive.lines(name, LONGEST_LINE), 1):
        try:
            line = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ImportUnusable(f"{name}, line {number}: this is no JSON in UTF-8.") from error
        if isinstance(line, dict):
            yield line


def _key_of(part: Part, name: str) -> str:
    return f"{string(part.get('team'))}/{string(part.get(name))}"


def _members(channel: Part) -> tuple[str, ...]:
    found = channel.get("members")
    names = found if isinstance(found, list) else []
    participants = listed(channel.get("participants"), MOST_LISTED)[0]
    every = itertools.chain(names, (each.get("username") for each in participants))
    return tuple(dict.fromkeys(each for each in every if isinstance(each, str)))


def _time(post: Part) -> int:
    at = post.get("create_at")
    return at if isinstance(at, int) and 0 < at < 2**53 else 0

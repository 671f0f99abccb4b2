"""The demo world: a small workshop, its people, its rooms, and five weeks of its talk."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chat.utils.clock import now
from chat.utils.demo.conversations import Conversation, Line, conversations
from chat.utils.demo.drawing import avatar, drawing
from chat.utils.imports.past import (
    PastFile,
    PastMessage,
    PastPerson,
    PastRoom,
    PastVersion,
    mention_of,
)

DEMO = "demo"  # the key and username of the person as whom one looks at this world
PEOPLE = (  # key, display name, title, status
    (DEMO, "Sam Demo", "Manuals and test rides", None),
    ("nora", "Nora Lindqvist", "Runs the workshop", ("🎪", "preparing the fair")),
    ("tomas", "Tomás Ferreira", "Moulds and machines", None),
    ("ines", "Inês Duarte", "Measures and breaks things", ("🦷", "back at half past eleven")),
    ("amal", "Amal Haddad", "Design", None),
    ("jonas", "Jonas Brandt", "Firmware", ("🧗", "climbing next week")),
    ("yusuf", "Yusuf Kaya", "Electronics", None),
    ("lena", "Lena Okafor", "Customers", None),
    ("pavel", "Pavel Novotný", "Packing and shipping", ("🍜", "lunch")),
    ("mei", "Mei Tanaka", "Accounts, on Tuesdays", None),
    ("oskar", "Oskar Nieminen", "Student of design", ("📚", "exams until Friday")),
    ("ruth", "Ruth Adler", "Retired, and here anyway", None),
)
BOT = ("bench", "Test Bench", "Measures every lamp at night", "ines")  # … and its owner
OF_BOT = {"workshop"}  # rooms that it is in
HOOKS = {"workshop": ("Cold chamber",)}  # incoming webhooks, as which apps write in these rooms
ROOMS = (  # key, kind, topic
    ("general", "public", "What concerns everybody"),
    ("workshop", "public", "Housings, moulds, machines. Touch nothing without Inês."),
    ("design", "public", "Sketches, colours, straps"),
    ("support", "public", "What customers ask, and what we answer"),
    ("releases", "public", "Firmware, and what the build says"),
    ("lunch", "public", "Where, when, and who brings the salt"),
    ("hiring", "private", "Letters and talks"),
    ("direct", "direct", ""),
)
FEW = {"hiring": ("nora", "tomas", "ines", DEMO), "direct": ("nora", DEMO)}
UNREAD = {"workshop": 3, "lunch": 2}  # messages that the person of the demo has not read
NEW_MINUTES = (1, 6)  # between two messages
_MENTION = re.compile(r"@(\w+)\b")
_KEYS = {key for key, *_about in (*PEOPLE, BOT)}


class DemoWorld:
    """The same world for the same number, on the same day."""

    name = "seed"

    def __init__(self, number: int):
        self.key = f"demo {number}"
        self._number = number
        self._today = now().replace(hour=0, minute=0, second=0, microsecond=0)

    def people(self) -> Iterator[PastPerson]:
        for place, (key, shown, title, status) in enumerate(PEOPLE):
            drawn = avatar(place + self._number)
            yield PastPerson(key, key, shown, title=title, status=status, avatar=drawn)
        key, shown, title, owner = BOT
        yield PastPerson(key, key, shown, title=title, owner=owner)

    def rooms(self) -> Iterator[PastRoom]:
        everybody = tuple(key for key, *_about in PEOPLE)
        for key, kind, topic in ROOMS:
            unread = ((DEMO, UNREAD[key]),) if key in UNREAD else ()
            yield PastRoom(
                key,
                kind,
                "" if kind == "direct" else key,
                topic,
                self._today - timedelta(days=40),
                "nora",
                (*FEW.get(key, everybody), *(BOT[:1] if key in OF_BOT else ())),
                unread=unread,
                hooks=HOOKS.get(key, ()),
            )

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        for conversation in conversations():
            if conversation.room == room.key:
                yield from self._said(conversation)

    def _said(self, conversation: Conversation) -> Iterator[PastMessage]:
        dice = random.Random(f"{self._number} {conversation.room} {conversation.days_ago}")  # noqa: S311
        day = self._today - timedelta(days=conversation.days_ago)
        at = day + timedelta(minutes=conversation.minute)
        keys: list[str] = []
        for line in conversation.lines:
            keys.append(f"{conversation.days_ago}-{conversation.minute}-{len(keys)}")
            yield _message(line, keys, at)
            at += timedelta(minutes=dice.randint(*NEW_MINUTES), seconds=dice.randint(0, 59))


def _message(line: Line, keys: list[str], at: datetime) -> PastMessage:
    edited_at = at + timedelta(minutes=1) if line.earlier else None
    drawn = partial(drawing, line.drawing)
    picture = PastFile(f"{line.drawing}.png", is_picture=True, alt=line.alt, read=drawn)
    return PastMessage(
        key=keys[-1],
        created_at=at,
        body=_named(line.text),
        author="" if line.is_app else line.name,
        app=(line.name, line.icon) if line.is_app else None,
        reply_to=keys[-1 - line.answers] if line.answers else None,
        files=(picture,) if line.drawing else (),
        reactions=tuple(line.reactions),
        edited_at=edited_at,
        earlier=(PastVersion(_named(line.earlier), at),) if line.earlier else (),
        pinned_at=at + timedelta(minutes=2) if line.is_pinned else None,
        pinned_by="nora",
    )


def _named(text: str) -> str:
    """Return a text whose `@nora` are mentions."""
    return _MENTION.sub(lambda found: mention_of(found[1]) if found[1] in _KEYS else found[0], text)

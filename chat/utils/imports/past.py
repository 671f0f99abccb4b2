"""The past of another chat, as every reader gives it: people, rooms and their messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chat.utils.clock import now

BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)  # no chat is older

# In place of a mention in a text: the key of a person between two signs that no text may have.
_BEGIN, _END = "\ue000", "\ue001"
MENTION = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_SIGNS = re.compile(f"[{_BEGIN}{_END}]")


class ImportUnusable(Exception):
    """A file that cannot be imported. The text is one sentence for the operator."""


@dataclass(frozen=True)
class PastPerson:
    """A person of the source. `key`: by which its messages name them; `avatar`: a picture.

    `owner`: of a bot, the key of who answers for it, who comes before it.
    """

    key: str
    username: str
    display_name: str
    email: str = ""
    title: str = ""
    status: tuple[str, str] | None = None  # an emoji and a text
    is_active: bool = True
    avatar: bytes | None = None
    owner: str = ""


@dataclass(frozen=True)
class PastRoom:
    """A room of the source, whose members are named by their keys.

    `kind`: "public", "private" or "direct". `roles`: of members who are "owner" or "moderator";
    without an owner it is the creator. `unread`: how many of its last messages somebody has not
    read. `hooks`: names of incoming webhooks that its creator makes.
    """

    key: str
    kind: str
    name: str = ""
    topic: str = ""
    created_at: datetime = BEGINNING
    creator: str = ""
    members: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    is_archived: bool = False
    unread: tuple[tuple[str, int], ...] = ()
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PastFile:
    """A file of a message. `read` returns its bytes; None if the source does not have them."""

    name: str
    is_picture: bool
    size: int = 0
    alt: str = ""
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class PastVersion:
    """What a message was before an edit, and until when the version before it was."""

    body: str
    at: datetime


@dataclass(frozen=True)
class PastMessage:
    """A message, by a person (`author`) or by an app (`app`: its name, and its icon, an emoji).

    `body`: our Markdown, with `mention_of` where it names people. `earlier`: its versions before
    the last one, as far as they are known. `reactions`: (emoji, people).
    """

    key: str
    created_at: datetime
    body: str
    author: str = ""
    app: tuple[str, str | None] | None = None
    reply_to: str | None = None
    files: tuple[PastFile, ...] = ()
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    edited_at: datetime | None = None
    earlier: tuple[PastVersion, ...] = ()
    pinned_at: datetime | None = None
    pinned_by: str = ""


class Source(Protocol):
    """A reader. `name`: of the program; `key`: of what it exports, the same for every export."""

    name: str
    key: str

    def people(self) -> Iterable[PastPerson]:
        """Return the people, each once."""

    def rooms(self) -> Iterable[PastRoom]:
        """Return the rooms, each once."""

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        """Yield a room's messages in the order of their times. Raises ImportUnusable."""


def mention_of(key: str) -> str:
    """Return what stands for a mention of a person in the body of a message."""
    return f"{_BEGIN}{key}{_END}"


def plain(text: str) -> str:
    """Return a text of the source without the signs of `mention_of`."""
    return _SIGNS.sub("", text)


def moment_of(seconds: object) -> datetime | None:
    """Return the moment of so many seconds since 1970, to the millisecond; None if it is none.

    Moments that have not come yet become now.
    """
    try:
        number = float(seconds)  # type: ignore[arg-type]
        found = datetime.fromtimestamp(number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    found = found.replace(microsecond=found.microsecond // 1000 * 1000)
    return min(found, now()) if found >= BEGINNING else None

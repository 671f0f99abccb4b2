"""Find what a person missed, and put it into the lines of a mail."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chat import extensions
from chat.controllers.notification_cases import Post
from chat.models import keywords
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.opened import OpenMessage
from chat.models.notification_rules import decide
from chat.models.reading import Reading
from chat.models.user import User
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_rooms
from chat.utils.plain_text import excerpt_of
from chat.utils.time_slices import in_time_slices
from chat.utils.translation import _, ngettext

MOST_ROOMS = 20  # in one mail
MOST_OF_ROOM = 100  # the newest messages of a room that are looked at
MOST_EXCERPTS = 5  # of one room


class Missed(NamedTuple):
    """What a person missed in a room, the oldest first."""

    membership: Membership
    messages: list[OpenMessage]


def find(person: User, since: datetime, until: datetime) -> list[Missed]:
    """Return what would have notified a person after `since`, up to `until`, and is unread now.

    Rooms with the newest messages come first.
    """
    memberships = [
        mine
        for mine in Membership.of_hidden_too(person.id)
        if mine.notifications != "nothing" and mine.may("read")
    ]
    alone = not extensions.settings().redis_url
    readings = Reading.of_many(memberships, alone=alone) if memberships else {}
    own = keywords.phrases(keywords.unseal(person.id, person.sealed_keywords))
    found = []
    for mine in in_time_slices(memberships):
        reading = readings[mine.room.id]
        if reading.unread:
            messages = _missed_in(mine, reading, person, (since, until), own)
            if messages:
                found.append(Missed(mine, messages))
    found.sort(key=lambda each: each.messages[-1].created_at, reverse=True)
    return found[:MOST_ROOMS]


def lines(person: User, missed: list[Missed]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return an item of a list for each room: its name with a count, and what was written there.

    What was written only for those who chose it.
    """
    rooms = show_rooms(each.membership for each in missed)
    shown = []
    for room, each in zip(rooms, missed, strict=True):
        count = len(each.messages)
        head = ngettext(
            "{room}: 1 message", "{room}: {count} messages", count, room=room["name"] or ""
        )
        excerpts = _excerpts(each.messages) if person.preferences.email_content else ()
        shown.append((head, excerpts))
    return tuple(shown)


def _excerpts(messages: list[OpenMessage]) -> tuple[str, ...]:
    found = []
    for message in messages[-MOST_EXCERPTS:]:
        view = show_message(message)
        words = excerpt_of(view["body_html"], view["body"]) or _("A picture")
        found.append(f"{message.author.label}: {words}")
    return tuple(found)


def _missed_in(
    mine: Membership,
    reading: Reading,
    person: User,
    window: tuple[datetime, datetime],
    own: keywords.Phrases,
) -> list[OpenMessage]:
    since, until = window
    page = Message.page(mine.room.id, limit=MOST_OF_ROOM)
    return [
        message
        for message in in_time_slices(page.messages)
        if message.seq > reading.read_seq
        and since < message.created_at <= until
        and not message.deleted_at
        and _notifies(message, mine, person, own)
    ]


def _notifies(message: OpenMessage, mine: Membership, person: User, own: keywords.Phrases) -> bool:
    post = Post.of(show_message(message), mine.room, {person.id: own} if own else {})
    blocks_author = bool(post.blocking_among([person.id]))
    return decide(post.case_of(person, mine, blocks_author=blocks_author)).kind is not None

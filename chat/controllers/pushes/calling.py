"""Find out whom a posted message calls, among the people who have push subscriptions.

The table of notification rules decides, as it does for open pages. Who is active on any page at
that moment is not called: the page shows the message.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from chat.controllers import presence
from chat.controllers.notification_cases import Post, wants_in
from chat.models import keywords
from chat.models.database import Record
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.membership.cache import Wants
from chat.models.message import Message
from chat.models.notification_rules import decide
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.messages import show_message
from chat.utils.chunks import chunks_of

CHUNK = 100  # people in one query


@dataclass(frozen=True)
class Call:
    """Somebody whom a message calls. `kind`: of the notification."""

    user_id: Id
    kind: str


def calls_of(record: Record, subscribers: Set[Id]) -> Iterator[list[Call]]:
    """Yield whom a posted entry calls, some at a time. Raises CannotOpen, DatabaseError.

    A message that names nobody is not even opened where no subscriber wants more than mentions.
    """
    room_id: Id = record["room_id"]
    wants = wants_in(room_id)
    names_room = bool(record.get("mentions_room"))
    named = bool(record.get("mentions"))
    wanting = (wants.every_message | wants.keywords) & subscribers
    room = Room.find(room_id) if named or names_room or wanting else None
    if room is None:
        return
    (message,) = Message.from_records([record])
    if message.deleted_at:
        return
    post = Post.of(show_message(message), room, _keywords(wants, subscribers))
    called = post.named | post.finders | wants.every_message
    candidates = _everybody(room, subscribers) if names_room else called & subscribers
    for chunk in chunks_of(candidates, CHUNK):
        yield _called_among(post, chunk)


def _everybody(room: Room, subscribers: Set[Id]) -> Set[Id]:
    """Return the subscribers who may be in a room: by its people, or by the fewer subscribers."""
    if room.kind == "direct":
        return subscribers & set(room.people)
    if Membership.count(room.id) > len(subscribers):
        return subscribers
    return subscribers & set(Membership.people_in(room.id))


def _keywords(wants: Wants, subscribers: Set[Id]) -> dict[Id, keywords.Phrases]:
    people = wants.keywords & subscribers
    everybody = keywords.of_everybody() if people else {}
    return {each: everybody[each] for each in people if each in everybody}


def _called_among(post: Post, people: list[Id]) -> list[Call]:
    """Return those of some people, who need not be in the room, whom a message calls."""
    memberships = Membership.find_in(post.room, people)
    users = User.find_many(memberships)
    blocking = post.blocking_among(users)
    calls = []
    for user in users.values():
        membership = memberships[user.id]
        has_read = membership.read_seq >= post.message["seq"]
        if has_read or not user.is_active or presence.status_of(user.id) == presence.ONLINE:
            continue
        kind = decide(post.case_of(user, membership, blocks_author=user.id in blocking)).kind
        if kind:
            calls.append(Call(user.id, kind))
    return calls

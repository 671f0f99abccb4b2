"""Note in the audit what administrators, moderators and operators do, and show it.

The act comes first, then its entry. If the entry cannot be stored, the act stays, the log says so,
and a job stores the entry later: docs/decisions/0043.
"""

from __future__ import annotations

import logging
from collections import deque

from chat.controllers import access
from chat.models.audit import NO_TEXTS, USUAL_PAGE, Entry, Texts, actions
from chat.models.database import DatabaseError
from chat.models.document import Id, id_from, new_id
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Unavailable
from chat.utils.list_page import ListPage

_waiting: deque[Entry] = deque()
logger = logging.getLogger(__name__)


def note(
    action: str,
    actor: User | None,
    *,
    user_id: Id | None = None,
    invite_id: Id | None = None,
    texts: Texts = NO_TEXTS,
) -> None:
    """Note what somebody did to the chat, its accounts or its invites.

    `actor`: None for an operator with a shell on the machine.
    """
    _store(Entry(action, _id_of(actor), user_id=user_id, invite_id=invite_id, texts=texts))


def note_in_room(
    action: str,
    actor: User | None,
    room: Room,
    *,
    user_id: Id | None = None,
    message_id: Id | None = None,
    is_private: bool | None = None,
    before: str = "",
    after: str = "",
    entry_id: Id | None = None,
) -> None:
    """Note what somebody did to a room, its members or its messages.

    `is_private`: None when the kind of the room decides whether administrators see the entry.
    `entry_id`: of an entry that may be stored already, and is not stored twice.
    """
    if is_private is None:
        is_private = room.kind != "public"
    entry = Entry(
        action,
        _id_of(actor),
        user_id=user_id,
        room_id=room.id,
        message_id=message_id,
        is_private=is_private,
        texts=Texts("" if is_private else room.name, before, after),
        id=entry_id or new_id(),
    )
    _store(entry)


def note_changes(actor: User, before: Room, after: Room, changed: set[str]) -> None:
    """Note each difference between a room before and after a person changed some of its fields."""
    was_private = "public" not in (before.kind, after.kind)
    if "name" in changed and before.name != after.name:
        is_private = before.kind != "public" or after.kind != "public"
        note_in_room(
            actions.ROOM_RENAMED,
            actor,
            after,
            is_private=is_private,
            before=before.name,
            after=after.name,
        )
    if "kind" in changed and before.kind != after.kind:
        is_public = after.kind == "public"
        action = actions.ROOM_PUBLIC if is_public else actions.ROOM_PRIVATE
        note_in_room(action, actor, after if is_public else before, is_private=False)
    if "archived" in changed and bool(before.archived_at) != bool(after.archived_at):
        action = actions.ROOM_ARCHIVED if after.archived_at else actions.ROOM_UNARCHIVED
        note_in_room(action, actor, after, is_private=was_private)


def page(
    person: User,
    *,
    before: int | None = None,
    action: str | None = None,
    room_id: str | None = None,
    limit: int = USUAL_PAGE,
) -> ListPage[Entry, int]:
    """Return a page of the chat's audit, without private rooms. Raises Forbidden."""
    person.must("read the chat's audit")
    return Entry.page(before=before, action=action, room_id=id_from(room_id), limit=limit)


def page_of_room(
    person: User,
    room_id: str,
    *,
    before: int | None = None,
    action: str | None = None,
    limit: int = USUAL_PAGE,
) -> ListPage[Entry, int]:
    """Return a page of a room's audit. Raises NotFound, Forbidden."""
    room = access.membership(person, room_id).must("read the audit").room
    return Entry.page(
        before=before, action=action, room_id=room.id, shows_private=True, limit=limit
    )


def store_waiting() -> None:
    """Store the entries that could not be stored when somebody acted."""
    for _entry in range(len(_waiting)):
        _store(_waiting.popleft())


def _id_of(actor: User | None) -> Id | None:
    return actor.id if actor else None


def _store(entry: Entry) -> None:
    about = {"action": entry.action, "actor_id": str(entry.actor_id), "entry": str(entry.id)}
    try:
        stored = entry.append()
    except (DatabaseError, Unavailable) as error:
        if entry.actor_id is None:
            raise  # a command ends now, so nothing could store the entry later
        _waiting.append(entry)
        logger.exception("an entry of the audit waits", extra=about | {"reason": str(error)})
        return
    logger.info("the audit has an entry", extra=about | {"seq": stored.seq, "hash": stored.hash})

"""Post messages and change them: edit, delete, react, pin."""

from __future__ import annotations

import logging
from functools import partial
from typing import NamedTuple

from chat import extensions
from chat.controllers import (
    access,
    audit,
    bot_loops,
    broadcasts,
    direct_rooms,
    images,
    recency,
    room_lines,
    storage,
    typing,
)
from chat.models import figures
from chat.models.audit import actions
from chat.models.document import Id
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.changeable import ChangedMessage
from chat.models.message.editable import MOST_VERSIONS, Version
from chat.models.peers import active_rooms
from chat.models.user import User
from chat.schemas.messages import version_size
from chat.utils.errors import Conflict, RateLimited, ValidationFailed

logger = logging.getLogger(__name__)


class Posted(NamedTuple):
    message: Message
    is_new: bool


def post(
    author: User,
    room_id: str,
    *,
    body: str,
    client_id: str,
    image_ids: list[str],
    reply_to_id: str | None = None,
) -> Posted:
    """Post a message in a room, once per `client_id`.

    Raises NotFound, Conflict, ValidationFailed, RateLimited, Unavailable.
    """
    mine = _where_they_may(author, access.membership(author, room_id), "post")
    room = mine.room
    bot_loops.charge(author, room)
    claimed: list[Image] = []
    try:
        answered_id = access.message_to_answer(mine, reply_to_id).id if reply_to_id else None
        claimed = images.claim(author, room.id, client_id, image_ids)
        _mark_active(room.id)
        charge = partial(storage.charge, author)
        sent = Message.post(room.id, author, client_id, body, claimed, answered_id, charge)
        posted = Posted(*sent)
    except (ValidationFailed, RateLimited, storage.DiskNearlyFull):
        # An earlier call may have stored this message. Since then somebody may have deleted the
        # answered message or an image, or the space may be used up.
        if earlier := Message.sent_before(room.id, author, client_id, body, reply_to_id, image_ids):
            return Posted(earlier, is_new=False)
        raise
    except Conflict:
        images.release_unsent(author, client_id, claimed)
        raise
    if posted.is_new:
        figures.note_message()
    images.attach(claimed, posted.message)
    typing.stop(room.id, author.id)
    _list_first(author, mine)
    # Announce also on a retry, because the first call may have died before this line.
    broadcasts.message_posted(posted.message)
    return posted


def edit(person: User, message_id: str, body: str) -> Message:
    """Replace the body of an own message.

    Raises NotFound, Forbidden, Conflict, ValidationFailed, Unavailable.
    """
    found = access.message(person, message_id)
    _mark_active(_where_they_may(person, found.membership, "edit").room.id)
    return _announced(found.message.edit(person, body, partial(storage.charge, person)))


def delete(person: User, message_id: str) -> Message:
    """Delete the person's own message, or another one if the role permits. Return the tombstone.

    Raises NotFound, Forbidden, Unavailable.
    """
    found = access.message(person, message_id)
    room = found.membership.must("delete").room
    _mark_active(room.id)
    changed = found.message.delete(person, found.membership.role)
    deleted = _announced(changed)
    about = {
        "message_id": message_id,
        "room_id": str(room.id),
        "user_id": str(person.id),
        "author_id": str(found.message.author.id),
    }
    logger.info("a message was deleted", extra=about)
    author_id = found.message.author.id
    if changed.entry and author_id != person.id:
        audit.note_in_room(
            actions.MESSAGE_DELETED, person, room, user_id=author_id, message_id=deleted.id
        )
    return deleted


def erase_traces(person: User, message_id: Id) -> None:
    """Delete a message of somebody who is being erased, or their reactions to another one.

    Raises Unavailable.
    """
    message = Message.find(message_id)
    if message is None or message.deleted_at:
        return
    _mark_active(message.room_id)
    if message.author.id == person.id:
        _announced(message.delete(person, "member"))
        return
    for emoji, user_ids in message.reactions:
        if person.id in user_ids:
            _announced(message.react(person, emoji, on=False))


def react(person: User, message_id: str, emoji: str, *, on: bool) -> Message:
    """Add a reaction to a message, or remove it.

    Raises NotFound, Conflict, ValidationFailed, Unavailable.
    """
    found = access.message(person, message_id)
    _mark_active(_where_they_may(person, found.membership, "react").room.id)
    storage.charge(person, found.message.changed_bytes)
    return _announced(found.message.react(person, emoji, on=on))


def pin(person: User, message_id: str, *, on: bool) -> Message:
    """Pin a message in its room, or unpin it.

    Raises NotFound, Forbidden, Conflict, Unavailable.
    """
    found = access.message(person, message_id)
    _mark_active(_where_they_may(person, found.membership, "pin").room.id)
    storage.charge(person, found.message.changed_bytes)
    changed = found.message.pin(person, on=on)
    message = _announced(changed)
    if changed.entry:
        room_lines.announce_pin(message.room_id, changed.entry.seq)
    return message


def show(person: User, message_id: str) -> Message:
    """Return a message. Raises NotFound."""
    found = access.message(person, message_id)
    found.membership.must("read")
    return found.message


def versions(
    person: User,
    message_id: str,
    *,
    after: int = 0,
    limit: int = MOST_VERSIONS,
    most_bytes: int = MOST_BYTES,
) -> tuple[list[Version], int | None]:
    """Return a message's versions, first to last, and the seq after which the list goes on.

    Only the author and people whose role allows it may read versions. Raises NotFound, Forbidden.
    """
    found = access.message(person, message_id)
    is_own = found.message.author.id == person.id
    found.membership.must("read" if is_own else "read others' versions")
    return found.message.versions(after, limit, size=version_size, most_bytes=most_bytes)


def _where_they_may(person: User, mine: Membership, verb: str) -> Membership:
    """Return the membership, if its role allows `verb` and the person is not blocked.

    Raises Forbidden.
    """
    direct_rooms.must_reach(person, mine.must(verb).room)
    return mine


def _list_first(author: User, mine: Membership) -> None:
    """List a direct room for its people, and move the room forward in people's lists.

    Call this before the message is announced: a client must receive the room before the message.
    """
    if mine.room.kind == "direct":
        direct_rooms.appear(author.id, mine.room)
    recency.note_post(author, mine)


def _mark_active(room_id: Id) -> None:
    """Mark the room active, so that its entries are announced even if this process dies first."""
    active_rooms.mark(room_id, for_others=bool(extensions.settings().redis_url))


def _announced(changed: ChangedMessage[Message]) -> Message:
    broadcasts.message_changed(changed)
    return changed.message

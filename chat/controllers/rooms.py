"""Create, find and change rooms."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from chat import extensions
from chat.controllers import access, audit, broadcasts, memberships, recency, room_lines, storage
from chat.controllers.bot_bounds import deciding
from chat.controllers.one_by_one import for_each
from chat.models import deleted_rooms, pins, public_names, room_changes
from chat.models.audit import actions
from chat.models.ban import Ban
from chat.models.document import Id, id_from, new_id
from chat.models.image import Image
from chat.models.incoming_webhook import IncomingWebhook
from chat.models.key_ring import key_ring
from chat.models.log import log_of
from chat.models.membership import Membership, roster
from chat.models.membership.decision import Allow, Decision
from chat.models.message import Message, forget_opened
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.peers.change_notices import ChangeNotice
from chat.models.prepared_export import PreparedExport
from chat.models.reading import Reading
from chat.models.reminder import Reminder
from chat.models.room import LONGEST_LIST, Room
from chat.models.room_invitation import RoomInvitation
from chat.models.room_line import RoomLine
from chat.models.room_order import LONGEST_PAGE, USUAL_PAGE, page_of
from chat.models.search import indexer
from chat.models.user import User
from chat.utils.folding import fold_name
from chat.utils.list_page import ListPage

MOST_PAGES = 5  # pages that one search for rooms by name looks through

RoomItem: TypeAlias = tuple[Membership, Reading]

logger = logging.getLogger(__name__)


def create(person: User, *, name: str, kind: str, topic: str = "") -> Membership:
    """Create a room, whose owner is the person; of a bot's room its owner is one, too.

    Raises Conflict for the name of another public room, Unavailable on a full disk.
    """
    storage.require_space()
    room_id = new_id()
    if kind == "public":
        public_names.take(room_id, name)
    room = Room.prepare(kind, name, topic, room_id, created_by=person.id)
    mine = memberships.open_room(room, person)
    audit.note_in_room(actions.ROOM_CREATED, person, room, after=kind)
    return mine


def mine(
    person: User, before: int | None = None, limit: int = USUAL_PAGE
) -> ListPage[RoomItem, int]:
    """Return a page of the person's list of rooms, the last used first, with their readings."""
    page = page_of(person, before, limit)
    return ListPage(with_readings(page.items), page.following)


def mine_of(person: User, room_ids: list[str]) -> ListPage[RoomItem, int]:
    """Return one page with the rooms among `room_ids` that are in the person's list."""
    listed = [own for own in memberships_of(person, room_ids) if own.is_listed]
    return ListPage(with_readings(listed), None)


def memberships_of(person: User, room_ids: Iterable[str]) -> list[Membership]:
    """Return the person's memberships of the rooms among `room_ids`, in no order."""
    ids = {room_id for room_id in map(id_from, room_ids) if room_id}
    return [found for found in Membership.find_many(person.id, ids) if found.may("read")]


def named(
    person: User, part: str, before: int | None = None, limit: int = USUAL_PAGE
) -> ListPage[RoomItem, int]:
    """Return a page of the person's list of rooms with `part` in their name, as `mine` does.

    This reads at most MOST_PAGES pages. So the result may have few rooms, or none, although the
    list goes on.
    """
    found: list[Membership] = []
    for _page in range(MOST_PAGES):
        page = page_of(person, before, LONGEST_PAGE)
        found += _with_name(page.items, fold_name(part))
        before = page.following
        if before is None or len(found) >= limit:
            break
    if len(found) <= limit:
        return ListPage(with_readings(found), before)
    shown = found[:limit]
    return ListPage(with_readings(shown), shown[-1].place)


def _with_name(memberships: list[Membership], part: str) -> list[Membership]:
    users = User.find_many({user_id for mine in memberships for user_id in mine.room.people})
    return [
        mine for mine in memberships if part in fold_name(mine.room.name_for(mine.user_id, users))
    ]


def with_readings(memberships: list[Membership]) -> list[RoomItem]:
    """Return the memberships in this order, each with how far its person has read."""
    readings = Reading.of_many(memberships, alone=not extensions.settings().redis_url)
    return [(membership, readings[membership.room.id]) for membership in memberships]


def browse(
    person: User, beginning: str = "", after: str = ""
) -> ListPage[tuple[Room, Membership | None], str]:
    """Return a page of the public rooms by name, each with the person's membership, if any."""
    rooms = Room.browse(beginning, after)
    shown = rooms[:LONGEST_LIST]
    own = {
        membership.room.id: membership
        for membership in Membership.find_many(person.id, [room.id for room in shown])
    }
    following = rooms[LONGEST_LIST].name_key if len(rooms) > LONGEST_LIST else None
    return ListPage([(room, own.get(room.id)) for room in shown], following)


def show(person: User, room_id: str) -> Membership:
    return access.membership(person, room_id).must("read")


def enter(person: User, room_id: str) -> Membership:
    """Return a room that the person opens, and move it forward in their list. Raises NotFound."""
    own = show(person, room_id)
    recency.note_use(person, own)
    return own


def creator_of(mine: Membership) -> User | None:
    """Return who created a room, if that is known.

    The record of a room of earlier versions does not tell; then it was its first member, who may
    have left it.
    """
    if mine.room.created_by:
        return User.find(mine.room.created_by)
    first = Membership.first(mine.room)
    return User.find(first.user_id) if first else None


def change(
    person: User,
    room_id: str,
    *,
    name: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    archived: bool | None = None,
) -> Membership:
    """Change a room's name, topic or kind, archive it or unarchive it.

    Raises NotFound, Forbidden, Conflict for the name of another public room.
    """
    room = access.membership(person, room_id).room
    own = deciding(person, Decision.now(room.id))  # others may have changed either
    before = own.room
    if archived is not None:
        own.must("archive room")
    if archived is False:  # check the other changes as if the room were not archived
        own = replace(own, room=replace(own.room, archived_at=None))
    if name is not None or topic is not None or kind is not None:
        own.must("change room")
    if kind is not None:
        own.must("change kind")
    if name is not None or topic is not None:
        storage.charge(person, room_lines.size_of_change(name, topic))
    after = replace(before, name=name or before.name, kind=kind or before.kind)
    if after.kind == "public" and (after.name, after.kind) != (before.name, before.kind):
        public_names.take(after.id, after.name)
    room = room_changes.change(own.room, name=name, topic=topic, kind=kind, archived=archived)
    public_names.release_unused(room)
    broadcasts.room_updated(room)
    if room.kind == "private" != before.kind:
        memberships.take_out_bots_alone(room, person)
    asked = {"name": name, "topic": topic, "kind": kind, "archived": archived}
    changed = {field for field, value in asked.items() if value is not None}
    room_lines.note_changes(person, before, room, changed)
    audit.note_changes(person, before, room, changed)
    return access.membership(person, str(room.id))


def delete(person: User, room_id: str) -> None:
    """Delete a room at once, so that nobody can read its messages any more.

    Raises NotFound, Forbidden.
    """
    room = access.membership(person, room_id).must("delete room").room
    destroy(room, person, lambda now: deciding(person, now).must("delete room"))
    logger.info("a room was deleted", extra={"room_id": room_id, "user_id": str(person.id)})


def destroy(room: Room, by: User | None = None, allow: Allow = lambda _: None) -> None:
    """Delete a room for an owner, or for the operator (None). `allow` may raise.

    Raises NotFound.
    """
    ChangeNotice.store("room", room_id=room.id)
    roster.close(room.id, lambda now: allow(Decision(now)))
    public_names.release(room.id)
    forget_opened()
    broadcasts.room_deleted(room.id)
    audit.note_in_room(actions.ROOM_DELETED, by, room)


def delete_restored() -> int:
    """Delete rooms that a backup restored after their deletion; return how many."""
    found = Room.find_many(key_ring.shredded())
    for room in found.values():
        destroy(room)
    return len(found)


def finish_deletions() -> int:
    """Delete the remaining data of deleted rooms, which nobody can read. Return how many rooms."""
    unfinished = deleted_rooms.unfinished()
    return for_each(unfinished, _finish_deletion, "a deleted room's data could not be deleted")


def _finish_deletion(room_id: Id) -> bool:
    Membership.end_all(room_id)
    RoomInvitation.end_all(room_id)
    Ban.end_all(room_id)
    OutgoingWebhook.end_all(room_id)
    IncomingWebhook.end_all(room_id)
    Reminder.end_all(room_id)
    PreparedExport.end_all(room_id)
    for image_id in Image.ids_in(room_id):
        Image.discard(image_id)
    Message.forget_mentions_in(room_id)
    pins.destroy(room_id)
    RoomLine.destroy(room_id)
    indexer.destroy(room_id)
    log_of(room_id).destroy()
    deleted_rooms.finish_deletion(room_id)
    return True

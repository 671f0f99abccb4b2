"""What people do with rooms: make, find, change them."""

from __future__ import annotations

from dataclasses import replace

from chat.controllers import access, broadcasts, storage
from chat.models import pins
from chat.models.document import Id, id_from
from chat.models.image import Image
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.message import Message, forget_opened, indexing
from chat.models.notice import Notice
from chat.models.reading import Reading
from chat.models.room import LONGEST_LIST, MOST_PEOPLE_IN_A_DIRECT_ROOM, Room
from chat.models.user import User
from chat.utils.errors import ValidationFailed


def create(person: User, *, name: str, kind: str, topic: str = "") -> Membership:
    """A new room, which the person owns. Raises Unavailable on a full disk."""
    storage.must_have_room()
    room = Room.prepare(kind, name, topic)
    mine, _ = Membership.begin(room, person.id, "owner", 0)
    room.open()
    broadcasts.room_added(mine)
    return mine


def open_direct(person: User, user_ids: list[str]) -> tuple[Membership, bool]:
    """The one direct room of exactly these people and the person, and whether it is new. Raises ValidationFailed."""
    storage.must_have_room()
    people = _people(person, user_ids)
    room, is_new = Room.direct(people)
    in_order = sorted(people, key=lambda user_id: user_id == person.id)  # one's own last: then all are there
    memberships = [Membership.begin(room, user_id, "member", 0) for user_id in in_order]
    for membership, began in memberships:
        if began:
            broadcasts.room_added(membership)
    return access.membership(person, str(room.id)), is_new


def _people(person: User, user_ids: list[str]) -> set[Id]:
    ids = [id_from(text) for text in user_ids]
    wanted = {user_id for user_id in ids if user_id} | {person.id}
    if None in ids or len(User.find_many(wanted)) != len(wanted):
        raise ValidationFailed(fields={"user_ids": "Somebody here does not exist."})
    if len(wanted) > MOST_PEOPLE_IN_A_DIRECT_ROOM:
        raise ValidationFailed(fields={"user_ids": f"A direct room holds {MOST_PEOPLE_IN_A_DIRECT_ROOM} people at most."})
    return wanted


def mine(person: User) -> list[tuple[Membership, Reading]]:
    """The rooms somebody is in, and how far they have read each."""
    return [(membership, Reading.of(membership)) for membership in Membership.of(person.id)]


def browse(person: User, beginning: str = "", after: str = "") -> tuple[list[tuple[Room, Membership | None]], str | None]:
    """Public rooms by name, each with the person's membership if there is one, and where the list goes on."""
    rooms = Room.browse(beginning, after)
    shown, rest = rooms[:LONGEST_LIST], rooms[LONGEST_LIST:]
    return [(room, Membership.find(room.id, person.id)) for room in shown], rest[0].name_key if rest else None


def show(person: User, room_id: str) -> Membership:
    return access.membership(person, room_id).must("read")


def change(
    person: User, room_id: str, *, name: str | None = None, topic: str | None = None, kind: str | None = None, archived: bool | None = None
) -> Membership:
    """Another name, topic or kind, into the archive or out of it. Raises NotFound, Forbidden."""
    own = access.membership(person, room_id)
    if archived is not None:
        own.must("archive room")
    if archived is False:  # what comes with it is done in a room that is in use again
        own = replace(own, room=replace(own.room, archived_at=None))
    if name is not None or topic is not None or kind is not None:
        own.must("change room")
    if kind is not None:
        own.must("change kind")
    room = own.room.change(name=name, topic=topic, kind=kind, archived=archived)
    broadcasts.room_updated(room)
    return access.membership(person, str(room.id))


def delete(person: User, room_id: str) -> None:
    """The room is gone at once, and what was said there can be read by nobody any more. Raises NotFound, Forbidden."""
    destroy(access.membership(person, room_id).must("delete room").room)


def destroy(room: Room) -> None:
    """Deletes a room, whoever wants it: an owner, or the operator."""
    Notice.leave("room", room_id=room.id)
    room.destroy()
    forget_opened()
    broadcasts.room_deleted(room.id)


def clear_away() -> int:
    """Takes away what is left of deleted rooms, which nobody can read; how many rooms that were."""
    graves = Room.graves()
    for room_id in graves:
        Membership.end_all(room_id)
        for image_id in Image.ids_in(room_id):
            Image.discard(image_id)
        Message.forget_mentions_in(room_id)
        pins.destroy(room_id)
        indexing.destroy(room_id)
        log_of(room_id).destroy()
        Room.level(room_id)
    return len(graves)

"""Define the input and the views of rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields

from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.membership.stored import LEVELS
from chat.models.permissions import ROLES
from chat.models.reading import MOST, Reading
from chat.models.room import KINDS, MOST_PEOPLE_IN_A_DIRECT_ROOM, Room
from chat.models.room_order import LONGEST_PAGE, USUAL_PAGE
from chat.models.user import User
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import (
    BIGGEST_SEQ,
    Cursor,
    JoinedIds,
    ListOf,
    Moment,
    Next,
    NumberCursor,
    ObjectIdString,
    OneOf,
    StrictBoolean,
    StrictInteger,
)
from chat.schemas.mutes import MuteView, show_mute
from chat.schemas.readings import KEPT_FROM, show_reading
from chat.schemas.text_fields import CleanText, Line, Name
from chat.utils.clock import rfc3339
from chat.utils.sentences import Later

LONGEST_NAME = 80
LONGEST_TOPIC = 250
LONGEST_CURSOR = 300  # a lowercase name, in which three letters may replace one, and an id


class RoomsQuery(QueryInput):
    q = CleanText(
        0, LONGEST_NAME, load_default="", metadata={"description": "a part of a room's name"}
    )
    ids = JoinedIds(
        LONGEST_PAGE,
        load_default=None,
        allow_none=False,
        metadata={
            "description": (
                f"only these rooms: up to {LONGEST_PAGE} ids, with commas between them; "
                "none, if it is empty"
            )
        },
    )
    before = NumberCursor(1, BIGGEST_SEQ, metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)


class RoomInput(Input):
    name = Name(1, LONGEST_NAME, required=True)
    kind = OneOf(("public", "private"), load_default="public")
    topic = Line(0, LONGEST_TOPIC, load_default="")


class RoomChangeInput(Input):
    name = Name(1, LONGEST_NAME)
    topic = Line(0, LONGEST_TOPIC)
    kind = OneOf(
        ("public", "private"),
        metadata={
            "description": "for owners; everybody can read earlier messages of a public room"
        },
    )
    archived = StrictBoolean(
        metadata={"description": "for owners; nobody can write in an archived room"}
    )


class DirectRoomInput(Input):
    user_ids = ListOf(
        ObjectIdString(),
        1,
        MOST_PEOPLE_IN_A_DIRECT_ROOM,
        required=True,
        error=Later("Name 1 to {most} people.", most=MOST_PEOPLE_IN_A_DIRECT_ROOM - 1),
    )


class NotificationsInput(Input):
    level = OneOf(
        LEVELS,
        required=True,
        metadata={"description": "all: every message notifies you; mentions: also keywords"},
    )


class BrowseQuery(QueryInput):
    q = CleanText(
        0, LONGEST_NAME, load_default="", metadata={"description": "the beginning of a room's name"}
    )
    after = Cursor(
        LONGEST_CURSOR, load_default="", metadata={"description": "`next` of the page before"}
    )


class NamedRoomView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = OneOf(KINDS, required=True)


class RoomView(View):
    id = fields.String(required=True)
    name = fields.String(
        required=True, metadata={"description": "a direct room is named after the others in it"}
    )
    kind = OneOf(KINDS, required=True)
    topic = fields.String(required=True)
    role = OneOf(
        ROLES,
        required=True,
        allow_none=True,
        metadata={"description": "yours; null where you are not in it"},
    )
    notifications = OneOf(
        LEVELS,
        required=True,
        allow_none=True,
        metadata={"description": "your level there; null where you are not in it"},
    )
    favourite = fields.Boolean(
        required=True,
        metadata={"description": "whether it is a favourite of yours, which you find first"},
    )
    mute = fields.Nested(
        MuteView,
        required=True,
        allow_none=True,
        metadata={"description": "yours: you may read and not write there; null: you may"},
    )
    member_count = fields.Integer(required=True)
    user_ids = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "the others in a direct room; empty for other rooms"},
    )
    archived_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    created_by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "a person's id; null if that is not known"},
    )
    kept_from = fields.Integer(required=True, metadata={"description": KEPT_FROM})


class RoomItemView(View):
    room = fields.Nested(RoomView, required=True)
    head_seq = fields.Integer(
        required=True, metadata={"description": "the newest entry of the room's log"}
    )
    read_seq = fields.Integer(
        required=True, metadata={"description": "everything up to this entry is read"}
    )
    unread = fields.Integer(
        required=True,
        metadata={
            "description": f"messages of others after read_seq; {MOST} means that many or more"
        },
    )
    mentions = fields.Integer(
        required=True, metadata={"description": "those of them that mention you"}
    )


class RoomListView(View):
    rooms = fields.List(fields.Nested(RoomItemView), required=True)
    next = Next("before")


class BrowseView(View):
    rooms = fields.List(fields.Nested(RoomView), required=True)
    next = Next("after")


def show_named_room(room: Room) -> dict[str, Any]:
    """Return a NamedRoomView."""
    return {"id": str(room.id), "name": room.name, "kind": room.kind}


def show_room(membership: Membership) -> dict[str, Any]:
    """Return a RoomView for a member of the room."""
    return show_rooms([membership])[0]


def show_rooms(memberships: Iterable[Membership]) -> list[dict[str, Any]]:
    """Return RoomViews for the person who has these memberships."""
    return _show_many([(membership.room, membership) for membership in memberships])


def show_browsed_rooms(found: Iterable[tuple[Room, Membership | None]]) -> list[dict[str, Any]]:
    """Return RoomViews of public rooms for a person who may not be in them."""
    return _show_many(list(found))


def show_room_item(membership: Membership, reading: Reading) -> dict[str, Any]:
    """Return a RoomItemView."""
    return show_room_items([(membership, reading)])[0]


def show_room_items(items: Iterable[tuple[Membership, Reading]]) -> list[dict[str, Any]]:
    """Return RoomItemViews, with the same number of queries for any number of items."""
    found = list(items)
    rooms = show_rooms(membership for membership, _ in found)
    return [
        {"room": room, "head_seq": reading.head_seq, **show_reading(reading)}
        for room, (_, reading) in zip(rooms, found, strict=True)
    ]


def _show_many(found: list[tuple[Room, Membership | None]]) -> list[dict[str, Any]]:
    users = User.find_many({user_id for room, _ in found for user_id in room.people})
    counts = Membership.counts(room.id for room, _ in found if not room.people)
    return [_show(room, membership, users, counts) for room, membership in found]


def _show(
    room: Room, membership: Membership | None, users: Mapping[Id, User], counts: Mapping[Id, int]
) -> dict[str, Any]:
    """Return a RoomView; a direct room has the names of the other people in it."""
    user_id = membership.user_id if membership else None
    return {
        "id": str(room.id),
        "name": room.name_for(user_id, users),
        "kind": room.kind,
        "topic": room.topic,
        "role": membership and membership.role,
        "notifications": membership and membership.notifications,
        "favourite": membership is not None and membership.favourite,
        "mute": show_mute(membership),
        "member_count": len(room.people) or counts.get(room.id, 0),
        "user_ids": [str(user.id) for user in room.others(user_id, users)],
        "archived_at": room.archived_at and rfc3339(room.archived_at),
        "created_at": rfc3339(room.created_at),
        "created_by": str(room.created_by) if room.created_by else None,
        "kept_from": room.floor.seq,
    }

"""Choose the people whose faces a page shows beside a room's name."""

from __future__ import annotations

from itertools import islice
from typing import Any

from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.user import User
from chat.schemas.users import show_user

MOST_FACES = 3  # in a header
MOST_IN_A_ROW = 2  # in the sidebar

UserView = dict[str, Any]


def faces_in(room: dict[str, Any], messages: list[dict[str, Any]]) -> list[UserView]:
    """Return UserViews for the header of a RoomView: of who is in a direct room, or wrote last.

    `messages` are the MessageViews of the page.
    """
    if room["user_ids"]:
        return _found(room["user_ids"][:MOST_FACES])
    last = {each["author"]["id"]: each["author"] for each in reversed(messages)}
    there = (face for face in last.values() if _is_member(room["id"], face["id"]))
    return list(islice(there, MOST_FACES))


def faces_by_id(items: list[dict[str, Any]]) -> dict[str, UserView]:
    """Return UserViews by id: of the first other people in each direct room, of RoomItemViews."""
    others = [user_id for item in items for user_id in item["room"]["user_ids"][:MOST_IN_A_ROW]]
    return {face["id"]: face for face in _found(list(dict.fromkeys(others)))}


def _is_member(room_id: str, user_id: str) -> bool:
    """Return whether a writer is in the room: not a webhook, nor somebody who left."""
    room, user = id_from(room_id), id_from(user_id)
    return bool(room and user and Membership.find(room, user))


def _found(texts: list[str]) -> list[UserView]:
    ids = [found for text in texts if (found := id_from(text))]
    users = User.find_many(ids)
    return [show_user(users[each]) for each in ids if each in users]

"""Order the rows of the sidebar, and count what waits in each.

`models/sidebar_order.js` computes the same.
"""

from __future__ import annotations

import re
from typing import Any

from chat.utils.folding import fold_name

LONGEST_NUMBER = 20  # digits, as numbers are compared
RoomItem = dict[str, Any]  # a RoomItemView


def in_order(items: list[RoomItem]) -> list[RoomItem]:
    """Return RoomItemViews in the order of the sidebar, each with its `place` there among equals.

    `used` is its place in the given order, where the room that the person used last has 0.

    Rooms that call their reader come first, then other rooms with unread messages. Among these,
    rooms are in the order of their names, and direct rooms in the given one: the latest first.
    """
    given = [item | {"used": used} for used, item in enumerate(items)]
    direct = [item for item in given if item["room"]["kind"] == "direct"]
    named = sorted((item for item in given if item["room"]["kind"] != "direct"), key=_name)
    placed = [item | {"place": place} for place, item in enumerate([*named, *direct])]
    return sorted(placed, key=_rank)


def begun(items: list[RoomItem], current: str = "") -> list[RoomItem]:
    """Leave out direct rooms in which nothing was said, but neither favourites nor `current`."""
    return [
        item
        for item in items
        if item["head_seq"]
        or item["room"]["kind"] != "direct"
        or item["room"]["favourite"]
        or item["room"]["id"] == current
    ]


def waiting(item: RoomItem) -> int:
    """Return how many unread messages of a RoomItemView its reader wants to know of."""
    return 0 if item["room"]["notifications"] == "nothing" else int(item["unread"])


def badge(item: RoomItem) -> int:
    """Return the number beside a RoomItemView: mentions.

    In a direct room of which every message notifies, all messages count.
    """
    if item["room"]["kind"] == "direct" and item["room"]["notifications"] == "all":
        return waiting(item)
    return min(waiting(item), int(item["mentions"]))


def _name(item: RoomItem) -> tuple[str, str]:
    name = item["room"]["name"]
    return re.sub(r"\d+", lambda number: number[0].zfill(LONGEST_NUMBER), fold_name(name)), name


def _rank(item: RoomItem) -> int:
    if badge(item):
        return 0
    return 1 if waiting(item) else 2

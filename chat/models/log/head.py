"""Head: the newest entry of a room's log."""

from __future__ import annotations

from typing import NamedTuple


class Head(NamedTuple):
    """The seq and the ordinal of the newest entry of a room.

    An entry's ordinal is the number of messages up to and including the entry.
    """

    seq: int
    ordinal: int


EMPTY = Head(0, 0)

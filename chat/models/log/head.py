"""Head: which entry of a room is the newest."""

from __future__ import annotations

from typing import NamedTuple


class Head(NamedTuple):
    """The newest entry of a room: its seq, and how many messages there are up to and with it."""

    seq: int
    ordinal: int


EMPTY = Head(0, 0)

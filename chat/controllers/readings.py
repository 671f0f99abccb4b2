"""How far people have read."""

from __future__ import annotations

from dataclasses import replace

from chat.controllers import access, broadcasts
from chat.models.log import log_of
from chat.models.reading import Reading
from chat.models.user import User


def show(person: User, room_id: str) -> Reading:
    """Where the person stands in a room. Raises NotFound."""
    return Reading.of(access.membership(person, room_id).must("read"))


def read_up_to(person: User, room_id: str, seq: int) -> None:
    """Marks all up to `seq` as read; never back. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    if seq > Reading.of(mine).read_seq and mine.advance_read_seq(seq):
        broadcasts.room_read(replace(mine, read_seq=seq))


def read(person: User, room_id: str, seq: int) -> Reading:
    """Marks all up to `seq` as read, and what comes after as unread: it may go back. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    head_seq = log_of(mine.room.id).head().seq
    seq = min(seq, head_seq)
    before = Reading.of(mine)
    if seq != before.read_seq or seq < mine.read_seq:
        goes_back = seq < before.read_seq
        mine = mine.change_read_seq(seq, head_seq if goes_back else mine.unread_mark)
        broadcasts.room_read(mine)
    return Reading.of(mine)

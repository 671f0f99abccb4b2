"""How far people have read."""

from __future__ import annotations

from chat.controllers import access, broadcasts
from chat.models.log import log_of
from chat.models.reading import Reading
from chat.models.user import User


def show(person: User, room_id: str) -> Reading:
    """Where the person stands in a room. Raises NotFound."""
    return Reading.of(access.membership(person, room_id).must("read"))


def read(person: User, room_id: str, seq: int, *, forward_only: bool = False) -> Reading:
    """Marks all up to `seq` as read, and what comes after as unread, unless `forward_only`. Raises NotFound."""
    return read_up_to(person, room_id, seq) if forward_only else _read_exactly(person, room_id, seq)


def read_up_to(person: User, room_id: str, seq: int) -> Reading:
    """Marks all up to `seq` as read; never back, whatever other devices say at this moment. Raises NotFound."""
    mine = access.membership_now(person, room_id).must("read")
    before = Reading.of(mine)
    seq = min(seq, before.head_seq)
    if seq <= before.read_seq:
        return before
    if mine.advance_read_seq(seq):
        broadcasts.room_read(mine, seq)
    return Reading.of(access.membership_now(person, room_id))


def _read_exactly(person: User, room_id: str, seq: int) -> Reading:
    mine = access.membership_now(person, room_id).must("read")
    head_seq = log_of(mine.room.id).head().seq
    seq = min(seq, head_seq)
    before = Reading.of(mine)
    if seq != before.read_seq or seq < mine.read_seq:
        goes_back = seq < before.read_seq
        mine = mine.change_read_seq(seq, head_seq if goes_back else mine.unread_mark)
        broadcasts.room_read(mine, seq, goes_back=goes_back)
    return Reading.of(mine)

"""Read and change how far people have read."""

from __future__ import annotations

from chat.controllers import access, broadcasts, receipts, recency
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.reading import Reading
from chat.models.user import User


def show(person: User, room_id: str) -> Reading:
    """Return the person's reading of a room. Raises NotFound."""
    return Reading.of(access.membership(person, room_id).must("read"))


def mark_read(person: User, room_id: str, seq: int, *, forward_only: bool = False) -> Reading:
    """Mark entries up to `seq` as read and later ones as unread, unless `forward_only`.

    Whoever says how far they have read uses the room, so it moves forward in their list. Raises
    NotFound.
    """
    recency.note_use(person, access.membership(person, room_id))
    if forward_only:
        return read_up_to(person, room_id, seq)
    return mark_exactly(person, room_id, seq)


def read_up_to(person: User, room_id: str, seq: int) -> Reading:
    """Mark entries up to `seq` as read, but never mark read entries as unread.

    Raises NotFound.
    """
    mine = access.membership_now(person, room_id).must("read")
    before = Reading.of(mine)
    seq = min(seq, before.head_seq)
    if seq <= before.read_seq:
        return before
    if mine.advance_read_seq(seq):
        _emit(person, mine, seq)
    return Reading.of(access.membership_now(person, room_id))


def mark_exactly(person: User, room_id: str, seq: int) -> Reading:
    """Mark entries up to `seq` as read and later ones as unread. Raises NotFound."""
    mine = access.membership_now(person, room_id).must("read")
    head_seq = log_of(mine.room.id).head().seq
    seq = min(seq, head_seq)
    before = Reading.of(mine)
    if seq != before.read_seq or seq < mine.read_seq:
        goes_back = seq < before.read_seq
        changed = mine.change_read_seq(seq, head_seq if goes_back else mine.unread_mark)
        _emit(person, mine, seq, goes_back=goes_back)
        mine = changed
    return Reading.of(mine)


def _emit(person: User, before: Membership, seq: int, *, goes_back: bool = False) -> None:
    """Emit the change to the reader's devices, and only new progress to others in the room."""
    broadcasts.room_read(before, seq, goes_back=goes_back)
    if seq > before.seen_seq:
        receipts.emit(person, before.room.id, seq)

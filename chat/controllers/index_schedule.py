"""Decide when to index a room for search: when it has many new messages, or has become quiet."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.log import seen_heads
from chat.models.room import Room
from chat.models.search import indexer
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable

MUCH = 200  # with so many new entries, a room is indexed at once
QUIET_SECONDS = 4.0  # a room with fewer new entries is indexed once it is quiet for so long
ROOMS_AT_A_TIME = 500

logger = logging.getLogger(__name__)


class SeenHead(NamedTuple):
    """A room's head, and when this process first saw it."""

    seq: int
    seen_at: float


@dataclass
class Progress:
    rooms: int = 0
    steps: int = 0
    problems: list[str] = field(default_factory=list)


def index_news() -> None:
    """Index this process's rooms that have many new messages, or have become quiet.

    Indexing each message by itself would cost more than sending it. Meanwhile a search also finds
    messages that are not indexed yet.
    """
    news = {room_id: seq for room_id, seq in seen_heads().items() if _is_due(room_id, seq)}
    rooms = list(news)
    for start in range(0, len(rooms), ROOMS_AT_A_TIME):
        some = {room_id: news[room_id] for room_id in rooms[start : start + ROOMS_AT_A_TIME]}
        behind = indexer.behind(some)
        _indexed.update({room_id: seq for room_id, seq in some.items() if room_id not in behind})
        for room_id in behind:
            _indexed[room_id] = _index(room_id, some[room_id])


def index_rest() -> None:
    """Index every room whose index is behind its log, whichever process wrote there."""
    for room_id in indexer.behind_anywhere():
        _index(room_id)


def lag() -> int:
    """Return how many entries wait to be indexed in the rooms that this process has looked at."""
    heads = seen_heads()
    return sum(max(0, heads.get(room_id, 0) - seq) for room_id, seq in _indexed.items() if seq)


def reindex() -> Iterator[Progress]:
    """Rebuild every room's index; yield the progress after each step."""
    progress = Progress()
    for room_id in Room.all_ids():
        indexer.forget(room_id)
        try:
            for _ in indexer.index_wholly(room_id):
                progress.steps += 1
                yield progress
        except CannotOpen as error:
            progress.problems.append(str(error))
        except (DatabaseError, Unavailable):
            raise
        except Exception as error:
            logger.exception("a room could not be indexed", extra={"id": str(room_id)})
            progress.problems.append(f"room {room_id}: {type(error).__name__}")
        progress.rooms += 1
        yield progress


def _is_due(room_id: Id, seq: int) -> bool:
    """Return whether a room is to be indexed now, and note since when its head is `seq`."""
    behind = seq - _indexed.get(room_id, 0)
    if not 0 < behind < MUCH:
        return behind > 0
    head = _last_seen.get(room_id)
    if head is None or head.seq != seq:
        _last_seen[room_id] = SeenHead(seq, time.monotonic())
        return False
    return time.monotonic() - head.seen_at >= QUIET_SECONDS


_last_seen: dict[Id, SeenHead] = {}
_indexed: dict[Id, int] = {}  # room -> the seq up to which the room is known to be indexed


def _index(room_id: Id, head_seq: int = 0) -> int:
    """Index a room. Return the seq up to which this process need not index the room again.

    That is what it indexed; the old seq if another process is indexing the room, because that
    process may die before it finishes; `head_seq` after an error, which would only come again. An
    error in one room must not stop the indexing of others.
    """
    reached = _indexed.get(room_id, 0)
    try:
        for seq in indexer.index(room_id):
            reached = seq
            socketio.sleep(0)
    except CannotOpen as error:  # somebody is deleting the room, or its data is damaged
        about = {"id": str(room_id), "reason": str(error)}
        logger.warning("a room could not be indexed", extra=about)
        return head_seq
    except DatabaseError:
        raise
    except Exception:
        logger.exception("a room could not be indexed", extra={"id": str(room_id)})
        return head_seq
    return reached

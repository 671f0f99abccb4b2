"""What every process does by itself, again and again: the one table."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable

from chat.controllers import (
    avatars,
    broadcasts,
    images,
    memberships,
    peer_events,
    presence,
    receipts,
    rooms,
    searches,
    storage,
    typing,
)
from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.halves import halves
from chat.utils.errors import Unavailable

# (what, every how many seconds)
JOBS: list[tuple[Callable[[], object], float]] = [
    (broadcasts.tell_heads, 1),  # a listener that lost a room's last entry hears that there was one
    (typing.expire, 1),  # writers who did not say that they stopped
    (receipts.tell_rest, 1),  # what somebody read in a burst
    (presence.poll_peers, 2),  # who left for good; what other processes know
    (peer_events.poll_peers, 2),  # what other processes did, whether or not the queue told us
    (memberships.finish_left_behind, 2),  # changes of members that nobody finished
    (storage.look_at_disk, 10),  # writes end before the disk is full
    (storage.count_texts, 5),  # what people wrote, for their quotas
    (rooms.clear_away, 60),  # what is left of deleted rooms
    (searches.index_news, 1),  # what was said is found by its words, beside the sending
    (searches.index_rest, 600),  # what a process that died did not come to index
    (images.sweep, 3600),  # pictures that no message claimed
    (avatars.sweep, 3600),  # avatars that are nobody's
]

_ended: list[bool] = []
logger = logging.getLogger(__name__)


def start() -> None:
    """Starts them all. They end with the process."""
    with contextlib.suppress(
        DatabaseError, Unavailable
    ):  # then the first who says something waits for it
        halves.warm_up()
    peer_events.listen()
    for job, seconds in JOBS:
        socketio.start_background_task(_repeat, job, seconds)


def stop() -> None:
    """Ends them. What the other processes should know of our end is told them; they find out by themselves, should it fail."""
    _ended.append(True)
    with contextlib.suppress(DatabaseError):
        storage.count_texts(everything=True)
        presence.end()


def _repeat(job: Callable[[], object], seconds: float) -> None:
    socketio.sleep(seconds * random.random())  # noqa: S311  processes that start together need not work together
    while not _ended:
        try:
            job()
        except DatabaseError as error:
            logger.warning(
                "a job waits for the database", extra={"job": job.__name__, "reason": str(error)}
            )
        except Exception:
            if _ended:
                return  # the database was closed under it
            logger.exception("a job failed; it is tried again", extra={"job": job.__name__})
        socketio.sleep(seconds)

"""Run the jobs that every process repeats: one table defines them."""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections.abc import Callable

from chat.controllers import (
    api_tokens,
    audit,
    avatars,
    erasing,
    images,
    index_schedule,
    mails,
    memberships,
    metrics,
    missed_mails,
    prepared_exports,
    presence,
    receipts,
    retention,
    rooms,
    storage,
    typing,
)
from chat.controllers.broadcasts import entries, peers
from chat.controllers.commands import programs as command_programs
from chat.controllers.commands import reminders
from chat.controllers.outgoing_webhooks import delivering, hooks
from chat.controllers.outgoing_webhooks import programs as webhook_programs
from chat.controllers.pushes import following, programs, sending, subscriptions
from chat.extensions import socketio
from chat.models import expiry, figures, name_ranges
from chat.models.database import DatabaseError
from chat.models.halves import halves
from chat.utils.errors import Unavailable
from chat.utils.metrics import Job

# (job, seconds between two runs)
JOBS: list[tuple[Callable[[], object], float]] = [
    (entries.emit_heads, 1),  # a client that lost a room's last entry learns of it
    (typing.expire, 1),  # ends typing of people who did not say that they stopped
    (receipts.emit_delayed, 1),  # receipts that a burst of reading delayed
    (presence.poll_peers, 2),  # people who disconnected; presences of other processes
    (peers.poll_peers, 2),  # changes by other processes, with or without the queue
    (memberships.finish_left_behind, 2),  # membership changes whose process died
    (following.follow, 0.2),  # whom new messages are to be pushed to
    (sending.send_due, 0.1),  # push messages
    (delivering.deliver, 0.1),  # outgoing webhooks
    (delivering.keep, 0.2),  # their lease
    (reminders.deliver_due, 1),  # what somebody wanted to hear later
    (api_tokens.end_expired, 5),  # sockets of programs whose token expired
    (storage.check_disk, 10),  # refuses writes before the disk is full
    (missed_mails.mail_missed, 60),  # what people missed, if they want mails
    (mails.send_waiting, 2),  # mails, of all processes
    (figures.flush, 10),  # how many messages people posted
    (storage.count_texts, 5),  # bytes that people wrote, for their quotas
    (audit.store_waiting, 10),  # entries that the database did not take
    (erasing.finish_erasures, 2),  # accounts that somebody erases
    (rooms.finish_deletions, 60),  # data of deleted rooms
    (retention.keep_terms, 60),  # messages that are too old
    (index_schedule.index_news, 1),  # indexes new messages, apart from sending them
    (index_schedule.index_rest, 600),  # entries that a dead process did not index
    (images.sweep, 3600),  # images that no message claimed
    (prepared_exports.start_program, 2),  # files that people asked for
    (prepared_exports.delete_expired, 60),
    (name_ranges.refresh, 20),  # where ranges of people's names end, every ten minutes
    (avatars.sweep, 3600),  # avatars that nobody uses
    (expiry.delete_expired, 60),  # sessions, bans, notices and others that are over
    (metrics.share, 5),  # what this process counted, for scrapes that reach another one
    (metrics.probe_loop, 1),  # how long work waits for the loop
]

_ended: list[bool] = []
logger = logging.getLogger(__name__)


def start() -> None:
    """Start all jobs. They end with the process."""
    metrics.start()
    socketio.start_background_task(_warm_up)
    peers.listen(
        {
            "presence": presence.handle_notice,
            "push": subscriptions.handle_notice,
            "webhooks": hooks.handle_notice,
        },
    )
    for job, seconds in JOBS:
        socketio.start_background_task(_repeat, job, seconds)


def _warm_up() -> None:
    # The start does not wait for it: another process may hold the lock of the halves. Without them,
    # the first message makes some and waits.
    with contextlib.suppress(DatabaseError, Unavailable):
        halves.warm_up()


def stop() -> None:
    """Stop all jobs, and notify other processes of this process's end.

    If the notice fails, the other processes notice the end by themselves.
    """
    _ended.append(True)
    with contextlib.suppress(DatabaseError):
        figures.flush()
        storage.count_texts(everything=True)
        presence.end()
        audit.store_waiting()
        following.stop()
        delivering.stop()
    programs.stop()
    webhook_programs.stop()
    command_programs.stop()
    metrics.share()


def _name(job: Callable[[], object]) -> str:
    """Return `module.function`: two modules have a `sweep`."""
    return f"{job.__module__.rpartition('.')[2]}.{job.__name__}"


def _repeat(job: Callable[[], object], seconds: float) -> None:
    # Begin at a random moment, so that processes that start together do not run jobs together.
    socketio.sleep(seconds * random.random())  # noqa: S311
    counted = Job(_name(job))
    while not _ended:
        began = time.monotonic()
        try:
            job()
            counted.succeeded(time.monotonic() - began)
        except DatabaseError as error:
            counted.failed(time.monotonic() - began)
            logger.warning(
                "a job waits for the database", extra={"job": _name(job), "reason": str(error)}
            )
        except Exception:
            if _ended:
                return  # the database was closed during the job
            counted.failed(time.monotonic() - began)
            logger.exception("a job failed; it will run again", extra={"job": _name(job)})
        socketio.sleep(seconds)

"""A Redis channel between the processes, which carries hints, never truth.

So the chat keeps working while Redis is unreachable.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.realtime import loop
from chat.realtime.counters import Counters

MOST_WAITING = 10_000  # messages that wait to be published; further ones are dropped
MOST_BYTES = 16_777_216  # in all waiting messages; above this further messages are dropped
AT_ONCE = 200  # messages published in one round trip
CONNECT_SECONDS = 2.0  # to connect; also the timeout of every command
QUIET_SECONDS = 1.5  # without a message from Redis, after which we ping Redis
# without a pong, after which Redis counts as away, though the connection looks open
SILENT_SECONDS = 2.5
FIRST_RETRY = 0.1  # seconds between attempts to reconnect: doubled each time, up to
LAST_RETRY = 1.0

# States of the queue
OFF = "off"
CONNECTED = "connected"
AWAY = "away"
TROUBLE = (redis.RedisError, OSError)

logger = logging.getLogger(__name__)


class QueueAway(Exception):
    """Redis does not answer; the text says why."""


class RedisQueue:
    """Publishes from one greenlet, which owns its connection, and listens in another.

    `publish` never yields and never raises.
    """

    def __init__(
        self,
        url: str,
        channel: str,
        receive: Callable[[bytes], None],
        returned: Callable[[], None],
        counters: Counters,
    ):
        self.state = AWAY
        self._url = url
        self._channel = channel
        self._receive = receive
        self._returned = returned
        self._counters = counters
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._woken: Any = None
        self._was_connected = False
        self._is_logged = False  # a warning that the queue is away is in the log already

    def start(self) -> None:
        loop.spawn(self._publish_for_ever)
        loop.spawn(self._listen_for_ever)

    def publish(self, message: bytes) -> None:
        """Publish to every listening process; drop while Redis is away or too much waits."""
        if self.state == AWAY or len(self._waiting) >= MOST_WAITING or self._bytes > MOST_BYTES:
            self._counters.queue_dropped += 1
            return
        self._waiting.append(message)
        self._bytes += len(message)
        if self._woken is not None and not self._woken.ready():
            self._woken.send()

    def ping(self) -> None:
        """Ping Redis. Raises QueueAway when it does not answer."""
        try:
            self._connection().ping()
        except TROUBLE as error:
            raise QueueAway(str(error)) from error

    def publish_now(self, message: bytes) -> None:
        """Publish at once, without waiting for a loop. Raises redis.RedisError.

        For a process that only sends, and therefore runs no loop.
        """
        self._connection().publish(self._channel, message)

    def _publish_for_ever(self) -> None:
        connection = self._connection()
        while True:
            if not self._waiting:
                self._woken = loop.event()
                self._woken.wait()
            batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            self._bytes -= sum(map(len, batch))
            try:
                self._publish(connection, batch)
            except TROUBLE:
                try:  # try again: Redis may have dropped the connection since its last use
                    self._publish(connection, batch)
                except TROUBLE as error:
                    self._counters.queue_dropped += len(batch)
                    logger.warning(
                        "the message queue takes nothing",
                        extra={"reason": str(error), "dropped": len(batch)},
                    )
                    loop.sleep(FIRST_RETRY)

    def _publish(self, connection: redis.Redis, batch: list[bytes]) -> None:
        pipeline = connection.pipeline(transaction=False)
        for message in batch:
            pipeline.publish(self._channel, message)
        pipeline.execute()
        self._counters.queue_published += len(batch)

    def _listen_for_ever(self) -> None:
        pause = FIRST_RETRY
        while True:
            try:
                self._listen()
            except TROUBLE as error:
                if self.state == CONNECTED or not self._is_logged:
                    pause = FIRST_RETRY
                    self._is_logged = True  # whether or not Redis was reachable before
                    logger.warning("the message queue is away", extra={"reason": str(error)})
                self.state = AWAY
            loop.sleep(pause)
            pause = min(LAST_RETRY, pause * 2)

    def _listen(self) -> None:
        subscription = self._connection().pubsub()  # type: ignore[no-untyped-call]
        try:
            subscription.subscribe(self._channel)
            last_received = time.monotonic()
            asked = False
            while True:
                message = subscription.get_message(timeout=QUIET_SECONDS)
                now = time.monotonic()
                if message is not None:
                    last_received = now
                    asked = False
                    self._take(message)
                elif asked and now - last_received > QUIET_SECONDS + SILENT_SECONDS:
                    raise redis.TimeoutError("Redis is silent")
                elif not asked:
                    asked = True
                    subscription.ping()
        finally:
            subscription.close()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "message":
            try:
                self._receive(message["data"])
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                # A malformed message must neither end our subscription nor fill the log with
                # tracebacks.
                logger.warning(
                    "a message of the queue could not be taken", extra={"reason": repr(error)[:200]}
                )
        elif message["type"] == "subscribe":
            self.state = CONNECTED
            if self._was_connected:
                self._counters.queue_reconnects += 1
                logger.info("the message queue is back")
                self._returned()
            self._was_connected = True

    def _connection(self) -> redis.Redis:
        return redis.Redis.from_url(
            self._url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )

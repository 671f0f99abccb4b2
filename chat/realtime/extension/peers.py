"""The methods by which an application talks to its other processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chat.realtime.cluster.notices import NoticeHandler
from chat.realtime.cluster.redis_queue import OFF
from chat.realtime.cluster.shared_fan_out import SharedFanOut
from chat.realtime.socketio.server import Server


class Peers:
    """The part of `SocketIO` that knows the queue between the processes."""

    server: Server
    _notice_handlers: dict[str, NoticeHandler]
    _return_handlers: list[Callable[[], object]]

    def notify(self, topic: str, data: dict[str, Any]) -> None:
        """Send a notice to every other process. Never yields, never raises for the queue.

        A notice is a hint: the queue drops it while Redis is away.
        """
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.notify(topic, data)

    def on_notice(self, topic: str, handler: NoticeHandler) -> None:
        """Register `handler(data)` for a topic of notices from other processes.

        Handlers run one at a time, in the order in which notices arrive.
        """
        self._notice_handlers[topic] = handler

    def on_queue_return(self, handler: Callable[[], object]) -> None:
        """Register a handler that runs when the queue is back.

        The messages sent while the queue was away are lost, so the handler catches up.
        """
        self._return_handlers.append(handler)

    def ping_queue(self) -> None:
        """Ping the queue, from a process without a loop. Raises QueueAway.

        Does nothing where no queue is configured.
        """
        if isinstance(self.server.manager, SharedFanOut):
            self.server.manager.queue.ping()

    @property
    def queue_state(self) -> str:
        """Return `"off"` (no queue is configured), `"connected"` or `"away"`."""
        if isinstance(self.server.manager, SharedFanOut):
            return self.server.manager.queue.state
        return OFF

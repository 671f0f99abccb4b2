"""Notices of other processes: their handlers run one at a time, in the order of arrival."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from chat.realtime.loop import Workers

NoticeHandler = Callable[[Any], object]

logger = logging.getLogger(__name__)


class Notices:
    def __init__(self) -> None:
        self.handlers: dict[str, NoticeHandler] = {}
        self._waiting: deque[tuple[str, Any]] = deque()
        self._running = False

    def put(self, topic: str, data: Any, workers: Workers) -> None:
        """Append a notice. Never yields."""
        self._waiting.append((topic, data))
        if not self._running:
            self._running = True
            workers.run(self._handle_all)

    def _handle_all(self) -> None:
        try:
            while self._waiting:
                self._handle(*self._waiting.popleft())
        finally:
            self._running = False

    def _handle(self, topic: str, data: Any) -> None:
        handler = self.handlers.get(topic)
        if handler is None:
            return
        try:
            handler(data)
        except Exception:  # the handlers of the next notices must still run
            logger.error("a notice could not be taken", exc_info=True, extra={"topic": topic})

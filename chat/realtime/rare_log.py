"""Rate-limit log lines that strangers can cause."""

from __future__ import annotations

import logging
import time
from typing import Any

MOST_LINES = 20
IN_SECONDS = 60.0


class RareLog:
    """Writes at most MOST_LINES in IN_SECONDS; the next line says how many were suppressed."""

    def __init__(self, logger: logging.Logger):
        self._logger = logger
        self._began = time.monotonic()
        self._written = 0
        self._left_out = 0

    def info(self, message: str, **extra: Any) -> None:
        """Log a line, unless too many were logged in this period.

        `extra` must not contain strangers' text, unless it is short and of a known form.
        """
        now = time.monotonic()
        if now - self._began >= IN_SECONDS:
            self._began = now
            self._written = 0
        if self._written >= MOST_LINES:
            self._left_out += 1
            return
        self._written += 1
        if self._left_out:
            extra |= {"left_out_before": self._left_out}
            self._left_out = 0
        self._logger.info(message, extra=extra)

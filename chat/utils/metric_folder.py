"""The folder in which the processes of one chat share their metrics: made by their parent."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "CHAT_METRICS"  # it names the folder to each process


def make() -> None:
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="chat-metrics-")


def find() -> Path | None:
    """Return the folder; None in a process that serves alone."""
    folder = os.environ.get(VARIABLE)
    return Path(folder) if folder else None


def remove() -> None:
    if folder := os.environ.pop(VARIABLE, None):
        shutil.rmtree(folder, ignore_errors=True)

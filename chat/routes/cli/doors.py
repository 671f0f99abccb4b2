"""Doors: how a command opens the chat, or the empty database that a restore fills.

`chat/command_line.py` opens both, because it knows the configuration and the embedded database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from config import Settings


@dataclass(frozen=True)
class Empty:
    """An open database without a chat. `restored`: opens the chat, once a backup is loaded."""

    settings: Settings
    restored: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Doors:
    """`chat` opens the chat of a configuration, `empty` its database that has no chat yet.

    Both get the file of `--env-file`, or None. `empty` also gets the secrets of a backup.
    """

    chat: Callable[[Path | None], AbstractContextManager[None]]
    empty: Callable[[Path | None, Mapping[str, str]], AbstractContextManager[Empty]]

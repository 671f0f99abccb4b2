"""Doors: how a command opens the chat, or the empty database that a restore fills.

`chat/command_line.py` opens both, because it knows the configuration and the embedded database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from config import Settings

Chat = AbstractContextManager[None]  # in which the chat is open


@dataclass(frozen=True)
class Doors:
    """`chat` opens the chat of a configuration, which the file of `--env-file` names, if any.

    `settings` reads such a configuration for a chat that does not exist yet, with the secrets of a
    backup. `empty` opens the database of these settings, which has no chat; it gives a function
    that opens the chat, once a backup is loaded.
    """

    chat: Callable[[Path | None], Chat]
    settings: Callable[[Path | None, Mapping[str, str]], Settings]
    empty: Callable[[Settings], AbstractContextManager[Callable[[], Chat]]]

"""A chat in which people did things, for all tests of backups."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups.days import Day, bin_chat, where
from tests.helpers.servers import Server, new_chat


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("backed-up")
    with new_chat(folder) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def day(chat: Server) -> Day:
    return Day(chat)


@pytest.fixture(scope="module")
def taken(chat: Server, day: Day, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup of that chat, without the keys."""
    file = tmp_path_factory.mktemp("taken") / "chat.backup"
    bin_chat(where(chat.data), "backup", str(file))
    return file

"""A chat of one morning, for all tests of exports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exports.mornings import Morning
from tests.helpers.servers import Server, new_chat


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("exported")
    with new_chat(folder) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def morning(chat: Server) -> Morning:
    return Morning(chat)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where an export without an ending is to be."""
    return tmp_path / "export"

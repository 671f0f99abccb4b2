"""A disk or folder that fails at a start gets one sentence in time and exit code 1.

Nothing is lost.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.servers import ROOT, Server, clean_environment, free_port


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the data of a chat that ran, and its secrets."""
    folder = tmp_path_factory.mktemp("stopped")
    assert (
        Server(free_port(), {"DATA_DIR": str(folder / "data")}, folder / "log").start().stop() == 0
    )
    (folder / "log").unlink()
    return folder


def start(folder: Path) -> str:
    """Return the sentence with which a start ends."""
    environment = clean_environment(DATA_DIR=str(folder / "data"), PORT=str(free_port()))
    ended = subprocess.run(
        [sys.executable, "wsgi.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    told = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert (ended.returncode, len(told)) == (1, 1), ended.stderr
    return told[0]


def lives(folder: Path) -> bool:
    server = Server(free_port(), {"DATA_DIR": str(folder / "data")}, folder / "log").start()
    return server.stop() == 0


def without(path: str) -> Callable[[Path], object]:
    return lambda folder: [file.unlink() for file in folder.glob(path)]


def with_garbage(path: str) -> Callable[[Path], object]:
    return lambda folder: (folder / path).write_bytes(b"garbage")


def made_a_file(path: str) -> Callable[[Path], object]:
    return lambda folder: (shutil.rmtree(folder / path), (folder / path).touch())


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (
            without("data-secrets/secrets.json"),
            "SECRETS_DIR: {folder}/data-secrets/secrets.json is missing, but there is a database",
        ),
        (without("data-secrets/halves-*"), "SECRETS_DIR: {folder}/data-secrets/halves-"),
        (
            without("data/database/WiredTiger.wt"),
            "DATA_DIR: the database in {folder}/data/database ended at once",
        ),
        (
            without("data/database/WiredTiger.turtle"),
            "DATA_DIR: files of the database in {folder}/data/database are missing",
        ),
        (
            without("data/database/secantus_collections.wt"),
            "DATA_DIR: files of the database in {folder}/data/database are missing",
        ),
        (
            with_garbage("data/database/WiredTiger.wt"),
            "DATA_DIR: the database in {folder}/data/database ended at once",
        ),
        (
            with_garbage("data/database.json"),
            "DATA_DIR: {folder}/data/database.json is damaged; remove it",
        ),
        (
            with_garbage("data-secrets/secrets.json"),
            "SECRETS_DIR: {folder}/data-secrets/secrets.json is damaged; restore it",
        ),
        (made_a_file("data"), "DATA_DIR: {folder}/data is a file"),
        (made_a_file("data-secrets"), "SECRETS_DIR: {folder}/data-secrets is a file"),
    ],
    ids=lambda value: value.split("{folder}/")[1] if isinstance(value, str) else "",
)
def test_what_is_lost_or_damaged_is_told(
    stopped: Path, tmp_path: Path, happened: Callable[[Path], object], told: str
) -> None:
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    happened(tmp_path)
    assert start(tmp_path).startswith("The chat cannot start. " + told.format(folder=tmp_path))


@pytest.mark.parametrize(
    "path",
    [
        "data/database.json",
        "data/database.lock",
        "data/database.toml",
        "data-secrets/database-password",
    ],
)
def test_what_can_be_made_anew_is(stopped: Path, tmp_path: Path, path: str) -> None:
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    (tmp_path / path).unlink()
    assert lives(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of its own, of 80 MB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=80m", "chat-test", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk can be mounted by root only")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_start_on_a_full_disk_is_one_sentence_and_once_there_is_room_it_goes_on(
    stopped: Path, small_disk: Path
) -> None:
    assert "No space left on device" in full(small_disk), "a first start"
    shutil.copytree(stopped, small_disk, dirs_exist_ok=True)
    assert (
        f"{small_disk}/data/database.json cannot be read or written (No space left on device)."
        in full(small_disk)
    )
    assert lives(small_disk)


def full(disk: Path) -> str:
    with (disk / "fill").open("wb") as fill:
        try:
            while True:
                fill.write(bytes(1_000_000))
                fill.flush()
        except OSError:
            pass
    told = start(disk)
    (disk / "fill").unlink()
    assert not [file for file in disk.rglob(".*") if file.is_file()], "no half-written file is left"
    return told


def test_a_read_only_disk_is_one_sentence(stopped: Path, small_disk: Path) -> None:
    shutil.copytree(stopped, small_disk, dirs_exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert start(small_disk).endswith(
        "data/database.lock cannot be written (Read-only file system)."
    )
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert lives(small_disk)

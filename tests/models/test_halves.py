"""The file of halves: after a deletion no process can open what needed the half.

Without the right file the chat does not start.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from chat import connect
from chat.models.database import database
from chat.models.halves import Destroyed, Halves, halves
from chat.models.halves.store import (
    HALF_BYTES,
    PAGE_BYTES,
    PAGE_HALVES,
    PROOF_NUMBER,
    HalvesUnusable,
)
from chat.models.key_ring import key_ring
from chat.models.room import Room
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Unavailable
from config import Settings
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.servers import SECRETS_DIR


@pytest.fixture
def another(app: Flask) -> Iterator[Halves]:
    """Return the halves as another process opens them."""
    another = Halves()
    another.open(SECRETS_DIR)
    yield another
    another.close()


@pytest.fixture
def file(app: Flask) -> Path:
    known = database["meta"].find_one({"_id": "halves"})
    assert known
    return SECRETS_DIR / f"halves-{known['name']}"


def test_a_half_is_the_same_in_every_process_until_one_destroys_it(another: Halves) -> None:
    kept, number = halves.take(), halves.take()
    assert another.of(number, "it") == halves.of(number, "it") != halves.of(kept, "it")
    another.destroy([number])
    for each in (halves, another):
        with pytest.raises(Destroyed, match=r"^it: "):
            each.of(number, "it")
    halves.destroy([number])
    assert halves.of(kept, "it") == another.of(kept, "it"), "nothing else went with it"


def test_no_half_is_given_twice_whoever_asks(another: Halves) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(
            pool.map(lambda n: (another if n % 2 else halves).take(), range(6 * PAGE_HALVES))
        )
    assert len(set(taken)) == len(taken)
    assert len({halves.of(number, "it") for number in taken}) == len(taken)


def test_a_half_is_durable_before_it_is_used_and_most_are_there_ahead(
    another: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def watch(handle: int) -> None:
        fsync(handle)
        synced.append(os.fstat(handle).st_size // HALF_BYTES)

    monkeypatch.setattr("os.fsync", watch)
    for _ in range(3 * PAGE_HALVES):
        assert another.take() < max(synced)
    assert len(synced) <= 3, "not one for each: nobody waits for the disk who says something"


def test_an_idle_process_leaves_few_unused(another: Halves, file: Path) -> None:
    size = file.stat().st_size
    another.warm_up()
    another.warm_up()
    assert file.stat().st_size == size + PAGE_BYTES


def test_a_page_that_a_crash_cut_short_is_passed_over(another: Halves, file: Path) -> None:
    with file.open("ab") as end:
        end.write(b"x" * 100)
    number = another.take()
    assert number % PAGE_HALVES == 0
    assert file.stat().st_size % PAGE_BYTES == 0
    assert another.of(number, "it")


def test_what_a_damaged_record_names_is_neither_read_nor_written(app: Flask, file: Path) -> None:
    before = file.read_bytes()
    halves.destroy([0, 1, PROOF_NUMBER, len(before) // HALF_BYTES, 2**47])
    assert file.read_bytes() == before
    for number in (0, 2**47):
        with pytest.raises(CannotOpen):
            halves.of(number, "it")


def test_a_disk_that_takes_no_more_is_told_and_the_next_one_tries_again(
    another: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(PAGE_HALVES):
        another.take()
    while another._fresh or another._will_refill:
        if another._fresh:
            another._fresh.popleft()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        with pytest.raises(Unavailable):
            another.take()
        with pytest.raises(Unavailable):
            another.destroy([PROOF_NUMBER + 1])
    assert another.take()


def test_a_destroyed_half_is_synced_before_anybody_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, synced = halves.take(), list[bool]()
    fdatasync = os.fdatasync

    def watch(handle: int) -> None:
        synced.append(halves.is_destroyed(number))
        fdatasync(handle)

    monkeypatch.setattr("os.fdatasync", watch)
    halves.destroy([number])
    assert synced == [True]


# at the start


@pytest.fixture
def own(own_uri: str, settings: Settings, tmp_path: Path) -> tuple[Settings, Path]:
    """Return the settings of a database with a room, and the file of its halves."""
    own = Settings(**{**vars(settings), "secrets_dir": tmp_path / "secrets", "mongo_uri": own_uri})
    start(own)
    Room.prepare("private", "x", "a topic").open()
    (file,) = (tmp_path / "secrets").iterdir()
    return own, file


def start(settings: Settings) -> None:
    assert settings.mongo_uri
    connect(settings, settings.mongo_uri, embedded=IS_EMBEDDED)


def test_the_file_is_for_its_owner_alone_and_serves_the_next_start(
    app: Flask, own: tuple[Settings, Path]
) -> None:
    settings, file = own
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    start(settings)
    (room_id,) = Room.all_ids()
    room = Room.find(room_id)
    assert room
    assert room.topic == "a topic"
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (
            lambda file: file.unlink(),
            "is missing, without which nothing in this database can be opened",
        ),
        (lambda file: file.write_bytes(b""), "is damaged"),
        (
            lambda file: file.write_bytes(file.read_bytes()[:-1]),
            "is older than the database, or cut short",
        ),
        (lambda file: file.write_bytes(os.urandom(file.stat().st_size)), "is damaged"),
        (
            lambda file: file.write_bytes(
                file.read_bytes()[:PAGE_BYTES] + os.urandom(file.stat().st_size - PAGE_BYTES)
            ),
            "the file of halves is damaged",
        ),
        (
            lambda file: file.write_bytes(
                file.read_bytes()[:PAGE_BYTES] + bytes(file.stat().st_size - PAGE_BYTES)
            ),
            "the file of halves is damaged",
        ),
        (lambda file: shutil.copy(next(SECRETS_DIR.glob("halves-*")), file), "is damaged"),
    ],
)
def test_a_lost_or_damaged_file_stops_the_start_with_one_sentence(
    app: Flask, own: tuple[Settings, Path], damage: object, says: str
) -> None:
    settings, file = own
    damage(file)  # type: ignore[operator]
    before = sorted(file.parent.iterdir())
    with pytest.raises(HalvesUnusable) as told:
        start(settings)
    sentence = str(told.value)
    assert sentence.startswith("SECRETS_DIR: ")
    assert says in sentence
    assert sentence.endswith(".")
    assert "restore" in sentence
    assert sorted(file.parent.iterdir()) == before, "no new one is made beside it"


def test_of_two_first_starts_at_once_one_makes_the_file(
    app: Flask, own: tuple[Settings, Path]
) -> None:
    settings, file = own
    database["meta"].delete_one({"_id": "halves"})
    file.unlink()
    several = [Halves() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.open(settings.secrets_dir), several))
    assert len(list(file.parent.iterdir())) == 1
    number = several[0].take()
    assert len({each.of(number, "it") for each in several}) == 1
    for each in several:
        each.close()


def test_a_room_is_gone_with_its_half_wherever_its_record_is_copied(app: Flask) -> None:
    room = Room.prepare("private", "x", "")
    record = database["keys"].find_one({"room_id": room.id})
    assert record
    key_ring.destroy(room.id)
    database["keys"].insert_one(record)  # out of an old backup
    with pytest.raises(CannotOpen, match="gone"):
        key_ring.of(room.id)


# in the database, for several machines that share no folder


@pytest.fixture
def shared(own_uri: str, settings: Settings, tmp_path: Path) -> tuple[Settings, Halves]:
    """Return the settings of a database with its own halves, and another machine's halves."""
    own = Settings(
        **{
            **vars(settings),
            "secrets_dir": tmp_path / "none",
            "mongo_uri": own_uri,
            "halves_in_database": True,
        }
    )
    start(own)
    another = Halves()
    another.open(tmp_path / "elsewhere", in_database=True)
    return own, another


def test_machines_that_share_no_folder_have_the_halves_in_the_database(
    shared: tuple[Settings, Halves],
) -> None:
    settings, another = shared
    with ThreadPoolExecutor(4) as pool:
        taken = list(
            pool.map(lambda n: (another if n % 2 else halves).take(), range(4 * PAGE_HALVES))
        )
    assert len(set(taken)) == len(taken)
    number = taken[7]
    assert another.of(number, "it") == halves.of(number, "it")
    halves.destroy([number])
    with pytest.raises(Destroyed):
        halves.of(number, "it")
    another.close()  # forgets what it has read, as it does by itself within seconds
    another.open(settings.secrets_dir, in_database=True)
    with pytest.raises(Destroyed):
        another.of(number, "it")
    with pytest.raises(CannotOpen, match="is not in the database"):
        another.of(2**40, "it")
    assert not settings.secrets_dir.exists()


def test_where_they_lie_cannot_be_mistaken(
    shared: tuple[Settings, Halves], settings: Settings
) -> None:
    with pytest.raises(HalvesUnusable, match=r"^HALVES: .*set HALVES=database\.$"):
        start(Settings(**{**vars(shared[0]), "halves_in_database": False}))
    with pytest.raises(HalvesUnusable, match=r"^HALVES: .*set HALVES=file\.$"):
        start(Settings(**{**vars(settings), "halves_in_database": True}))

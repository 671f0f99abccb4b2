"""The database: data of a newer program is refused, and the indexes exist."""

from __future__ import annotations

import math
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pymongo
import pytest
from flask import Flask
from pymongo.errors import AutoReconnect, NetworkTimeout, PyMongoError, ServerSelectionTimeoutError

from chat.models.database import database
from chat.models.database.circuit_breaker import PING_SECONDS
from chat.models.database.deadline import DEADLINE_SECONDS, LEAST_SECONDS, seconds_left
from chat.models.database.errors import DatabaseUnreachable, DataFromNewerProgram, is_own_deadline
from chat.models.database.indexes import INDEXES
from chat.utils.clock import now
from chat.utils.errors import Unavailable
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.servers import ROOT, wait_until


@pytest.fixture(autouse=True)
def nothing_failed_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in ("_failed_at", "_ping_failed_at", "_open_until"):
        monkeypatch.setattr(database._breaker, moment, -math.inf)


def test_data_of_a_newer_program_is_refused_in_one_sentence_and_left_alone(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 99}})
    with pytest.raises(
        DataFromNewerProgram, match=r"version 99, this program knows \d+; start the newer program"
    ):
        database.connect(own_uri, embedded=IS_EMBEDDED)
    kept = database["meta"].find_one({"_id": "schema"})
    assert kept
    assert kept["version"] == 99
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})


def test_sessions_whose_tokens_say_too_little_end_with_the_upgrade(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    tomorrow = now() + timedelta(days=1)
    database["sessions"].insert_one(
        {"_id": "of before", "user_id": 1, "refresh_id": "x", "expires_at": tomorrow}
    )
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
    database.connect(own_uri, embedded=IS_EMBEDDED)
    assert database["sessions"].count_documents({}) == 0
    database["sessions"].insert_one({"_id": "of now", "expires_at": tomorrow})
    database.connect(own_uri, embedded=IS_EMBEDDED)
    assert database["sessions"].count_documents({}) == 1, "once, not at each start"


def test_every_index_is_made(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    for name, indexes in INDEXES.items():
        there = {tuple(index["key"]) for index in database[name].list_indexes()}
        assert {tuple(fields) for fields, _ in indexes} <= there


def test_nothing_finds_and_modifies_in_one_command_which_reads_all_of_a_collection() -> None:
    """In the embedded database each join took 47 ms with 6,000 people, and blocked everybody."""
    sources = {path: path.read_text() for path in (ROOT / "chat").rglob("*.py")}
    assert not [
        str(path)
        for path, text in sources.items()
        if re.search(r"find_one_and_|findAndModify", text)
    ]


def test_a_wrong_password_is_told_without_showing_it(own_uri: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="refused") as told:
        database.connect(own_uri.replace("chat:", "chat:wrong-", 1), embedded=IS_EMBEDDED)
    assert "wrong-" not in str(told.value)


def test_whoever_comes_while_the_database_does_not_answer_is_told_soon(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_answers() -> None:
        raise AutoReconnect

    monkeypatch.setattr(database._breaker, "_ping", nobody_answers)
    with database.deadline():
        pass
    database.failed(AutoReconnect("gone"))
    with pytest.raises(AutoReconnect), database.deadline():
        raise AssertionError("nothing is tried")
    monkeypatch.undo()
    with database.deadline():
        pass


def test_who_waited_behind_what_failed_for_as_long_as_anybody_does_is_refused_and_nobody_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database may answer that it is there, and do nothing."""
    arrived = time.monotonic() - DEADLINE_SECONDS
    database.failed(AutoReconnect("gone"))
    with pytest.raises(Unavailable), database.deadline(since=arrived):
        raise AssertionError("nothing is tried")
    with database.deadline(since=arrived + 1):
        pass
    with pytest.raises(Unavailable), database.deadline(since=arrived):
        raise AssertionError("nothing is tried, whoever was served meanwhile")
    monkeypatch.setattr(database._breaker, "_failed_at", arrived - 1)
    with database.deadline(since=arrived):
        pass


def test_who_comes_while_the_database_is_asked_shares_its_answer(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, slow = [], threading.Event()

    def answers_slowly() -> None:
        asked.append(1)
        assert slow.wait(30)

    monkeypatch.setattr(database._breaker, "_ping", answers_slowly)
    database.failed(AutoReconnect("gone"))

    def come(_: int) -> bool:
        with database.deadline():
            return True

    with ThreadPoolExecutor(5) as people:
        told = people.map(come, range(5))
        wait_until(lambda: asked, "one asks")
        time.sleep(PING_SECONDS / 2)
        slow.set()
        assert all(told)
    assert len(asked) <= 2, "the last may have come when it was over"


def test_of_many_that_waited_behind_each_other_only_the_first_asks(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def nobody_answers() -> None:
        asked.append(time.monotonic())
        raise NetworkTimeout("late")

    monkeypatch.setattr(database._breaker, "_ping", nobody_answers)
    database.failed(AutoReconnect("gone"))
    arrived = time.monotonic()
    for _ in range(10):
        with pytest.raises((NetworkTimeout, Unavailable)), database.deadline(since=arrived):
            raise AssertionError("nothing is tried")
    assert len(asked) == 1
    with pytest.raises(NetworkTimeout), database.deadline(since=time.monotonic()):
        raise AssertionError("nothing is tried")
    assert len(asked) == 2, "who came later does not know yet"
    monkeypatch.undo()
    with database.deadline(since=time.monotonic()):
        pass


def test_in_doubt_one_asks_for_all(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, frozen = [], threading.Event()

    def nobody_answers() -> None:
        asked.append(1)
        assert frozen.wait(30)
        raise NetworkTimeout("late")

    monkeypatch.setattr(database._breaker, "_ping", nobody_answers)
    database.failed(AutoReconnect("gone"))

    def come(_: int) -> None:
        with pytest.raises((NetworkTimeout, Unavailable)), database.deadline():
            raise AssertionError("nothing is tried")

    with ThreadPoolExecutor(20) as people:
        told = people.map(come, range(20))
        wait_until(lambda: asked, "one asks")
        time.sleep(2 * PING_SECONDS)  # until the time of all others is up
        assert len(asked) == 1
        frozen.set()
        list(told)
    monkeypatch.undo()
    with database.deadline():
        pass


def test_a_database_that_answers_again_has_all_the_time_again(app: Flask) -> None:
    """A slow operation within the short time limit of doubt must not count as another failure.

    Otherwise the doubt would never end.
    """
    database.failed(AutoReconnect("gone"))
    with database.deadline():
        assert (seconds_left() or 0) > PING_SECONDS
    assert seconds_left() is None


def test_whoever_waited_for_others_has_as_much_less_time_but_enough_for_one_that_is_well(
    app: Flask,
) -> None:
    with database.deadline(since=time.monotonic() - 1):
        assert 1.5 < (seconds_left() or 0) <= DEADLINE_SECONDS - 1
    with database.deadline(since=time.monotonic() - 60):
        assert 0.5 < (seconds_left() or 0) <= LEAST_SECONDS


def test_a_request_that_asks_for_too_much_costs_the_others_one_question_and_no_head(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, dropped = [], []
    monkeypatch.setattr(database, "_when_lost", [lambda: dropped.append(1)])
    real = database.ping
    monkeypatch.setattr(database._breaker, "_ping", lambda: (asked.append(1), real()))
    with pytest.raises(PyMongoError) as late, pymongo.timeout(0.0001):
        database["log"].find_one()
    assert is_own_deadline(late.value)
    database.failed(late.value)
    for _ in range(3):
        with database.deadline(since=time.monotonic() - DEADLINE_SECONDS):
            database["log"].find_one()
    assert (len(asked), dropped) == (1, [])


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        ServerSelectionTimeoutError("nobody there"),
        "insert refused: disk full",
    ],
)
def test_after_any_other_failure_every_known_head_is_dropped(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: PyMongoError | str
) -> None:
    dropped: list[int] = []
    monkeypatch.setattr(database, "_when_lost", [lambda: dropped.append(1)])
    database.failed(error)
    assert dropped
    assert str(error) in database.last_failure

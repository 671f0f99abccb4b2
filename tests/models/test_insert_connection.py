"""The insert connection: the driver's own, given back when it should not be used any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymongo
import pytest
from flask import Flask
from pymongo.errors import AutoReconnect, ExecutionTimeout, NetworkTimeout

from chat.models.database import database, insert_connection
from chat.models.database.insert_connection import InsertConnection


@pytest.fixture
def line(app: Flask) -> Iterator[InsertConnection]:
    client = database["things"].database.client
    line = InsertConnection(client, database["things"].database.name)
    yield line
    line.close()
    database["things"].drop()


def kept(line: InsertConnection) -> Any:
    assert line._checked_out
    return line._checked_out


def insert(line: InsertConnection, *ids: int, ordered: bool = True) -> dict[str, Any]:
    return line.insert("things", [{"_id": each} for each in ids], ordered=ordered)


def things() -> list[int]:
    return sorted(record["_id"] for record in database["things"].find())


def test_inserts_go_over_one_connection_and_say_what_is_kept(line: InsertConnection) -> None:
    assert insert(line, 1, 2)["n"] == 2
    first = kept(line)
    ordered = insert(line, 3, 1, 4)
    assert (ordered["n"], [error["index"] for error in ordered["writeErrors"]]) == (1, [1])
    unordered = insert(line, 5, 1, 6, ordered=False)
    assert (
        unordered["n"],
        [(error["index"], error["code"]) for error in unordered["writeErrors"]],
    ) == (2, [(1, 11000)])
    assert kept(line) is first
    assert things() == [1, 2, 3, 5, 6]


def test_who_comes_while_it_is_in_use_is_served_all_the_same(
    line: InsertConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(line, 1)
    first, under_way, let_go = kept(line), threading.Event(), threading.Event()
    real = type(first).command

    def command(this: Any, *arguments: Any, **options: Any) -> Any:
        if this is first:
            under_way.set()
            assert let_go.wait(10)
        return real(this, *arguments, **options)

    monkeypatch.setattr(type(first), "command", command)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(insert, line, 2)
        assert under_way.wait(5)
        assert insert(line, 3)["n"] == 1
        assert things() == [1, 3]
        let_go.set()
        assert slow.result(10)["n"] == 1
    assert kept(line) is first


def test_a_connection_that_broke_is_not_used_again(line: InsertConnection) -> None:
    insert(line, 1)
    first = kept(line)
    first.conn.sock.shutdown(2)
    with pytest.raises(AutoReconnect):
        insert(line, 2)
    assert insert(line, 2)["n"] == 1
    assert kept(line) is not first


def test_a_connection_that_was_closed_while_nobody_used_it_is_noticed_before(
    line: InsertConnection,
) -> None:
    insert(line, 1)
    first = kept(line)
    first.conn.sock.shutdown(2)
    line._used_at -= 5
    assert insert(line, 2)["n"] == 1
    assert kept(line) is not first


def test_after_a_change_of_the_primary_another_connection_is_asked_for(
    line: InsertConnection,
) -> None:
    insert(line, 1)
    asked: list[str] = []
    real = line._client._conn_for_writes

    def conn_for_writes(*arguments: Any) -> Any:
        asked.append("for writes")
        return real(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line._client, "_conn_for_writes", conn_for_writes)
        insert(line, 2)
        assert asked == []
        line.renew()
        insert(line, 3)
        insert(line, 4)
        assert asked == ["for writes"]


def test_a_deadline_holds_and_what_is_late_is_not_read_as_the_answer_to_the_next(
    line: InsertConnection,
) -> None:
    insert(line, 1)
    with pymongo.timeout(0.0001), pytest.raises((NetworkTimeout, ExecutionTimeout)):
        insert(line, *range(10, 2_000))
    assert insert(line, 2)["n"] == 1
    assert 2 in things()


@pytest.mark.parametrize("ordered", [True, False])
def test_what_is_too_large_for_one_command_goes_in_several_and_is_answered_as_one(
    line: InsertConnection, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    monkeypatch.setattr(insert_connection, "LARGEST", 100)
    insert(line, 5)
    sizes: list[int] = []
    real = type(kept(line)).command

    def command(this: Any, database: str, spec: Any, **options: Any) -> Any:
        sizes.append(len(spec["documents"]))
        return real(this, database, spec, **options)

    monkeypatch.setattr(type(kept(line)), "command", command)
    answer = line.insert(
        "things", [{"_id": each, "text": bytes(60)} for each in range(8)], ordered=ordered
    )
    assert max(sizes) == 1
    assert [error["index"] for error in answer["writeErrors"]] == [5]
    assert things() == ([0, 1, 2, 3, 4, 5] if ordered else list(range(8)))
    assert answer["n"] == (5 if ordered else 7)


def test_a_connection_that_rested_for_long_is_replaced_though_it_looks_open(
    line: InsertConnection,
) -> None:
    """A firewall may drop a connection silently: nothing that is sent there is ever answered."""
    insert(line, 1)
    first = kept(line)
    line._used_at -= insert_connection.IDLE_SECONDS + 1
    assert insert(line, 2)["n"] == 1
    assert kept(line) is not first
    assert first.closed

"""Many rooms in one insert: one room's failure stops no other room, and no room gets a hole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.models.database import Record, database, deadline
from chat.models.document import new_id
from chat.models.log import RoomLog
from chat.models.log import insert_batcher as insert_batcher_module
from chat.models.log.insert_batcher import InsertBatcher
from chat.utils.errors import Unavailable
from tests.helpers.rooms import draft, make_room, seqs
from tests.helpers.servers import wait_until
from tests.models.processes import Doomed, Killed

LOST = AutoReconnect("the database died")


@dataclass
class Inserts:
    """Every insert into the log; the first one waits until `let_go`.

    It raises `error`, if that is set.
    """

    under_way: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    made: list[tuple[list[Record], bool]] = field(default_factory=list)  # (records, ordered)
    error: BaseException | None = None


@pytest.fixture
def inserts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inserts]:
    inserts, real = Inserts(), type(database).insert

    def insert(this: Any, name: str, records: Any, *, ordered: bool) -> Any:
        inserts.made.append((list(records), ordered))
        if len(inserts.made) == 1:
            inserts.under_way.set()
            inserts.let_go.wait(10)
            if inserts.error:
                raise inserts.error
        return real(this, name, records, ordered=ordered)

    monkeypatch.setattr(type(database), "insert", insert)
    yield inserts
    inserts.let_go.set()


@pytest.fixture
def rooms(app: Flask) -> list[RoomLog]:
    """Return five rooms of one process, with one entry each."""
    own, logs = InsertBatcher(), []
    for _ in range(5):
        room_id = make_room("alice")[0].id
        database["log"].insert_one(draft(room_id).record | {"seq": 1, "ordinal": 1})
        log = RoomLog(room_id, own)
        assert log.head().seq == 1
        logs.append(log)
    return logs


def waiting(log: RoomLog) -> int:
    return len(log._appender._batcher._group.queue)


def start_together(
    pool: ThreadPoolExecutor, rooms: list[RoomLog], inserts: Inserts
) -> list[Future[Any]]:
    """Append an entry to each room: the first insert is in progress, the others wait."""
    started = [pool.submit(rooms[0].append, draft(rooms[0].room_id))]
    assert inserts.under_way.wait(5)
    started += [pool.submit(log.append, draft(log.room_id)) for log in rooms[1:]]
    wait_until(lambda: waiting(rooms[0]) == len(rooms) - 1, "the others wait")
    return started


def test_entries_of_many_rooms_that_wait_go_together(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    with ThreadPoolExecutor(5) as pool:
        started = start_together(pool, rooms, inserts)
        inserts.let_go.set()
        assert [future.result(10)[0]["seq"] for future in started] == [2] * 5
    assert [len(records) for records, _ in inserts.made] == [1, 4]


def test_many_entries_of_one_room_wait_for_no_other_room(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insert that waits a turn of the loop lets all owners of the previous one go first."""
    turns = list[float]()
    monkeypatch.setattr(insert_batcher_module, "time", SimpleNamespace(sleep=turns.append))
    for count in (1, 9, 10, 50):
        room_id = new_id()
        entries = [
            draft(room_id).record | {"seq": seq, "ordinal": seq} for seq in range(1, count + 1)
        ]
        assert InsertBatcher().insert(entries, raced=False) == (count, None)
    assert turns == [0, 0]


@pytest.mark.parametrize("by", ["another process", "the same client_id"])
def test_what_stops_one_room_stops_no_other(
    rooms: list[RoomLog], inserts: Inserts, by: str
) -> None:
    author = new_id()
    taken = draft(rooms[2].room_id, "c1", author)
    with ThreadPoolExecutor(6) as pool:
        started = [pool.submit(rooms[0].append, draft(rooms[0].room_id))]
        assert inserts.under_way.wait(5)
        started += [pool.submit(log.append, draft(log.room_id, "c1", author)) for log in rooms[1:]]
        wait_until(lambda: waiting(rooms[0]) == 4, "the others wait")
        record = taken.record if by == "the same client_id" else draft(rooms[2].room_id).record
        database["log"].insert_one(record | {"seq": 2, "ordinal": 2})
        inserts.let_go.set()
        kept = [future.result(10) for future in started]
    assert [record["seq"] for record, _ in kept] == (
        [2] * 5 if by == "the same client_id" else [2, 2, 3, 2, 2]
    )
    assert [is_new for _, is_new in kept] == [True, True, by == "another process", True, True]
    assert [seqs(log.room_id) for log in rooms] == [
        [1, 2],
        [1, 2],
        [1, 2, 3] if by == "another process" else [1, 2],
        [1, 2],
        [1, 2],
    ]


def test_two_entries_of_one_room_never_go_without_their_order(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    with ThreadPoolExecutor(40) as pool:
        started = [pool.submit(log.append, draft(log.room_id)) for _ in range(8) for log in rooms]
        assert inserts.under_way.wait(5)
        inserts.let_go.set()
        for future in started:
            future.result(10)
    for records, ordered in inserts.made:
        of_rooms = [record["room_id"] for record in records]
        assert ordered or len(set(of_rooms)) == len(of_rooms)
    assert all(seqs(log.room_id) == list(range(1, 10)) for log in rooms)


def test_a_lost_connection_fails_every_room_that_waits_and_each_may_send_again(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    inserts.error = LOST
    with ThreadPoolExecutor(5) as pool:
        started = start_together(pool, rooms, inserts)
        inserts.let_go.set()
        for future in started:
            with pytest.raises(Unavailable):
                future.result(10)
    assert len(inserts.made) == 1, "nobody waits for the next one to fail as well"
    assert all(log._head.known is None for log in rooms), "nobody knows what is kept"
    assert [log.append(draft(log.room_id))[0]["seq"] for log in rooms] == [2] * 5
    assert rooms[0]._appender._batcher._group.leader is None


def test_what_comes_behind_the_entry_that_stopped_an_ordered_insert_goes_with_the_next(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    first, raced, other = rooms[:3]
    with ThreadPoolExecutor(8) as pool:
        started = [pool.submit(first.append, draft(first.room_id)) for _ in range(3)]
        assert inserts.under_way.wait(5)
        wait_until(
            lambda: len(first._appender._drafts.queue) == 2, "two more wait in the first room"
        )
        started.append(pool.submit(raced.append, draft(raced.room_id)))
        wait_until(lambda: waiting(first) == 1, "the second room waits")
        started.append(pool.submit(other.append, draft(other.room_id)))
        wait_until(lambda: waiting(first) == 2, "and the third")
        database["log"].insert_one(draft(raced.room_id).record | {"seq": 2, "ordinal": 2})
        inserts.let_go.set()
        kept = [future.result(10)[0]["seq"] for future in started]
    assert sorted(kept[:3]) == [2, 3, 4]
    assert kept[3:] == [3, 2]
    assert [seqs(log.room_id) for log in (first, raced, other)] == [[1, 2, 3, 4], [1, 2, 3], [1, 2]]


def test_a_room_that_other_processes_write_to_goes_behind_the_others(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    inserts.let_go.set()
    database["log"].insert_one(draft(rooms[0].room_id).record | {"seq": 2, "ordinal": 2})
    assert rooms[0].append(draft(rooms[0].room_id))[0]["seq"] == 3, "it lost a race"
    inserts.made.clear()
    inserts.let_go.clear()
    inserts.under_way.clear()
    with ThreadPoolExecutor(4) as pool:
        started = [pool.submit(rooms[1].append, draft(rooms[1].room_id))]
        assert inserts.under_way.wait(5)
        for log in (rooms[0], *rooms[2:4]):
            before = waiting(log)
            started.append(pool.submit(log.append, draft(log.room_id)))
            wait_until(lambda before=before: waiting(rooms[0]) == before + 1, "it waits")
        inserts.let_go.set()
        assert [future.result(10)[0]["seq"] for future in started] == [2, 4, 2, 2]
    together, ordered = inserts.made[1]
    assert [record["room_id"] for record in together] == [
        log.room_id for log in (*rooms[2:4], rooms[0])
    ]
    assert not ordered


def test_several_entries_of_a_room_that_other_processes_write_to_go_alone(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    log = rooms[0]
    several = [draft(log.room_id).record | {"seq": seq, "ordinal": seq} for seq in (2, 3)]
    with ThreadPoolExecutor(2) as pool:
        blocked = pool.submit(rooms[1].append, draft(rooms[1].room_id))
        assert inserts.under_way.wait(5)
        assert log._appender._batcher.insert(several, raced=True) == (2, None), (
            "they wait for no other room"
        )
        assert inserts.made[1] == (several, True)
        inserts.let_go.set()
        assert blocked.result(10)[0]["seq"] == 2


@pytest.mark.parametrize("same_room", [True, False])
def test_whoever_waits_behind_a_slow_insert_is_told_in_time(
    rooms: list[RoomLog], inserts: Inserts, monkeypatch: pytest.MonkeyPatch, same_room: bool
) -> None:
    log = rooms[0 if same_room else 1]

    def append_within_a_moment() -> None:
        monkeypatch.setattr(deadline, "DEADLINE_SECONDS", 0.2)
        with database.deadline(), pytest.raises(Unavailable):
            log.append(draft(log.room_id))

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(rooms[0].append, draft(rooms[0].room_id))
        assert inserts.under_way.wait(5)
        pool.submit(append_within_a_moment).result(5)
        inserts.let_go.set()
        assert slow.result(10)[0]["seq"] == 2
    monkeypatch.undo()
    assert log.append(draft(log.room_id))[0]["seq"] == (3 if same_room else 2), (
        "what was given up holds nobody up"
    )


def test_whoever_sends_again_what_is_being_kept_is_told_in_time(
    rooms: list[RoomLog], inserts: Inserts, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = draft(rooms[0].room_id)

    def send_again() -> None:
        monkeypatch.setattr(deadline, "DEADLINE_SECONDS", 0.2)
        with database.deadline(), pytest.raises(Unavailable):
            rooms[0].append(once)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(rooms[0].append, once)
        assert inserts.under_way.wait(5)
        pool.submit(send_again).result(5)
        inserts.let_go.set()
        assert slow.result(10)[0]["seq"] == 2
    monkeypatch.undo()
    assert rooms[0].append(once)[0]["seq"] == 2


def test_whoever_is_killed_while_inserting_leaves_nobody_waiting(
    rooms: list[RoomLog], inserts: Inserts
) -> None:
    inserts.error = Killed()
    with ThreadPoolExecutor(5) as pool:
        first, *others = start_together(pool, rooms, inserts)
        inserts.let_go.set()
        with pytest.raises(Killed):
            first.result(10)
        for future in others:
            with pytest.raises(Unavailable):
                future.result(10)
    assert [log.append(draft(log.room_id))[0]["seq"] for log in rooms] == [2] * 5


def test_whoever_is_killed_while_waiting_holds_nobody_up(
    rooms: list[RoomLog], inserts: Inserts, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(5) as pool:
        started = [pool.submit(rooms[0].append, draft(rooms[0].room_id))]
        assert inserts.under_way.wait(5)
        Doomed(lambda: rooms[1].append(draft(rooms[1].room_id)), monkeypatch).die()
        started += [pool.submit(log.append, draft(log.room_id)) for log in rooms[2:]]
        wait_until(lambda: waiting(rooms[0]) == 3, "the others wait")
        inserts.let_go.set()
        assert [future.result(10)[0]["seq"] for future in started] == [2] * 4
    assert rooms[1].append(draft(rooms[1].room_id))[0]["seq"] == 2

"""Group commit: waiting entries go together, one commit runs at a time, and no entry is left.

That holds whichever writer is stopped, is killed or fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.log import Draft, RoomLog, appending, draft_queue
from chat.models.log.drafts import Pending
from chat.utils.errors import Conflict, Unavailable
from chat.utils.latch import Latch
from tests.helpers.rooms import draft, seqs
from tests.helpers.servers import wait_until
from tests.models.processes import Doomed, log_elsewhere


def append_soon(room_log: RoomLog, entry: Draft) -> tuple[dict[str, Any], bool]:
    """Append with a timeout, for a writer that would wait for ever if nobody woke it."""
    with database.deadline():
        return room_log.append(entry)


class Blocked:
    """A log whose first insert waits for a release, so that more entries gather behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.under_way, self.let_go, self.inserts = threading.Event(), threading.Event(), 0
        real: Callable[..., Any] = type(database).insert

        def insert(this: Any, *arguments: Any, **options: Any) -> Any:
            self.inserts += 1
            if not self.under_way.is_set():
                let_go = self.let_go
                self.under_way.set()
                assert let_go.wait(10)
            return real(this, *arguments, **options)

        monkeypatch.setattr(type(database), "insert", insert)

    def again(self) -> threading.Event:
        """Release the waiting insert; the next one waits, too, until the returned event is set."""
        let_go, self.let_go = self.let_go, threading.Event()
        self.under_way.clear()
        let_go.set()
        return self.let_go


@pytest.fixture
def blocked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blocked]:
    insert = Blocked(monkeypatch)
    yield insert
    insert.let_go.set()


def gathered(room_log: RoomLog, count: int) -> bool:
    return len(room_log._appender._drafts.queue) >= count


def test_what_gathers_while_an_insert_is_under_way_goes_together(
    room_id: Id, room_log: RoomLog, blocked: Blocked
) -> None:
    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        rest = [pool.submit(room_log.append, draft(room_id)) for _ in range(10)]
        wait_until(lambda: gathered(room_log, 10), "ten entries wait")
        blocked.let_go.set()
        assert first.result(10)[0]["seq"] == 1
        assert {entry.result(10)[0]["seq"] for entry in rest} == set(range(2, 12))
    assert blocked.inserts == 2, "one for the first, one for all the others"


def test_duplicates_in_one_batch_share_a_result_and_conflicts_are_told(
    room_id: Id, room_log: RoomLog, blocked: Blocked
) -> None:
    author = new_id()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        one = pool.submit(room_log.append, draft(room_id, "c1", author, "hello"))
        wait_until(lambda: gathered(room_log, 1), "one waits")
        twin = pool.submit(room_log.append, draft(room_id, "c1", author, "hello"))
        other = pool.submit(room_log.append, draft(room_id, "c1", author, "goodbye"))
        wait_until(lambda: gathered(room_log, 2), "the other waits too")
        last = pool.submit(room_log.append, draft(room_id))
        wait_until(lambda: gathered(room_log, 3), "and one behind it")
        blocked.let_go.set()
        assert first.result(10)[1]
        assert one.result(10)[0]["_id"] == twin.result(10)[0]["_id"]
        assert one.result(10)[1]
        assert not twin.result(10)[1]
        with pytest.raises(Conflict):
            other.result(10)
        assert last.result(10)[0]["seq"] == 3, (
            "a duplicate in the middle of a batch costs nobody behind it anything"
        )
    assert seqs(room_id) == [1, 2, 3]


def test_another_process_in_the_middle_of_a_batch_costs_nothing(
    room_id: Id, room_log: RoomLog, blocked: Blocked
) -> None:
    with ThreadPoolExecutor(2) as pool:
        mine = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        database["log"].insert_one(draft(room_id).record | {"seq": 1, "ordinal": 1})
        blocked.let_go.set()
        assert mine.result(10)[0]["seq"] == 2


def test_a_lost_connection_fails_everybody_who_waits_and_forgets_the_head(
    room_id: Id, room_log: RoomLog, monkeypatch: Any
) -> None:
    room_log.append(draft(room_id))
    under_way, go_on = threading.Event(), threading.Event()
    real = type(database).insert

    def insert(this: Any, *arguments: Any, **options: Any) -> Any:
        under_way.set()
        go_on.wait(10)
        raise AutoReconnect("the database died")

    monkeypatch.setattr(type(database), "insert", insert)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(room_log.append, draft(room_id))]
        assert under_way.wait(5)
        waiting += [pool.submit(room_log.append, draft(room_id)) for _ in range(3)]
        wait_until(lambda: gathered(room_log, 3), "three wait")
        go_on.set()
        for entry in waiting:
            with pytest.raises(Unavailable):
                entry.result(10)
    assert room_log._head.known is None
    monkeypatch.setattr(type(database), "insert", real)
    assert room_log.append(draft(room_id))[0]["seq"] == 2, "and when it is back, all goes on"


def test_a_write_concern_error_is_not_acknowledged(
    room_id: Id, room_log: RoomLog, monkeypatch: Any
) -> None:
    def insert(*_: Any, **__: Any) -> Any:
        return {"n": 1, "writeConcernError": {"code": 64, "errmsg": "timeout"}}

    monkeypatch.setattr(type(database), "insert", insert)
    with pytest.raises(Unavailable):
        room_log.append(draft(room_id))


def test_a_full_queue_says_so_at_once(
    room_id: Id, room_log: RoomLog, blocked: Blocked, monkeypatch: Any
) -> None:
    monkeypatch.setattr(draft_queue, "QUEUE_BOUND", 2)
    with ThreadPoolExecutor(3) as pool:
        under_way = [pool.submit(room_log.append, draft(room_id))]
        assert blocked.under_way.wait(5)
        under_way += [pool.submit(room_log.append, draft(room_id)) for _ in range(2)]
        wait_until(lambda: gathered(room_log, 2), "two wait")
        with pytest.raises(Unavailable, match="too busy"):
            room_log.append(draft(room_id))
        blocked.let_go.set()
        assert {entry.result(10)[0]["seq"] for entry in under_way} == {1, 2, 3}


def test_a_defect_while_committing_leaves_nobody_waiting(
    room_id: Id, room_log: RoomLog, monkeypatch: Any
) -> None:
    monkeypatch.setattr(room_log._reader, "find", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        room_log.append(draft(room_id))
    monkeypatch.undo()
    assert room_log.append(draft(room_id))[0]["seq"] == 1


def test_the_next_insert_is_under_way_before_those_of_this_one_go_on(
    room_id: Id,
    room_log: RoomLog,
    blocked: Blocked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appending, "BATCH", 1)
    settle, under_way = Pending.settle, list[bool]()

    def look_and_settle(pending: Any, *arguments: Any, **options: Any) -> None:
        under_way.append(blocked.under_way.wait(5))
        settle(pending, *arguments, **options)

    monkeypatch.setattr(Pending, "settle", look_and_settle)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        second = pool.submit(room_log.append, draft(room_id))
        wait_until(lambda: gathered(room_log, 1), "one waits behind")
        let_go = blocked.again()
        assert first.result(10)[0]["seq"] == 1
        let_go.set()
        assert second.result(10)[0]["seq"] == 2
    assert under_way == [True, True]
    assert room_log._appender._drafts.leader is None


@pytest.mark.parametrize("known", ["nobody", "who won a race", "who announced an entry"])
def test_the_next_insert_follows_at_once_only_where_nobody_else_is_known_to_write(
    room_id: Id,
    room_log: RoomLog,
    known: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A writer that must read the head first hardly ever gets between two consecutive inserts."""
    monkeypatch.setattr(appending, "GAP_EVERY", 3)
    room_log.append(draft(room_id))
    if known == "who won a race":
        log_elsewhere(room_id).append(draft(room_id))
        room_log.append(draft(room_id))
    elif known == "who announced an entry":
        room_log.note_announced(1)
    settle, left_gap = Pending.settle, list[bool]()

    def look_and_settle(pending: Any, *arguments: Any, **options: Any) -> None:
        left_gap.append(room_log._appender._drafts.leader is pending)
        settle(pending, *arguments, **options)

    monkeypatch.setattr(Pending, "settle", look_and_settle)
    for _ in range(6):
        room_log.append(draft(room_id))
    assert left_gap == (
        [False, True, False, False, True, False] if known == "nobody" else [True] * 6
    )


def test_who_has_handed_on_does_not_do_so_again(
    room_id: Id, room_log: RoomLog, blocked: Blocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two would commit at once, and each take the other's place."""
    monkeypatch.setattr(appending, "BATCH", 1)
    monkeypatch.setattr(appending, "HINT_EVERY", 1)
    monkeypatch.setattr(
        room_log._hints, "leave", lambda _: blocked.under_way.wait(5)
    )  # the first is not done before the second inserts
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(room_log.append, draft(room_id))]
        assert blocked.under_way.wait(5)
        for number in (1, 2):
            writers.append(pool.submit(room_log.append, draft(room_id)))
            wait_until(lambda number=number: gathered(room_log, number), "it waits behind")
        let_go = blocked.again()
        assert writers[0].result(10)[0]["seq"] == 1
        assert not room_log._appender._drafts.queue[0].go_ahead.is_open, "it goes after the second"
        let_go.set()
        assert [writer.result(10)[0]["seq"] for writer in writers] == [1, 2, 3]


def test_what_fails_after_handing_on_fails_nobody_who_commits_by_then(
    room_id: Id,
    room_log: RoomLog,
    blocked: Blocked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appending, "BATCH", 1)
    monkeypatch.setattr(appending, "HINT_EVERY", 1)
    left = list[int]()

    def leave_hints(seq: int) -> None:
        left.append(seq)
        if seq == 1:
            wait_until(lambda: gathered(room_log, 1), "the second has not begun")
            raise ZeroDivisionError

    monkeypatch.setattr(room_log._hints, "leave", leave_hints)
    real_wait, hold = Latch.wait, threading.Event()

    def wait_longer(latch: Latch, seconds: float | None = None) -> bool:
        opened = real_wait(latch, seconds)
        if threading.current_thread().name.startswith("behind"):
            hold.wait(5)
        return opened

    monkeypatch.setattr(Latch, "wait", wait_longer)
    with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1, "behind") as pool_behind:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        second = pool_behind.submit(room_log.append, draft(room_id))
        wait_until(lambda: gathered(room_log, 1), "one waits behind")
        blocked.let_go.set()
        with pytest.raises(ZeroDivisionError):
            first.result(10)
        hold.set()
        assert second.result(10)[0]["seq"] == 2
    assert left == [1, 2]
    assert room_log._appender._drafts.leader is None


def test_a_waiter_that_was_killed_holds_nobody_up(
    room_id: Id, room_log: RoomLog, blocked: Blocked, monkeypatch: Any
) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        Doomed(lambda: room_log.append(draft(room_id)), monkeypatch).die()
        behind = pool.submit(room_log.append, draft(room_id))
        wait_until(lambda: gathered(room_log, 1), "one waits behind")
        blocked.let_go.set()
        assert [first.result(10)[0]["seq"], behind.result(10)[0]["seq"]] == [1, 2]
    assert room_log._appender._drafts.leader is None


def test_who_was_killed_when_it_was_to_commit_holds_nobody_up(
    room_id: Id,
    room_log: RoomLog,
    blocked: Blocked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appending, "BATCH", 1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        doomed = Doomed(lambda: room_log.append(draft(room_id, "doomed")), monkeypatch)
        wait_until(lambda: gathered(room_log, 1), "it waits behind")
        behind = pool.submit(append_soon, room_log, draft(room_id))
        wait_until(lambda: gathered(room_log, 2), "and another behind it")
        blocked.let_go.set()
        assert first.result(10)[0]["seq"] == 1
        leader = room_log._appender._drafts.leader
        assert leader and leader.draft.client_id == "doomed" and leader.go_ahead.is_open
        doomed.die()
        assert behind.result(10)[0]["seq"] == 2
    assert room_log._appender._drafts.leader is None
    assert seqs(room_id) == [1, 2]


def test_who_was_killed_while_another_inserts_for_it_is_not_put_back(
    room_id: Id,
    room_log: RoomLog,
    blocked: Blocked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise no other writer would take its turn."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(room_log.append, draft(room_id))
        assert blocked.under_way.wait(5)
        second = pool.submit(room_log.append, draft(room_id))
        wait_until(lambda: gathered(room_log, 1), "one waits behind")
        doomed = Doomed(lambda: room_log.append(draft(room_id, "doomed")), monkeypatch)
        wait_until(lambda: gathered(room_log, 2), "and another behind it")
        let_go = blocked.again()
        assert first.result(10)[0]["seq"] == 1
        assert blocked.under_way.wait(5)
        doomed.die()
        log_elsewhere(room_id).append(draft(room_id))
        let_go.set()
        assert second.result(10)[0]["seq"] == 3
    assert room_log._appender._drafts.leader is None
    assert "doomed" not in {
        record["client_id"] for record in database["log"].find({"room_id": room_id})
    }


def test_hints_are_left_by_one_at_a_time(
    room_id: Id, room_log: RoomLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leader that hands on at once is still doing so when the next writers arrive.

    In a room full of changes they would all do the same.
    """
    monkeypatch.setattr(appending, "HINT_EVERY", 1)
    settled = list[int]()

    def settle() -> None:
        settled.append(room_log.seen_seq)
        if len(settled) == 1:
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(room_log.append, draft(room_id)).result(5)[0]["seq"] == 2

    monkeypatch.setattr(room_log._changes, "apply_all", settle)
    room_log.append(draft(room_id))
    assert settled == [1]
    room_log.append(draft(room_id))
    assert settled == [1, 3]

"""The room log: dense, each entry once, in one order.

Each test plays an interleaving that would lose or duplicate an entry. Two RoomLogs of one room
represent two processes: they share nothing but the database.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from pymongo.hello import Hello
from pymongo.monitoring import ServerDescriptionChangedEvent
from pymongo.server_description import ServerDescription

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.log import EMPTY, Head, RoomLog, known_head, log_of
from chat.models.log.head_reader import STRIDE, HeadReader
from chat.utils.errors import Conflict
from tests.helpers.rooms import draft, seqs
from tests.helpers.servers import wait_until
from tests.models.processes import log_elsewhere


def test_entries_take_one_two_three(room_id: Id, room_log: RoomLog) -> None:
    assert room_log.head() == EMPTY
    for expected in (1, 2, 3):
        record, is_new = room_log.append(draft(room_id))
        assert (record["seq"], record["ordinal"], is_new) == (expected, expected, True)
    assert room_log.head() == (3, 3)


def test_eight_writers_in_one_process_make_a_dense_log(room_id: Id, room_log: RoomLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda _: room_log.append(draft(room_id))[0], range(400)))
    assert seqs(room_id) == list(range(1, 401))
    assert {record["seq"] for record in records} == set(range(1, 401))
    assert not room_log._appender._drafts.queue, "nobody is left behind"
    assert not room_log._appender._drafts.on_the_way
    assert room_log._appender._drafts.leader is None


def test_writers_of_four_processes_make_a_dense_log(room_id: Id) -> None:
    logs = [log_elsewhere(room_id) for _ in range(4)]
    with ThreadPoolExecutor(12) as pool:
        records = list(pool.map(lambda i: logs[i % 4].append(draft(room_id))[0], range(240)))
    assert seqs(room_id) == list(range(1, 241))
    assert len({record["_id"] for record in records}) == 240


def test_a_stale_head_is_followed(room_id: Id, room_log: RoomLog) -> None:
    other = log_elsewhere(room_id)
    room_log.append(draft(room_id))
    for _ in range(150):
        other.append(draft(room_id))
    record, _ = room_log.append(draft(room_id))
    assert record["seq"] == 152


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the database commands of writers and of readers who follow."""
    asked = list[str]()

    def note(owner: Any, name: str) -> None:
        real = getattr(owner, name)
        monkeypatch.setattr(
            owner,
            name,
            lambda *args, **options: (asked.append(name), real(*args, **options))[1],
        )

    note(type(database), "insert")
    note(type(database), "flush")
    note(HeadReader, "follow")
    return asked


def test_what_another_process_announced_is_read_before_it_is_built_upon(
    room_id: Id, room_log: RoomLog, commands: list[str]
) -> None:
    other = log_elsewhere(room_id)
    room_log.append(draft(room_id))
    kept, _ = other.append(draft(room_id))
    commands.clear()
    room_log.note_announced(kept["seq"])
    assert room_log.append(draft(room_id))[0]["seq"] == 3
    assert commands == ["follow", "insert"], (
        "no insert that was in vain, and no doubt whether it is durable"
    )
    room_log.append(draft(room_id))
    assert commands[2:] == ["insert"]


def test_what_was_announced_and_is_not_there_is_not_built_upon(
    room_id: Id, room_log: RoomLog, commands: list[str]
) -> None:
    room_log.append(draft(room_id))
    room_log.note_announced(17)
    commands.clear()
    assert [room_log.append(draft(room_id))[0]["seq"] for _ in range(2)] == [2, 3]
    assert commands == ["follow", "insert", "insert"], "it is looked for once"


def test_what_lies_beyond_what_was_announced_may_not_be_durable_yet(
    room_id: Id, room_log: RoomLog, commands: list[str]
) -> None:
    other = log_elsewhere(room_id)
    room_log.append(draft(room_id))
    other.append(draft(room_id))
    other.append(draft(room_id))
    room_log.note_announced(2)
    commands.clear()
    assert room_log.head() == (3, 3)
    assert commands == ["follow", "flush"]


def test_all_who_ask_for_a_head_at_once_share_one_question(
    room_id: Id, room_log: RoomLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When everybody comes back after an outage, everybody asks."""
    room_log.append(draft(room_id))
    follow, may_end, asked = room_log._reader.follow, threading.Semaphore(0), list[int]()

    def follow_slowly(known: Head) -> Head | None:
        asked.append(known.seq)
        assert may_end.acquire(timeout=10)
        return follow(known)

    monkeypatch.setattr(room_log._reader, "follow", follow_slowly)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(room_log.head)
        wait_until(lambda: len(asked) == 1, "one asks")
        others = [pool.submit(room_log.head) for _ in range(20)]
        waiting = room_log._head._shared_read
        wait_until(
            lambda: waiting._next is not None and len(waiting._next.landed._waiting) == 19,
            "the others wait",
        )
        may_end.release(30)
        assert {each.result() for each in (first, *others)} == {(1, 1)}
    assert len(asked) == 2


def test_a_head_of_lately_is_asked_for_again_when_it_is_old_or_does_not_reach(
    room_id: Id, room_log: RoomLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = log_elsewhere(room_id)
    room_log.append(draft(room_id))
    other.append(draft(room_id))
    assert room_log.head_lately(1) == (1, 1), (
        "what another process wrote a moment ago need not be known"
    )
    assert room_log.head_lately(2) == (2, 2), "but what is asked for is"
    other.append(draft(room_id))
    assert room_log.head_lately(1) == (2, 2)
    monkeypatch.setattr(known_head, "LATELY_SECONDS", 0.0)
    assert room_log.head_lately(1) == (3, 3)
    monkeypatch.undo()
    other.append(draft(room_id))
    room_log.forget_head()
    assert room_log.head_lately(1) == (4, 4), "it may have been taken back"


@pytest.mark.parametrize("hint", [0, 1, 63, 64, 65, 100, 200, 5_000])
def test_the_head_is_found_from_any_hint(room_id: Id, room_log: RoomLog, hint: int) -> None:
    database["log"].insert_many(
        [draft(room_id).record | {"seq": seq, "ordinal": seq} for seq in range(1, 101)]
    )
    database["rooms"].update_one({"_id": room_id}, {"$set": {"head_hint": hint}})
    assert room_log.head() == (100, 100)


@pytest.mark.parametrize("count", [1, 2, 62, 63, 64, 65, 127, 128, 129])
def test_a_head_is_followed_over_any_distance(room_id: Id, room_log: RoomLog, count: int) -> None:
    room_log.append(draft(room_id))
    database["log"].insert_many(
        [draft(room_id).record | {"seq": seq, "ordinal": seq} for seq in range(2, count + 2)]
    )
    assert room_log.head() == (count + 1, count + 1)


def test_a_head_that_was_taken_back_is_not_built_upon(room_id: Id, room_log: RoomLog) -> None:
    for _ in range(5):
        room_log.append(draft(room_id))
    database["log"].delete_many(
        {"room_id": room_id, "seq": {"$gt": 2, "$lte": 5}}
    )  # as a failover would
    room_log.forget_head()
    record, _ = room_log.append(draft(room_id))
    assert record["seq"] == 3


def test_a_head_that_was_forgotten_is_looked_for_where_it_was(
    room_id: Id, room_log: RoomLog, monkeypatch: Any
) -> None:
    """After a failure every room's head is forgotten at once.

    With a dozen queries for each, the database failed again under the load.
    """
    database["log"].insert_many(
        [draft(room_id).record | {"seq": seq, "ordinal": seq} for seq in range(1, 1_001)]
    )
    assert room_log.head() == (1_000, 1_000)
    room_log.forget_head()
    asked: list[int] = []
    has = room_log._reader.has
    monkeypatch.setattr(room_log._reader, "has", lambda seq: asked.append(seq) or has(seq))
    assert room_log.head() == (1_000, 1_000)
    assert asked == [1_000, 1_000 + STRIDE]


def test_only_what_may_hold_changes_that_are_not_applied_is_read_to_find_a_head(
    room_id: Id, monkeypatch: Any
) -> None:
    database["log"].insert_many(
        [draft(room_id).record | {"seq": seq, "ordinal": seq} for seq in range(1, 301)]
    )
    database["rooms"].update_one(
        {"_id": room_id}, {"$set": {"head_hint": 290, "applied_hint": 280}}
    )
    room_log, read = RoomLog(room_id), set[int]()
    note = room_log._unapplied.note

    def note_what_is_read(records: list[Any]) -> None:
        read.update(record["seq"] for record in records)
        note(records)

    monkeypatch.setattr(room_log._unapplied, "note", note_what_is_read)
    assert room_log.head() == (300, 300)
    assert read == set(range(281, 301))


def test_a_head_that_was_being_read_while_all_were_dropped_is_not_kept(
    room_id: Id, room_log: RoomLog, monkeypatch: Any
) -> None:
    room_log.append(draft(room_id))
    follow = room_log._reader.follow

    def follow_while_the_primary_changes(known: Any) -> Any:
        found = follow(known)
        room_log.forget_head()
        return found

    monkeypatch.setattr(room_log._reader, "follow", follow_while_the_primary_changes)
    assert room_log.head() == (1, 1)
    assert room_log._head.known is None


def test_the_same_client_id_again_gives_the_first_entry(room_id: Id, room_log: RoomLog) -> None:
    author = new_id()
    first, is_new = room_log.append(draft(room_id, "c1", author, "hello"))
    again, is_new_again = room_log.append(draft(room_id, "c1", author, "hello"))
    elsewhere, is_new_elsewhere = log_elsewhere(room_id).append(
        draft(room_id, "c1", author, "hello")
    )
    assert first["_id"] == again["_id"] == elsewhere["_id"]
    assert (is_new, is_new_again, is_new_elsewhere) == (True, False, False)
    assert seqs(room_id) == [1]


def test_the_same_client_id_with_other_content_is_a_conflict(
    room_id: Id, room_log: RoomLog
) -> None:
    author = new_id()
    room_log.append(draft(room_id, "c1", author, "hello"))
    with pytest.raises(Conflict):
        room_log.append(draft(room_id, "c1", author, "goodbye"))
    assert seqs(room_id) == [1]


def test_a_client_id_belongs_to_its_author(room_id: Id, room_log: RoomLog) -> None:
    assert room_log.append(draft(room_id, "c1", new_id()))[1]
    assert room_log.append(draft(room_id, "c1", new_id()))[1]


def test_one_client_id_from_twenty_threads_and_two_processes_is_one_entry(room_id: Id) -> None:
    logs, author = [log_elsewhere(room_id), log_elsewhere(room_id)], new_id()
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda i: logs[i % 2].append(draft(room_id, "c1", author, "x")), range(100))
        )
    assert len({record["_id"] for record, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
    assert seqs(room_id) == [1]


def test_entries_and_messages_are_ranges(room_id: Id, room_log: RoomLog) -> None:
    for _ in range(10):
        room_log.append(draft(room_id))
    assert [record["seq"] for record in room_log.entries(3, 6)] == [4, 5, 6]
    assert room_log.entries(6, 6) == []
    assert [record["seq"] for record in room_log.messages(2, 4)] == [2, 3, 4]
    assert room_log.ordinal_at(7) == 7
    assert room_log.ordinal_at(0) == 0


def test_a_head_that_a_failover_took_back_is_not_built_upon(room_id: Id) -> None:
    log = log_of(room_id)
    for _ in range(5):
        log.append(draft(room_id))
    database["log"].delete_many(
        {"room_id": room_id, "seq": {"$gt": 3}}
    )  # the new primary never had them
    unknown, primary = (
        ServerDescription(("127.0.0.1", 1)),
        ServerDescription(("127.0.0.1", 1), Hello({"ok": 1, "isWritablePrimary": True})),
    )
    database.description_changed(
        ServerDescriptionChangedEvent(primary, unknown, ("127.0.0.1", 1), ObjectId())
    )
    assert log.append(draft(room_id))[0]["seq"] == 4
    assert seqs(room_id) == [1, 2, 3, 4]

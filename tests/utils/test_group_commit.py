"""Group commit: one owner leads at a time, and whoever gives up leaves nobody waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from chat.utils.group_commit import GroupCommit
from chat.utils.latch import Latch
from tests.helpers.servers import wait_until


@dataclass(eq=False)
class Item:
    number: int = 0
    go_ahead: Latch = field(default_factory=Latch)
    is_committed: bool = False


def joined(count: int) -> tuple[GroupCommit[Item], list[Item]]:
    """Return a group commit with some items, of which the first one leads."""
    group: GroupCommit[Item] = GroupCommit()
    items = [Item(number) for number in range(count)]
    with group.lock:
        assert [group.join(item) for item in items] == [True, *[False] * (count - 1)]
    return group, items


def test_the_first_leads_and_hands_on_to_the_front_of_the_queue() -> None:
    group, items = joined(3)
    assert group.leader is items[0]
    with group.lock:
        assert [group.queue.popleft(), group.queue.popleft()] == items[:2]
        group.hand_on()
    assert group.leader is items[2]
    assert [item.go_ahead.is_open for item in items] == [False, False, True]
    with group.lock:
        group.queue.clear()
        group.hand_on()
    assert group.leader is None


def test_whoever_gives_up_while_waiting_leaves_the_queue() -> None:
    group, items = joined(3)
    with group.lock:
        group.leave(items[1])
    assert group.leader is items[0]
    assert list(group.queue) == [items[0], items[2]]


def test_whoever_gives_up_leading_hands_on() -> None:
    group, items = joined(2)
    with group.lock:
        group.leave(items[0])
    assert group.leader is items[1]
    assert items[1].go_ahead.is_open
    with group.lock:
        group.leave(items[1])
    assert group.leader is None
    assert not group.queue


def test_whoever_gives_up_while_another_commits_for_them_changes_nothing() -> None:
    group, items = joined(3)
    with group.lock:
        taken = [group.queue.popleft(), group.queue.popleft()]
        group.leave(taken[1])
    assert group.leader is items[0]
    assert list(group.queue) == [items[2]]


def test_commits_follow_one_another_and_take_all_who_waited() -> None:
    group: GroupCommit[Item] = GroupCommit()
    commits: list[int] = []
    first_may_end = threading.Event()

    def commit(item: Item) -> None:
        with group.lock:
            leads = group.join(item)
        if not leads:
            assert item.go_ahead.wait(10)
        if item.is_committed:
            return
        with group.lock:
            batch = list(group.queue)
            group.queue.clear()
        commits.append(len(batch))
        if len(commits) == 1:
            assert first_may_end.wait(10)
        with group.lock:
            for each in batch:
                each.is_committed = True
                each.go_ahead.open()
            group.hand_on()

    with ThreadPoolExecutor(20) as pool:
        started = [pool.submit(commit, Item())]
        wait_until(lambda: len(commits) == 1, "the first commits")
        started += [pool.submit(commit, Item()) for _ in range(19)]
        wait_until(lambda: len(group.queue) == 19, "the others wait")
        first_may_end.set()
        for each in started:
            each.result(10)
    assert commits == [1, 19]
    assert group.leader is None

"""How much each person wrote today: counted without a query, right over processes.

The error stays within a portion.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.models import text_usage
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.text_usage import PORTION, flush, take
from chat.utils.errors import RateLimited

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(text_usage, "now", lambda: NOON)
    forget()
    yield
    forget()


def forget() -> None:
    """Empty the caches, as in a process that has just started."""
    text_usage._accounts.clear()
    text_usage._yesterday.clear()


def kept(bob: Id, day: str = "2026-05-01") -> int:
    record = database["text_usage"].find_one({"_id": f"{bob}/{day}"})
    return int(record["bytes"]) if record else 0


def test_it_is_counted_up_to_the_quota_and_refused_beyond_it_until_midnight() -> None:
    bob, carol = new_id(), new_id()
    take(bob, 60, 100)
    with pytest.raises(RateLimited) as refusal:
        take(bob, 41, 100)
    assert refusal.value.retry_after == 12 * 3600
    assert "midnight UTC" in refusal.value.message
    take(bob, 40, 100)
    take(carol, 100, 100)
    take(bob, 10_000, 0)


def test_counting_asks_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(type(database), "__getitem__", fail)
    take(new_id(), 60, 100)


def test_small_counts_wait_and_portions_go_to_the_database_and_come_to_other_processes() -> None:
    bob = new_id()
    take(bob, PORTION - 1, 0)
    flush()
    assert kept(bob) == 0
    take(bob, 2, 0)
    flush()
    assert kept(bob) == PORTION + 1
    forget()
    take(bob, 1, 2 * PORTION)
    flush()
    with pytest.raises(RateLimited):
        take(bob, PORTION, 2 * PORTION)
    take(bob, PORTION - 3, 2 * PORTION)
    flush(everything=True)
    assert kept(bob) == 2 * PORTION - 1


def test_another_day_begins_at_nothing_and_the_one_before_is_brought_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bob = new_id()
    take(bob, 100, 100)
    monkeypatch.setattr(text_usage, "now", lambda: NOON.replace(day=2))
    take(bob, 100, 100)
    flush(everything=True)
    assert (kept(bob), kept(bob, "2026-05-02")) == (100, 100)
    monkeypatch.setattr(text_usage, "now", lambda: NOON.replace(day=3))
    flush()
    assert text_usage._accounts == {}, "who wrote yesterday is forgotten"


def test_what_the_database_did_not_take_is_brought_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bob = new_id()
    take(bob, PORTION, 0)
    with monkeypatch.context() as patch:

        def lost(*_: Any, **__: Any) -> None:
            raise AutoReconnect("gone")

        patch.setattr(type(database["text_usage"]), "bulk_write", lost)
        with pytest.raises(AutoReconnect):
            flush()
    flush()
    assert kept(bob) == PORTION

"""The audit: every entry once, in one chain, whoever writes; what is changed in it is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from chat import connect
from chat.controllers import audit as verbs
from chat.controllers import verification
from chat.models.audit import Entry, Texts, actions, chain
from chat.models.database import database
from chat.models.document import new_id
from chat.models.key_ring import key_ring
from chat.utils.errors import Unavailable
from config import Settings
from tests.helpers.databases import IS_EMBEDDED


@pytest.fixture
def own(app: Flask, own_uri: str, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Give the test a database of its own, because the audit of all tests is one chain."""
    connect(Settings(**{**vars(settings), "secrets_dir": tmp_path}), own_uri, embedded=IS_EMBEDDED)
    with app.app_context():
        yield


def an_entry(name: str = "") -> Entry:
    return Entry(actions.CHAT_SETTING, ObjectId(), texts=Texts(name, "old", "new"))


def seqs(**query: object) -> list[int]:
    return [int(entry.seq) for entry in Entry.page(**query).items]  # type: ignore[arg-type]


def test_entries_of_many_writers_are_one_chain(own: None) -> None:
    key_ring.make(ObjectId("000000000000000000000002"))
    writers = [threading.Thread(target=lambda: an_entry().append()) for _ in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert seqs() == [*range(12, 0, -1)]
    assert list(chain.problems()) == []


def test_an_entry_that_is_stored_again_is_stored_once(own: None) -> None:
    entry = an_entry()
    assert entry.append() == entry.append()
    assert seqs() == [1]


def test_whatever_is_changed_in_the_audit_is_found(own: None) -> None:
    for name in "abcd":
        an_entry(name).append()
    second = database["audit"].find_one({"seq": 2})
    assert second
    for change in ({"actor_id": ObjectId()}, {"action": "room.deleted"}, {"texts": None}):
        database["audit"].update_one({"seq": 2}, {"$set": change})
        assert list(chain.problems()) == ["audit: the chain breaks at entry 2"], change
        database["audit"].replace_one({"_id": second["_id"]}, second)
    assert list(chain.problems()) == []
    database["audit"].delete_one({"seq": 2})
    assert list(chain.problems()) == ["audit: entry 2 is missing"]
    database["audit"].insert_one(second)
    database["audit"].delete_one({"seq": 4})
    assert list(chain.problems()) == ["audit: entry 4 is missing"]
    *_, findings = verification.verify()
    assert findings.problems == ["audit: entry 4 is missing"]
    assert findings.audit_entries == 3


def test_after_a_failover_took_entries_back_the_chain_goes_on(own: None) -> None:
    for name in "ab":
        an_entry(name).append()
    database["audit"].delete_one({"seq": 2})
    an_entry("c").append()
    assert [entry.texts.name for entry in Entry.page().items] == ["c", "a"]
    assert list(chain.problems()) == []


def test_a_damaged_entry_hides_no_other(own: None) -> None:
    for name in "ab":
        an_entry(name).append()
    database["audit"].update_one({"seq": 1}, {"$set": {"texts": b"damaged"}})
    assert [entry.texts.name for entry in Entry.page().items] == ["b", ""]
    breaks, damaged = chain.problems()
    assert breaks == "audit: the chain breaks at entry 1"
    assert damaged.startswith("audit: entry 1 does not open: ")


def test_an_entry_that_was_once_there_does_not_come_back(own: None) -> None:
    for name in "ab":
        an_entry(name).append()
    earlier = database["audit"].find_one({"seq": 2})
    assert earlier
    database["audit"].delete_one({"seq": 2})
    for name in "cd":
        an_entry(name).append()
    database["audit"].delete_one({"seq": 2})
    database["audit"].insert_one(earlier)
    assert list(chain.problems()) == ["audit: the chain breaks at entry 3"]


def test_pages_lead_through_all_of_it(own: None) -> None:
    room_id = new_id()
    for number in range(9):
        if number % 3 == 1:
            Entry(actions.ROOM_ARCHIVED, None, room_id=room_id, is_private=number > 2).append()
        else:
            an_entry().append()
    first = Entry.page(limit=3)
    assert [int(entry.seq) for entry in first.items] == [9, 7, 6], "8 is of a private room"
    assert first.following == 6
    assert seqs(before=6) == [4, 3, 2, 1]
    assert seqs(room_id=room_id) == [2]
    assert seqs(room_id=room_id, shows_private=True) == [8, 5, 2]
    assert seqs(action=actions.ROOM_ARCHIVED, shows_private=True) == [8, 5, 2]
    assert seqs(action=actions.ROOM_DELETED) == []


def test_an_entry_that_the_database_refuses_is_stored_later(
    own: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_alice = type("Alice", (), {"id": ObjectId()})()
    with monkeypatch.context() as broken:
        broken.setattr(chain, "MOST_TRIES", 0)
        verbs.note(actions.INVITE_MADE, from_alice)
        with pytest.raises(Unavailable):
            verbs.note(actions.INVITE_MADE, None)
    assert seqs() == []
    verbs.store_waiting()
    assert seqs() == [1]
    verbs.store_waiting()
    assert seqs() == [1]

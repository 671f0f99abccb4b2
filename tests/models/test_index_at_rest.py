"""Copies of the search index reveal nothing of deleted messages, and little of its sizes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from bson import Binary
from flask import Flask

from chat.models.database import Record, database
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import key_ring
from chat.models.message import Message
from chat.models.search import blind_index, index_blocks, index_lease
from chat.models.search.index_blocks import LEAF, SEGMENT
from chat.models.search.index_lease import Lease
from chat.models.search.message_search import search_messages
from chat.models.search.query import parse
from chat.utils.encryption import OVERHEAD, CannotOpen
from chat.utils.errors import Conflict
from chat.utils.words.terms import groups_of
from tests.helpers.rooms import Place

pytestmark = pytest.mark.usefixtures("put_away")


class Crash(Exception):
    """The exception that stands for the death of the process."""


class Copies:
    """Every record that a room's index ever had, as an oplog or old backups hold them."""

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch):
        self._place, self._records = place, list[Record]()
        real = Lease.write

        def write(lease: Lease, *arguments: Any, **options: Any) -> None:
            self.take()
            real(lease, *arguments, **options)
            self.take()

        monkeypatch.setattr(Lease, "write", write)

    def take(self) -> None:
        self._records += database["postings"].find({"room_id": self._place.room.id})

    def tell(self, word: str) -> bool:
        """Return whether the room's keys and remaining halves reveal that somebody wrote a word."""
        self.take()
        key = key_ring.of(self._place.room.id).index
        tokens = blind_index.tokens_of_message(key, groups_of(word))
        for record in self._records:
            try:
                opened = key_ring.of(self._place.room.id).open(record["sealed"], record["_id"])
            except Destroyed:
                continue
            if any(token in opened for token in tokens):
                return True
        return False


@pytest.fixture
def copies(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Copies:
    place = Place(*(f"tea {number}" for number in range(LEAF // 2)))
    return Copies(place, monkeypatch)


def delete(place: Place, word: str) -> None:
    (hit,) = search_messages(parse(word), [place.room.id], None, before=None, limit=1).hits
    hit.message.delete(place.bob, "owner")


def test_a_deleted_message_s_words_are_told_by_no_copy_of_the_index(copies: Copies) -> None:
    place = copies._place
    place.index()
    place.say("heliotrope")
    place.index()
    place.say("quincunx")
    place.index()
    assert copies.tell("heliotrope"), "by its copies, while it is there"
    delete(place, "heliotrope")
    place.index()
    assert not copies.tell("heliotrope")
    assert copies.tell("quincunx"), "all else is found as before"
    assert place.found("quincunx") == ["quincunx"]


def test_nor_when_the_message_came_into_a_segment_meanwhile(copies: Copies) -> None:
    place = copies._place
    place.say("heliotrope")
    place.index()
    for number in range(0, SEGMENT, 2 * LEAF):
        place.fill(f"cake {number} {each}" for each in range(2 * LEAF))
        place.index()
    assert {
        block.size for block in index_blocks.states_of([place.room.id])[place.room.id].times
    } == {LEAF, SEGMENT}
    assert copies.tell("heliotrope")
    delete(place, "heliotrope")
    place.index()
    assert not copies.tell("heliotrope"), "not by the leaves that became the segment either"
    assert len(place.found("cake")) == 50


@pytest.mark.parametrize("crash_at", range(6))
def test_nor_after_a_crash_in_the_middle_of_taking_it_out(
    copies: Copies, monkeypatch: pytest.MonkeyPatch, crash_at: int
) -> None:
    """The process dies at these points.

    0: before any write, 1: after a part of the records, 2: after all, 3: after the half is
    destroyed; 4, 5: once more.
    """
    place = copies._place
    place.say("heliotrope")
    place.index()
    delete(place, "heliotrope")
    for step in {4: (1, 2), 5: (2, 3)}.get(crash_at, (crash_at,)):
        with monkeypatch.context() as patch:
            crash_in_the_middle(patch, step)
            with pytest.raises(Crash):
                place.index()
        database["indexed_rooms"].update_one(
            {"_id": place.room.id}, {"$set": {"claimed_until": index_lease.FREE}}
        )
        assert len(place.found("tea")) == 50, "searching goes on meanwhile"
    place.index()
    assert not copies.tell("heliotrope")
    assert len(place.found("tea")) == 50


def crash_in_the_middle(patch: pytest.MonkeyPatch, step: int) -> None:
    write, destroy = Lease.write, halves.destroy

    def crash(*_: Any, **__: Any) -> None:
        raise Crash

    def write_some(
        lease: Lease, records: dict[str, bytes], *arguments: Any, **options: Any
    ) -> None:
        write(lease, dict([next(iter(records.items()))]), *arguments, **options)
        raise Crash

    def destroy_some(numbers: Any) -> None:
        found = list(numbers)
        destroy(found)
        if found and step == 3:
            raise Crash

    patch.setattr(Lease, "release", lambda _: None)
    if step == 0:
        patch.setattr(Lease, "write", crash)
    elif step == 1:
        patch.setattr(Lease, "write", write_some)
    elif step == 2:
        patch.setattr(halves, "destroy", lambda numbers: crash() if list(numbers) else None)
    else:
        patch.setattr(halves, "destroy", destroy_some)


def test_an_index_out_of_a_backup_that_does_not_open_any_more_is_made_anew(copies: Copies) -> None:
    place = copies._place
    place.say("heliotrope")
    place.index()
    backup = {
        name: list(database[name].find({key: place.room.id}))
        for name, key in (("postings", "room_id"), ("indexed_rooms", "_id"))
    }
    delete(place, "heliotrope")
    place.index()
    for name, records in backup.items():
        for record in records:
            database[name].replace_one({"_id": record["_id"]}, record, upsert=True)
    assert len(place.found("tea")) == 50, "nobody is told that searching does not work"
    place.index()
    place.index()
    assert len(place.found("tea")) == 50
    assert index_blocks.states_of([place.room.id])[place.room.id].seq > 0


def test_sizes_of_records_go_by_steps_of_four_thousand_bytes(copies: Copies) -> None:
    place = copies._place
    sizes = set[int]()
    for sentence in (
        "shall we meet at noon",
        "the harbour is closed tomorrow",
        "shall we meet at noon",
    ):
        place.say(sentence)
        place.index()
        sizes |= {
            len(record["sealed"]) - OVERHEAD
            for record in database["postings"].find({"room_id": place.room.id})
        }
    assert all(size % 4096 == 0 for size in sizes)
    assert 1 <= len(sizes) <= 2, "that a sentence was said before shows in none of them"


def test_texts_and_emoji_have_few_lengths(app: Flask) -> None:
    place = Place()
    lengths = set[int]()
    for body in ("yes", "no", "oh", "🦉"):
        message = place.say(body)
        for emoji in ("👍", "👩‍👩‍👧‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"):
            message.react(place.alice, emoji, on=True)
        record = database["log"].find_one({"_id": message.id})
        assert record
        lengths |= {len(record["text"]) - OVERHEAD}
        assert {len(reaction["emoji"]) - OVERHEAD for reaction in record["reactions"]} == {32}
    assert len(lengths) == 1, lengths
    assert not lengths.pop() % 64


def test_ids_do_not_count(app: Flask) -> None:
    place = Place()
    ids = [place.say("tea").id.binary for _ in range(20)]
    assert ids == sorted(ids), "in the order of time they are"
    rest = [int.from_bytes(each[6:], "big") for each in ids]
    assert all(abs(later - earlier) > 1000 for earlier, later in itertools.pairwise(rest)), (
        "what lies between two tells nothing"
    )
    assert len({each[4:9] for each in ids}) > 1, "nor do they name the process"


def test_a_retry_and_a_restored_backup_do_not_bring_a_message_back(app: Flask) -> None:
    place = Place()
    message = Message.post(place.room.id, place.bob, "c", "heliotrope")[0]
    answer = Message.post(place.room.id, place.bob, "d", "what?", reply_to_id=message.id)[0]
    record = database["log"].find_one({"_id": message.id})
    assert record
    message.delete(place.bob, "member")
    assert Message.post(place.room.id, place.bob, "c", "heliotrope")[0].deleted_at
    database["log"].replace_one(
        {"_id": message.id}, {**record, "applied_seq": 99}
    )  # as of before; nobody knows of the deletion
    shown = Message.page(place.room.id).messages
    assert [(each.text.body, bool(each.deleted_at)) for each in shown] == [
        ("", True),
        ("what?", False),
    ]
    assert shown[1].reply_to
    assert (shown[1].reply_to.excerpt, bool(shown[1].reply_to.deleted_at)) == ("", True)
    assert Message.post(place.room.id, place.bob, "c", "heliotrope")[0].deleted_at
    assert place.found("heliotrope") == []
    found = Message.find(message.id)
    assert found
    assert found.versions() == ([], None)
    with pytest.raises(Conflict, match="deleted"):
        found.react(place.bob, "👍", on=True)
    assert found.delete(place.bob, "member").message.deleted_at
    assert answer.reply_to


def test_a_damaged_text_is_no_deletion(app: Flask) -> None:
    place = Place()
    message = place.say("tea")
    database["log"].update_one({"_id": message.id}, {"$set": {"text": Binary(b"\x02" + b"x" * 60)}})
    with pytest.raises(CannotOpen, match=str(message.id)):
        Message.page(place.room.id)
    assert message.delete(place.bob, "member").message.deleted_at, "and it can be deleted"

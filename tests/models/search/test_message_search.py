"""Search: what it finds and what not; the index follows the room, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import Binary
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.models.database import database
from chat.models.halves import halves
from chat.models.search import (
    blind_index,
    candidates,
    index_lease,
    index_records,
    indexer,
    message_search,
)
from chat.models.search.index_blocks import LEAF, SEGMENT, Block
from chat.models.search.index_lease import Lease, Superseded
from chat.utils import time_slices
from chat.utils.clock import now
from chat.utils.errors import ValidationFailed
from tests.helpers.oracle import check_against_oracle
from tests.helpers.rooms import Place, search

pytestmark = pytest.mark.usefixtures("put_away")


@pytest.fixture
def place(app: Flask) -> Place:
    return Place()


INDEXED_OR_NOT = pytest.mark.parametrize(
    "is_indexed", [False, True], ids=["not indexed yet", "indexed"]
)


def test_an_oracle_that_reads_the_plain_texts_finds_the_same(app: Flask) -> None:
    check_against_oracle(1_290, questions=40)


@INDEXED_OR_NOT
@pytest.mark.parametrize(
    ("body", "q", "fits"),
    [
        ("Meet me at the Harbour", "harbour", True),
        ("Meet me at the Harbour", "HARB", True),
        ("Meet me at the Harbour", "ha", False),
        ("Meet me at the Harbour", "me at", True),
        ("Meet me at the Harbour", "harbour meet", True),
        ("Meet me at the Harbour", "harbours", False),
        ("Crème brûlée", "creme brulee", True),
        ("creme", "Crème", True),
        ("Straße", "STRASSE", True),
        ("ﬁne", "fine", True),
        ("Ёлка", "елка", True),
        ("מְלָפְפוֹן", "מלפפון", True),
        ("مَرْحَبًا", "مرحبا", True),
        ("हिन्दी में", "हिन्दी", True),
        ("हिन्दी", "हन्द", False),
        ("今天天气很好", "天气", True),
        ("今天天气很好", "天很", False),
        ("今天，天气", "天天", False),
        ("今天", "今", True),
        ("ガラス", "ｶﾞﾗｽ", True),
        ("がき", "かき", False),
        ("한국어를 배워요", "한국", True),
        ("สวัสดีครับ", "ครับ", True),
        ("iPhone手机", "iph 手机", True),
        ("extraordinarily", "extraord", True),
        ("extraordinarily", "extraordinari", True),
        ("extraordinarily", "extraordinate", False),
        ("good morning all", '"good morning"', True),
        ("morning, good", '"good morning"', False),
        ("good mornings", '"good morning"', False),
        ("Good — morning", '"good morning"', True),
        ("I don't know", "don't", True),
        ("don not t", "don't", False),
        ("a 3.14 b", "3.14", True),
        ("well done 👍🏽", "👍", True),
        ("well done", "👍", False),
        ("flags 🇩🇪🇫🇷", "🇫🇷", True),
        ("flags 🇩🇪🇫🇷", "🇪🇫", False),
        ("see https://example.org/path", "example.org", True),
        ("<b>bold</b>", "bold", True),
        ("nothing", '"', None),
        ("nothing", "…", None),
    ],
)
def test_what_fits_what(
    place: Place, is_indexed: bool, body: str, q: str, fits: bool | None
) -> None:
    place.say(body)
    place.say("something else entirely")
    if is_indexed:
        place.index()
    if fits is None:
        with pytest.raises(ValidationFailed) as refused:
            place.found(q)
        assert refused.value.fields.keys() == {"q"}
    else:
        assert place.found(q) == ([body] if fits else [])


def test_highlights_are_counted_in_characters_of_the_body(place: Place) -> None:
    place.say("👍🏽 Crème: the crème de la CRÈME")
    hit = search([place.room], 'crem "de la"').hits[0]
    assert [hit.message.text.body[start:end] for start, end in hit.highlights] == [
        "Crème",
        "crème",
        "de la",
        "CRÈME",
    ]


@INDEXED_OR_NOT
def test_authors_days_and_pictures_narrow_it_down(place: Place, is_indexed: bool) -> None:
    place.say("tea by alice", place.alice)
    place.say("tea by bob")
    if is_indexed:
        place.index()
    assert place.found("tea", author_ids={place.alice.id}) == ["tea by alice"]
    assert place.found("tea has:image") == []
    said = place.found("tea")
    today = search([place.room], "tea").hits[0].message.created_at.date()
    assert place.found(f"tea after:{today}") == said == ["tea by bob", "tea by alice"]
    assert (
        place.found(f"tea before:{today}")
        == place.found(f"tea after:{today + timedelta(days=1)}")
        == []
    )
    assert place.found(f"tea before:{today + timedelta(days=1)}") == said


def test_the_newest_of_all_rooms_come_first_and_pages_join_without_a_seam(app: Flask) -> None:
    places = [Place(*(f"tea {room} {number}" for number in range(130))) for room in range(3)]
    places[0].index()
    places[1].index()
    places[1].say("tea, just now")
    rooms = [each.room for each in places]
    whole, before = [], None
    while True:
        page = search(rooms, "tea", before=before, limit=17)
        whole += [(hit.message.created_at, hit.message.id) for hit in page.hits]
        places[0].say("tea while somebody turns pages")
        before = page.next
        if before is None:
            break
    assert len(whole) == 3 * 130 + 1
    assert whole == sorted(set(whole), reverse=True)
    assert search(rooms[:1], "just now").hits == [], "another room is not looked into"


@INDEXED_OR_NOT
def test_an_edit_is_found_by_what_it_says_now_only(place: Place, is_indexed: bool) -> None:
    message = place.say("the bicycle is red")
    place.index()
    message.edit(place.bob, "the bicycle is green")
    if is_indexed:
        place.index()
    assert (place.found("red"), place.found("green"), len(place.found("bicycle"))) == (
        [],
        ["the bicycle is green"],
        1,
    )
    assert (place.token("red") in place.postings()) is not is_indexed, (
        "the word that is gone left the index with the next round"
    )


@INDEXED_OR_NOT
@pytest.mark.parametrize("how_many", [3, SEGMENT + 30], ids=["in a leaf", "in a segment"])
def test_a_deleted_message_is_not_found_and_leaves_the_index_for_good(
    app: Flask, is_indexed: bool, how_many: int
) -> None:
    place = Place("the zaffre secret", *(f"tea number {number}" for number in range(how_many)))
    place.index()
    assert place.token("zaffre") in place.postings(), "it was there"
    message = search([place.room], "zaffre").hits[0].message
    message.delete(place.bob, "moderator")
    if is_indexed:
        place.index()
        assert place.token("zaffre") not in place.postings()
        assert len(place.found("tea")) == min(how_many, 50), "its neighbours are there still"
    assert place.found("zaffre") == []


def test_leaves_become_a_segment_and_nothing_is_left_of_them(app: Flask) -> None:
    place = Place(*(f"tea {number}" for number in range(SEGMENT - 1)))
    place.index()
    place.say("the thousandth: heliotrope")
    place.index()
    ids = {
        record["_id"]
        for record in database["postings"].find({"room_id": place.room.id}, {"_id": 1})
    }
    assert ids == set(Block.segment_of(place.room.id, 1).record_ids())
    assert place.found("heliotrope") == ["the thousandth: heliotrope"]
    assert place.found("tea 42")[-1] == "tea 42"
    place.say("one more tea")
    place.index()
    assert place.found("tea")[0] == "one more tea"


class Crash(Exception):
    pass


@pytest.mark.parametrize(
    ("action", "nth"), [("write", 0), ("write", 5), ("save", 0), ("save", 4), ("clear", 5)]
)
def test_a_crash_at_any_moment_loses_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, action: str, nth: int
) -> None:
    place = Place(
        *(f"tea {number}" for number in range(SEGMENT - 60)),
        "heliotrope",
        *(f"cake {number}" for number in range(120)),
    )
    with monkeypatch.context() as patch:
        calls, real = iter(range(1_000)), getattr(Lease, action)

        def crash(self: Lease, *arguments: Any, **options: Any) -> Any:
            result = real(self, *arguments, **options) if action != "clear" else None
            if next(calls) == nth:
                raise Crash  # after it was done, before anybody knows
            return result if result is not None or action != "clear" else real(self)

        patch.setattr(Lease, action, crash)
        patch.setattr(Lease, "release", lambda _: None)
        with pytest.raises(Crash):
            place.index()
    assert place.found("heliotrope") == ["heliotrope"], "found, however far the index came"
    assert place.index() == [], "the lease of the dead one still holds"
    database["indexed_rooms"].update_one(
        {"_id": place.room.id}, {"$set": {"claimed_until": index_lease.FREE}}
    )
    place.index()
    assert place.found("heliotrope") == ["heliotrope"]
    assert len(place.found("cake")) == 50
    expected = {
        *Block.segment_of(place.room.id, 1).record_ids(),
        *Block(place.room.id, SEGMENT + 1, LEAF).record_ids(),
    }
    assert {
        record["_id"]
        for record in database["postings"].find({"room_id": place.room.id}, {"_id": 1})
    } == expected


def test_who_slept_through_the_end_of_a_lease_writes_over_nothing(place: Place) -> None:
    place.say("tea")
    asleep = index_lease.acquire(place.room.id)
    assert asleep
    assert index_lease.acquire(place.room.id) is None, "one at a time"
    database["indexed_rooms"].update_one(
        {"_id": place.room.id}, {"$set": {"claimed_until": index_lease.FREE}}
    )
    place.index()
    before = place.postings()
    leaf = Block.leaf_of(place.room.id, 1)
    with pytest.raises(Superseded):
        asleep.write({leaf.bucket_ids()[0]: blind_index.pack({})}, halves.take())
    with pytest.raises(Superseded):
        asleep.save(asleep.state)
    assert place.postings() == before
    assert place.found("tea") == ["tea"]


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.say("tea")
    with monkeypatch.context() as patch:
        patch.setattr(index_lease, "now", lambda: now() + timedelta(minutes=4))
        asleep = index_lease.acquire(place.room.id)
        assert asleep
        assert index_lease.acquire(place.room.id) is None
    assert place.index() == [1]
    with pytest.raises(Superseded):
        asleep.save(asleep.state)


def test_others_have_their_turn_while_a_room_is_indexed_and_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, rests = Place(*(f"tea and cake number {number}" for number in range(SEGMENT + 50))), []
    monkeypatch.setattr(time_slices, "SLICE_SECONDS", 0.0)  # as if each piece were long
    monkeypatch.setattr(time_slices.time, "sleep", rests.append)
    place.index()
    assert len(rests) > 2 * SEGMENT, (
        "after each message that is looked at, and after each part of what is written"
    )
    rests.clear()
    assert len(place.found("cake number")) == 50
    assert len(rests) >= 50


def test_an_answer_whose_time_is_up_goes_on_by_its_cursor_and_nothing_is_left_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [
        Place(
            *(f"{'tea' if number % 40 == 0 else 'cake'} {room} {number}" for number in range(130))
        )
        for room in range(4)
    ]
    for each in places[:3]:
        each.index()
    rooms = [each.room for each in places]
    expected = [hit.message.id for hit in search(rooms, "tea").hits]
    assert len(expected) == 4 * 4
    monkeypatch.setattr(message_search, "MOST_SECONDS", 0.0)  # over before it began
    found, before, answers = [], None, 0
    while answers < 200:
        page = search(rooms, "tea", before=before)
        found += [hit.message.id for hit in page.hits]
        answers, before = answers + 1, page.next
        if before is None:
            break
    assert found == expected
    assert answers > len(expected), "one candidate an answer, and now and then none"


def test_a_search_without_a_match_ends_too_when_its_time_is_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [Place(*(f"tea {room} {number}" for number in range(LEAF + 20))) for room in range(9)]
    for each in places:
        each.index()
    monkeypatch.setattr(message_search, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(candidates, "FEW_BLOCKS", 1)
    monkeypatch.setattr(candidates, "MOST_BLOCKS", 1)
    before, answers = None, 0
    while answers < 50:
        page = search([each.room for each in places], "heliotrope", before=before)
        assert page.hits == []
        answers, before = answers + 1, page.next
        if before is None:
            break
    assert 2 < answers <= 18, "each looked into a block at least"


def test_an_answer_ends_at_so_many_bytes_and_goes_on(app: Flask) -> None:
    place = Place(*(f"tea {number}" for number in range(12)))
    found, before = [], None
    while True:
        page = search([place.room], "tea", before=before, limit=10, size=lambda _: 400_000)
        assert len(page.hits) == 2
        found += [hit.message.text.body for hit in page.hits]
        before = page.next
        if before is None:
            break
    assert found == [f"tea {number}" for number in range(11, -1, -1)]


def test_a_message_is_marked_a_hundred_times_at_most(place: Place) -> None:
    place.say("tea, " * 500)
    assert len(search([place.room], "tea").hits[0].highlights) == 100


def test_many_processes_at_once_make_one_right_index(app: Flask) -> None:
    place = Place(*(f"tea {number}" for number in range(450)))
    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(place.say, f"cake {number}") for number in range(40)]
        for turn in [pool.submit(place.index) for _ in range(30)]:
            turn.result()
        for writer in writers:
            writer.result()
    place.index()
    assert len(search([place.room], "cake").hits) == 40
    assert indexer.behind({place.room.id: 490}) == []


def test_a_search_while_leaves_become_a_segment_begins_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("heliotrope", *(f"tea {number}" for number in range(SEGMENT - 2)))
    place.index()
    place.say("the thousandth")
    real: Callable[..., Any] = index_records.read
    rounds: list[int] = []

    def read_late(record_ids: Any) -> Any:
        if not rounds:
            rounds.append(1)
            place.index()  # between learning which blocks there are and reading them
        return real(record_ids)

    monkeypatch.setattr("chat.models.search.candidates.index_records.read", read_late)
    assert place.found("heliotrope") == ["heliotrope"]


def test_a_message_of_too_many_words_is_found_all_the_same(app: Flask) -> None:
    place = Place(
        *(f"tea {number}" for number in range(SEGMENT - 1)),
        "".join(map(chr, range(0x4E00, 0x4E00 + 2_500))),
    )
    place.index()
    assert blind_index.EVERYTHING in place.postings(), (
        "it is one of those that every question looks at"
    )
    assert len(place.found("丅丆万")) == 1
    assert place.found("万丅") == place.found("zzzz") == []


def test_a_damaged_message_hides_no_other(place: Place) -> None:
    broken, _ = place.say("tea that breaks"), place.say("tea that stays")
    database["log"].update_one({"_id": broken.id}, {"$set": {"text": Binary(b"changed" * 9)}})
    assert place.found("tea") == ["tea that stays"]
    place.index()
    assert place.found("tea") == ["tea that stays"]


@pytest.mark.parametrize(
    "what", ["a lost entry", "a wrong count", "a wrong last count", "a lost beginning"]
)
def test_a_damaged_log_is_indexed_as_far_as_it_is_there(app: Flask, what: str) -> None:
    place = Place(*(f"tea {number}" for number in range(250)))
    log, room_id = database["log"], place.room.id
    if what == "a lost entry":
        log.delete_one({"room_id": room_id, "seq": 120})
    elif what == "a wrong count":
        log.update_one({"room_id": room_id, "seq": 120}, {"$set": {"ordinal": 2_500}})
    elif what == "a wrong last count":
        log.update_one({"room_id": room_id, "seq": 250}, {"$set": {"ordinal": 2_500}})
    else:
        log.delete_many({"room_id": room_id, "seq": {"$lte": 220}})
    assert place.index()[-1] == 250
    assert place.found('"tea 249"') == ["tea 249"]
    assert (place.found('"tea 119"') == []) is ("count" not in what)


def test_the_same_word_has_unrelated_tokens_in_two_rooms_and_the_database_holds_none_in_the_clear(
    app: Flask,
) -> None:
    one, two = Place("heliotrope"), Place("heliotrope")
    one.index()
    two.index()
    assert one.token("heliotr") in one.postings()
    assert not set(one.postings()) & set(two.postings())
    for record in database["postings"].find({"room_id": one.room.id}):
        assert one.token("heliotr") not in record["sealed"]
        assert b"helio" not in record["sealed"]


def test_an_index_that_was_dropped_is_made_anew_and_search_goes_on_meanwhile(app: Flask) -> None:
    place = Place(*(f"tea {number}" for number in range(230)))
    place.index()
    busy = index_lease.acquire(place.room.id)
    assert busy
    indexer.forget(place.room.id)
    assert place.postings() == []
    assert len(place.found("tea")) == 50
    with pytest.raises(Superseded):
        busy.save(busy.state)
    assert place.index()[-1] == 230
    assert len(place.found("tea")) == 50


def test_a_lost_database_while_indexing_leaves_the_lease_to_end_by_itself(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.say("tea")
    with monkeypatch.context() as patch:

        def lost(*_: Any, **__: Any) -> None:
            raise AutoReconnect("gone")

        patch.setattr(type(database["log"]), "bulk_write", lost)
        with pytest.raises(AutoReconnect):
            place.index()
    assert place.index() == [1]
    assert place.found("tea") == ["tea"]


def test_a_room_that_a_dead_process_left_behind_is_come_upon(place: Place) -> None:
    place.say("tea")
    assert place.room.id in list(indexer.behind_anywhere())
    place.index()
    assert place.room.id not in list(indexer.behind_anywhere())

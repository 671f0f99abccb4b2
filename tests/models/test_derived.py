"""Derived data is rebuilt when its rules change; that of a newer program is left alone."""

from __future__ import annotations

import dataclasses
import hashlib
import logging

import pytest
from flask import Flask

from chat import connect
from chat.controllers import index_schedule, searches
from chat.models import derived, title_index
from chat.models.database import database
from chat.models.database.errors import DataFromNewerProgram
from chat.models.message import Message
from chat.utils import lookalikes, name_keys, words
from chat.utils.words.terms import terms_of
from config import Settings
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.rooms import make_room

SAID = (
    "Zoë's C++ déjà-vu 東京タワー สวัสดี 👍🏽 v1.2.3 snake_case CamelCase ﬁn ẞ "
    "Ελλάδα Привет שלום 2026-11-28 "
    "Łódź Æble ısparta مصطفى ١٢٣ foo\u200bbar :rocket: #123 .NET $PATH "
    "+1 (555) 123-4567 10 000 iPhone15 col·legi"
)
NAMES = ["alice", "AIice", "bob_1", "аdmin", "Zoë", "rnallory", "l0vе", "٣٢", "K", "ｆｕｌｌ"]
FOUND = ["Łukasz O'Neil-Smith", "王小明", "j.doe_3", "مصطفى"]

# Of the rules as they are. Who changes them raises VERSION, and writes the new digest here.
DIGESTS = {
    "words": (2, "de797b0b3fa41f81"),
    "lookalikes": (1, "f25b2be9e1a5d2f3"),
    "name keys": (2, "aab03dd55ad9e2c3"),
    "titles": (1, "78197e5197e6c918"),
}


def digest(of: object) -> str:
    return hashlib.sha256(repr(of).encode()).hexdigest()[:16]


def test_who_changes_what_words_are_found_by_raises_its_version() -> None:
    assert (words.VERSION, digest(sorted(terms_of(SAID)))) == DIGESTS["words"]


def test_who_changes_what_names_look_like_raises_its_version() -> None:
    assert (lookalikes.VERSION, digest([lookalikes.skeletons(name) for name in NAMES])) == DIGESTS[
        "lookalikes"
    ]


def test_who_changes_what_names_are_found_by_raises_its_version() -> None:
    assert (name_keys.VERSION, digest([name_keys.keys_of(name) for name in FOUND])) == DIGESTS[
        "name keys"
    ]


def test_who_changes_what_titles_are_found_by_raises_its_version() -> None:
    found = [sorted(title_index.beginnings_in(title)) for title in FOUND]
    assert (title_index.VERSION, digest(found)) == DIGESTS["titles"]


@pytest.fixture
def own_database(own_uri: str, settings: Settings) -> str:
    connect(settings, own_uri, embedded=IS_EMBEDDED)
    return own_uri


def test_an_index_of_earlier_rules_is_made_anew_and_all_is_found_again(
    own_database: str,
    settings: Settings,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with app.app_context():
        room, people = make_room("alice")
        for number in range(30):
            Message.post(room.id, people["alice"], f"c{number}", f"gull {number}")
        index_schedule.index_rest()
        assert database["postings"].count_documents({"room_id": room.id})
        newer = tuple(
            dataclasses.replace(each, version=each.version + 1) for each in derived.DERIVED
        )
        monkeypatch.setattr(derived, "DERIVED", newer)
        caplog.set_level(logging.INFO)
        connect(settings, own_database, embedded=IS_EMBEDDED)
        assert [
            record.what for record in caplog.records if record.message == "derived data is rebuilt"
        ] == [  # type: ignore[attr-defined]
            "search index",
            "looks of names",
            "keys of names",
            "keys of titles",
            "names of public rooms",
        ]
        assert not database["postings"].count_documents({"room_id": room.id})
        assert len(searches.search(people["alice"], q="gull", limit=50).hits) == 30, (
            "found while there is no index"
        )
        index_schedule.index_rest()
        assert database["postings"].count_documents({"room_id": room.id})
        assert len(searches.search(people["alice"], q="gull", limit=50).hits) == 30
        caplog.clear()
        connect(settings, own_database, embedded=IS_EMBEDDED)
        assert "derived data is rebuilt" not in caplog.messages, "once"
        monkeypatch.undo()
        with pytest.raises(
            DataFromNewerProgram,
            match=r"^The search index is of version 3, this program knows 2; "
            r"start the newer program",
        ):
            connect(settings, own_database, embedded=IS_EMBEDDED)

"""Keywords: what they match, and how they are stored."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.models import keywords
from chat.models.database import database
from chat.models.document import new_id
from tests.helpers.rooms import make_room


@pytest.mark.parametrize(
    ("keyword", "text", "matches"),
    [
        ("deploy", "Deploy at noon?", True),
        ("deploy", "**deploy**!", True),
        ("deploy", "redeploy, deployment", False),
        ("café", "a CAFE nearby", True),
        ("cafe", "Café!", True),
        ("release plan", "the Release-Plan is ready", True),
        ("release plan", "plan the release", False),
        ("会议", "今天会议取消了", True),
        ("会议", "今天会见", False),
        ("ประชุม", "วันนี้ประชุมบ่าย", True),
        ("C++", "C++ or C#", True),
        ("C++", "C# only", False),
    ],
)
def test_a_keyword_matches_whole_words_in_any_case_and_with_any_accent(
    keyword: str, text: str, matches: bool
) -> None:
    bob = new_id()
    found = keywords.who_finds(text, {bob: keywords.phrases([keyword])})
    assert found == ({bob} if matches else set())


def test_keywords_are_sealed_and_known_of_everybody_who_has_some(app: Flask) -> None:
    _, people = make_room("alice", "bob")
    alice, bob = people.values()
    alice.change_keywords(keywords.seal(alice.id, ["heliotrope"]))
    bob.change_keywords(keywords.seal(bob.id, []))
    record = database["users"].find_one({"_id": alice.id})
    assert record
    assert b"heliotrope" not in record["keywords"]
    assert keywords.unseal(alice.id, record["keywords"]) == ("heliotrope",)
    assert keywords.unseal(bob.id, record["keywords"]) == (), "they belong to alice alone"
    keywords.forget()
    assert alice.id in keywords.of_everybody()
    assert bob.id not in keywords.of_everybody()

"""What people type into search, and which messages they expect: in many scripts and signs."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from chat.models.search.query import parse
from chat.utils.errors import ValidationFailed
from chat.utils.words.terms import terms_of
from chat.utils.words.units import units_of

CORPUS = {
    each["kind"]: (each["messages"], each["finds"])
    for each in json.loads(Path(__file__).with_name("search_corpus.json").read_text("utf-8"))
}


@pytest.mark.parametrize("name", CORPUS)
def test_every_query_finds_what_people_expect_and_the_index_leaves_nothing_out(name: str) -> None:
    messages, queries = CORPUS[name]
    terms = {body: terms_of(body) for body in messages}
    wrong = []
    for q, wanted in queries.items():
        query = parse(q)
        found = [body for body in messages if query.spans(body) is not None]
        candidates = {
            body for body in messages if all(terms[body] & each for each in query.terms())
        }
        assert set(found) <= candidates, (q, set(found) - candidates)
        if sorted(found) != sorted(wanted):
            wrong.append((q, found, wanted))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", CORPUS)
def test_every_word_of_every_message_finds_it(name: str) -> None:
    for body in CORPUS[name][0]:
        for word in body.split():
            if not any(units_of(word)):
                continue
            query = parse(f'"{word}"')
            assert query.spans(body) is not None, (word, body)
            assert all(terms_of(body) & each for each in query.terms()), (word, body)


def test_signs_that_nothing_has_are_passed_over_on_request() -> None:
    query = parse("#harbour tea")
    assert query.has_signs
    assert query.spans("harbour tea") is None
    assert query.plainly().spans("harbour tea") == [(0, 7), (8, 11)]


def test_whatever_is_put_together_is_found_by_its_parts_and_the_index_leaves_nothing_out() -> None:
    dice = random.Random(11)
    messages = [body for bodies, _ in CORPUS.values() for body in bodies]
    queries = [q for _, found in CORPUS.values() for q in found]
    pieces = [word for body in messages for word in body.split()]
    pieces += [
        *"-+#.$@!?,;:()[]{}<>/&*~_'\"“„«»—·、：＃＠ ",
        "\u200b",
        "\u00ad",
        "\ufe0f",
        "\u0301",
    ]
    for _ in range(1_500):
        text = dice.choice(["", " "]).join(dice.choices(pieces, k=dice.randint(1, 8)))
        terms, units = terms_of(text), [unit for unit in units_of(text) if unit.is_word]
        own = [unit.text for unit in dice.choices(units, k=1)] if units else []
        own += [f'"{word}"' for word in text.split() if units and not set(word) & set("\"“„«»'")]
        for q in [dice.choice(queries), "".join(dice.choices(pieces, k=3)), *own]:
            try:
                query = parse(q)
            except ValidationFailed:
                continue
            spans = query.spans(text)
            assert spans is not None or q not in own, (q, text)
            assert spans is None or all(terms & each for each in query.terms()), (q, text)

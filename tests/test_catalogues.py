"""Every sentence is in every language, and each catalogue has what the code says and no more."""

from __future__ import annotations

from string import Formatter

import pytest
from babel.messages.catalog import Message

from chat.utils.translation import languages, read_catalogue
from tests.helpers.catalogues import extracted, missing, path_of, updated, written

OTHERS = languages()[1:]


def texts(said: object) -> list[str]:
    return [str(each) for each in said] if isinstance(said, (tuple, list)) else [str(said)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def all_messages() -> list[tuple[str, Message]]:
    catalogues = [(each, read_catalogue(path_of(each), each)) for each in OTHERS]
    return [(language, message) for language, known in catalogues for message in known]


def test_german_is_among_the_languages() -> None:
    assert languages()[:2] == ("en", "de")


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_the_sentences_of_the_code_and_a_translation_of_each(language: str) -> None:
    catalogue = updated(language, extracted())
    assert missing(catalogue) == []
    stored = path_of(language).read_text(encoding="utf-8")
    assert stored == written(catalogue), "run bin/words"
    assert "fuzzy" not in stored


def test_a_translation_has_the_placeholders_of_its_sentence() -> None:
    """A form of a plural may leave out the number, as one form may say `a member`."""
    for language, message in all_messages():
        wanted = set.union(*map(placeholders, texts(message.id)))
        for said in texts(message.string):
            found = placeholders(said)
            assert found <= wanted, (language, message.id)
            assert wanted - found <= ({"count"} if message.pluralizable else set()), message.id


def test_quotation_marks_and_dashes_are_those_of_the_language() -> None:
    for language, message in all_messages():
        for said in texts(message.string):
            assert '"' not in said or '"' in str(message.id), said
            assert language != "de" or ("“" in said) == ("„" in said), said

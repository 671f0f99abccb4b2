"""Sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import c2py

import pytest
from markupsafe import Markup

from chat.utils import translation
from chat.utils.script_catalogue import module
from chat.utils.translation import Translations, _, ngettext, pgettext

POLISH = "n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    translation.use("en")


@pytest.fixture
def polish(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language with three plural forms, which nobody has translated yet."""
    known = Translations(
        texts={"Hello {name}": "Witaj, {name}", "verb\x04Pin": "Przypnij"},
        plurals={"{count} room": ("{count} pokój", "{count} pokoje", "{count} pokoi")},
        plural_index=c2py(POLISH),
        of_scripts=frozenset({"Hello {name}", "{count} room"}),
    )
    kept = translation.translations
    for place in ("chat.utils.translation", "chat.utils.script_catalogue"):
        monkeypatch.setattr(
            f"{place}.translations", lambda code: known if code == "pl" else kept(code)
        )
    translation.use("pl")


def test_who_chose_nothing_reads_english() -> None:
    assert _("Today") == "Today"
    translation.use("de")
    assert _("Today") == "Heute"


def test_a_sentence_nobody_has_translated_stays_english(polish: None) -> None:
    assert _("Messages in {room}", room="design") == "Messages in design"
    assert ngettext("{count} day", "{count} days", 1) == "1 day"


def test_values_take_their_places_and_stay_what_they_are(polish: None) -> None:
    assert _("Hello {name}", name="{x} <b>") == "Witaj, {x} <b>"
    assert _("Hello {name}", name=Markup("<b>Ada</b>")) == Markup("Witaj, <b>Ada</b>")
    said = _("Hello {name} {other}", name=Markup("<i>"), other="<")
    assert said == "Hello <i> &lt;", "a text beside markup is escaped"


def test_a_number_takes_the_form_that_its_language_gives_it(polish: None) -> None:
    forms = [ngettext("{count} room", "{count} rooms", n) for n in (1, 2, 5, 22)]
    assert forms == ["1 pokój", "2 pokoje", "5 pokoi", "22 pokoje"]


def test_a_word_with_two_meanings_is_told_apart(polish: None) -> None:
    assert pgettext("verb", "Pin") == "Przypnij"
    assert pgettext("noun", "Pin") == _("Pin") == "Pin"


def test_scripts_get_their_own_sentences_with_forms_by_category(polish: None) -> None:
    text = module("pl")
    assert '"Hello {name}": "Witaj, {name}"' in text
    assert '{"few": "{count} pokoje", "many": "{count} pokoi", "one": "{count} pokój"}' in text
    assert "Przypnij" not in text, "no script says that"

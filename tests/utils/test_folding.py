"""What counts as the same letter, the same sign, the same name."""

from __future__ import annotations

import re
import unicodedata

import pytest

from chat.utils.folding import fold, fold_name, fold_signs
from tests.helpers.growth import FILLERS


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź", "lodz"),
        ("Søren", "soren"),
        ("Đà Nẵng", "da nang"),
        ("Æsir", "aesir"),
        ("Œuvre", "oeuvre"),
        ("Þór", "thor"),
        ("Guðmundur", "gudmundur"),
        ("DİYARBAKIR", "diyarbakir"),
        ("ısı", "isi"),
        ("Ħal", "hal"),
        ("Ŧ", "t"),
        ("ƒ", "f"),
        ("coŀlegi", "collegi"),
        ("ŉ", "n"),
        ("ẞ", "ss"),
        ("ſ", "s"),
        ("ɓ ɗ ɣ", "b d ɣ"),
        ("Ǆ ǈ", "dz lj"),
        ("Ⱥ ⱦ", "a t"),
        ("ﬁ ﬆ", "fi st"),
        ("Oʻzbek Gʼ", "ozbek g"),
        ("ΟΔΟΣ ὁδός", "οδοσ οδοσ"),
        ("Ёлка мой", "елка мои"),
        ("Қазақ", "казак"),
        ("Ґ", "г"),
        ("مدرسة", "مدرسه"),
        ("مصطفى", "مصطفي"),
        ("کتاب ی", "كتاب ي"),
        ("أإآٱ", "اااا"),
        ("مَـــرحَبًا", "مرحبا"),
        ("١٢٣٤٥٦٧٨٩٠", "1234567890"),
        ("۱۲۳", "123"),
        ("१२३", "123"),
        ("๑๒๓", "123"),
        ("１２３", "123"),
        ("x²", "x2"),
        ("שָׁלוֹם", "שלום"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("ガ", "ガ"),
        ("हिन्दी", "हिन्दी"),
        ("foo\u00ad\u200b\u2060\ufeffbar", "foobar"),
        ("می\u200cخواهم", "ميخواهم"),
    ],
)
def test_a_letter_is_its_base_letter(text: str, folded: str) -> None:
    assert fold(text) == unicodedata.normalize("NFC", folded)


def test_to_fold_twice_changes_nothing() -> None:
    for text in [*map(chr, range(0x3000)), *FILLERS.values()]:
        if not any("\ud800" <= sign <= "\udfff" for sign in text):
            assert fold(fold(text)) == fold(text), text


def test_every_letter_of_latin_with_a_mark_of_any_kind_is_the_letter() -> None:
    with_marks = {
        letter: found[1].lower()
        for letter in map(chr, range(0x80, 0x20000))
        if (
            found := re.fullmatch(
                r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH (?!SMALL).+",
                unicodedata.name(letter, ""),
            )
        )
    }
    assert len(with_marks) > 500
    assert {letter: fold(letter) for letter in with_marks} == with_marks


def test_signs_of_other_keyboards_are_those_of_ascii() -> None:
    assert (
        fold_signs("“a” „b“ «c» 「d」 ＂e＂ ‘f’ — – － ：＃＠．　…")
        == '"a" "b" "c" "d" "e" \'f\' -- - - :#@. ..'
    )


def test_names_are_compared_by_base_letters_and_single_spaces() -> None:
    assert fold_name("  Łukasz \u00a0 O’Neil ") == "lukasz o'neil"

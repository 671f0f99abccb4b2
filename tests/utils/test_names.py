"""What a name may contain: everything that people are called, nothing invisible."""

from __future__ import annotations

import pytest

from chat.utils.lookalikes import FORMER, claims_a_role, is_reserved, looks_like_nobody, skeletons
from chat.utils.names import clean_name, is_username, without_invisible
from chat.utils.translation import _, languages, spoken

REAL = [
    "Bob",
    "O'Brien",
    "Jean-Luc",
    "Renée",
    "Nguyễn Văn Ánh",
    "Ẩn Ệ",
    "Ọláolú",
    "Ṣọlá",
    "สมชาย ใจดี",
    "ก็",
    "ผู้ใหญ่",
    "ນາງ ແກ້ວ",
    "हिन्दी ज़ीं",
    "र्त्स्न्या",
    "বাংলা",
    "র‍্যাব",
    "ਗੁਰਮੁਖੀ",
    "தமிழ்",
    "తెలుగు",
    "ಕನ್ನಡ",
    "മലയാളം",
    "ශ්‍රී ලංකා",
    "שָׁלוֹם",
    "בְּרֵאשִׁית",
    "שּׁ",
    "مُحَمَّد",
    "علی‌رضا",
    "می‌خواهم",
    "မြွှေး",
    "ညှို့",
    "ကျွန်ုပ်",
    "བསྒྲིགས",
    "ཧཱུྃ",
    "ខ្មែរ",
    "የኢትዮጵያ",
    "Ἀριστοτέλης ᾧ",
    "Ёлка",
    "Їжак",
    "田中さん",
    "김철수",
    "👍",
    "❤️",
    "🇩🇪",
    "1️⃣ First",
    "Ada 👩‍👩‍👧",
    "Kiss 👩‍❤️‍💋‍👨",
    "Ada 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "👍🏽",
    "#general",
    "R&D (team)",
    "日本語 #1",
    "C++",
    "x²",
]
UNREAL = [
    "\u3164",
    "\u2800",
    "\u115f\u1160",
    "\uffa0",
    "a\u202eb",
    "a\u2066b\u2069",
    "a\u200bb",
    "general\u200b",
    "\ufeffa",
    "a\u00adb",
    "a\u034fb",
    "a\u061cb",
    "\ue000x",
    "\U000f0000",
    "x\u0378",
    "\U000e0041x",
    "a\ufe0f",
    "a\U000e0100",
    "\ufffcx",
    "x\U00013441",
    "x\U0001d159",
    "\ud800",
    "\u180ex",
    "\u17b4x",
    "\u206ax",
    "\u1d173\U0001d173",
    "👩\u200d\u200d👩",
    "👩\u200d",
    "\u200d👩",
    "a\u200db",
    "🇩",
    "🏽",
    "x🏽",
    "\U0001f3f4\U000e0067",
    "Z\u0351\u036b\u0343",
    "x\u0301\u0302\u0303",
    "Zoe\u0308\u0308",
    "ก้้",
    "ก้๊๋็",
    "\u0301",
    " \u0301",
    "a \u0301",
    "a\u20dd",
    "e" + "\u0301\u0327" * 200,
    "👩\u0301",
    "★",
    "...",
    "—",
    "?!",
    "§",
]


@pytest.mark.parametrize("name", REAL)
def test_people_are_called_as_they_are_called(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", UNREAL, ids=ascii)
def test_what_nobody_sees_and_heaps_of_marks_are_no_name(name: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        clean_name(name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\u3000L", "Ada L"),
        ("Ada\u00a0L", "Ada L"),
        ("a\u2028b", "a b"),
        ("Zoe\u0308", "Zoë"),
        ("❤", "❤️"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_name_is_written_in_one_way(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u202eb\u2066c\u200b", "abc"),
        ("fam 👩‍👩‍👧 ❤️ ok", "fam 👩‍👩‍👧 ❤️ ok"),
        ("علی‌رضا", "علی‌رضا"),
        ("x\u200dy\ufe0f", "xy"),
        ("\u2800", ""),
        ("plain", "plain"),
    ],
)
def test_what_stands_beside_a_name_is_rid_of_what_nobody_sees(typed: str, kept: str) -> None:
    assert without_invisible(typed) == kept


@pytest.mark.parametrize(
    "username",
    [
        "ada",
        "Владимир",
        "μαρία",
        "日本taro",
        "田中さん",
        "한국abc",
        "李明",
        "محمد",
        "דוד",
        "josé",
        "ada.l-1_x",
    ],
)
def test_a_username_of_one_script_is_one(username: str) -> None:
    assert is_username(username)


@pytest.mark.parametrize(
    "username",
    [
        "оwner1",
        "аdmin",
        "Sуstem",
        "rооm",
        "bоb",
        "Αlice",
        "alіce",
        "bob১",
        "日本владимир",
        "한국さん",
        "ᏴᎾᏏ",
        "a\u3164b",
        "a",
        "x" * 33,
        "...",
        "a b",
        "bob\u200b",
    ],
)
def test_a_username_of_several_scripts_or_with_what_nobody_sees_is_none(username: str) -> None:
    assert not is_username(username)


@pytest.mark.parametrize(
    "username",
    [
        "admin",
        "ADMIN",
        "admin_",
        "admin.",
        "-admin-",
        "admin1",
        "1admin",
        "adm1n",
        "admin_2026",
        "root0",
        "Owner.",
        "room_",
        "r00m",
        "me-",
        "support24",
        "former-member",
        "Former.Member",
        "formermember2",
        "former-member-5f2a",
        "ehemaliges_mitglied",
    ],
)
def test_a_username_that_looks_like_a_word_of_the_chat_is_reserved(username: str) -> None:
    assert is_reserved(username)


@pytest.mark.parametrize(
    "username",
    [
        "ada",
        "owner1",
        "room12",
        "me2",
        "adminton",
        "ringroad",
        "badmin",
        "formermemberships",
        "former",
        "mitglied",
    ],
)
def test_other_usernames_are_free(username: str) -> None:
    assert not is_reserved(username)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Виктор", "ВИКТОР"),
        ("bob", "bobʼ"),
        ("بـب", "بب"),
        ("Νίκος", "ΝΊΚΟΣ"),
        ("Straße", "STRASSE"),
        ("ﬁ", "fi"),
        ("①", "1"),
        ("аррӏе", "apple"),
        ("ɡ", "g"),
    ],
)
def test_these_look_alike(one: str, other: str) -> None:
    assert set(skeletons(one)) & set(skeletons(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("יוסי", "וס"),
        ("🚀", "🚀🚀"),
        ("guy", "guu"),
        ("ada-1", "ada-11"),
        ("a-b", "ab"),
        ("José", "Jose"),
        ("李明", "李朋"),
        ("!!", "??"),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert not set(skeletons(one)) & set(skeletons(other))


@pytest.mark.parametrize(
    "name",
    ["Former member", "FORMER MEMBER", "Fоrmer  mеmber", "(Former member)", "former member 2"],
)
def test_a_name_looks_like_that_of_deleted_accounts(name: str) -> None:
    assert looks_like_nobody(name)


def test_in_every_language_deleted_accounts_have_their_name_alone() -> None:
    for language in languages():
        with spoken(language):
            assert looks_like_nobody(_(FORMER)), language
    for name in ("Ada", "A former member", "Ehemaliger", "Member", "🚀", "!"):
        assert not looks_like_nobody(name), name


def test_a_role_is_a_word_of_its_own() -> None:
    assert claims_a_role("Bob (0wner)")
    assert not claims_a_role("Modern Rootstock")

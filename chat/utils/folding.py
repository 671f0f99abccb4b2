"""Fold letters and signs that count as the same in searches for words, people and rooms.

A letter counts as its base letter. NFKC and case folding apply first; then marks are removed. Some
letters do not decompose into a base letter and a mark (ł ø đ æ þ). Their Unicode names give the
base: `LATIN SMALL LETTER L WITH STROKE` is an l. For Latin, this gives the same as CLDR's transform
Latin-ASCII. Arabic and Persian follow Lucene's ArabicNormalizer and PersianNormalizer. Digits of
all scripts become ASCII digits.

lookalikes.py compares names by their looks instead.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

import regex

from chat.utils.text import normalize

# Invisible characters: soft hyphens, joiners, marks of direction, variation selectors.
IGNORED = r"\p{Default_Ignorable_Code_Point}"

# Marks that writers add or omit: accents of Latin, Greek and Cyrillic, points of Hebrew, vowel
# signs and lengthening of Arabic. Other marks are not listed: in Indic scripts they are vowels, in
# Japanese they make another sound.
_MARKS = (
    r"\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670"
    r"\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F"
)
# Apostrophes that Unicode classifies as letters (Hawaiʻi, oʻzbek), and Catalan's dot (coŀlegi).
_APOSTROPHES = r"\u00B7\u02B9-\u02BF\u02C8\u02EE\uA78C"
_DROPPED = regex.compile(rf"[{IGNORED}{_MARKS}{_APOSTROPHES}]")

_BY_NAME = regex.compile(
    r"[[\p{Ll}\p{Lo}\p{Lm}]&&[\p{Latin}\p{Cyrillic}]--\p{ASCII}]|[\p{Nd}--\p{ASCII}]",
    regex.VERSION1,
)
_LATIN = re.compile(
    r"(?:MODIFIER LETTER |LATIN )(?:SMALL )?(?:LETTER|LIGATURE)"
    r" (?:SMALL CAPITAL |DOTLESS |OPEN |SCRIPT |LONG |INSULAR |MIDDLE-WELSH |BROKEN |BARRED )?"
    r"(?P<base>[A-Z]{1,2}|ETH|THORN|ENG|KRA|SCHWA)(?: DIGRAPH)?(?: (?:WITH|BAR).*)?"
)
_CYRILLIC = re.compile(r"(?P<base>CYRILLIC SMALL LETTER .+?) WITH .+")
_LATIN_NAMES = {"eth": "d", "thorn": "th", "eng": "n", "kra": "q", "schwa": "a"}

_ARABIC = {
    "ى": "ي",
    "ی": "ي",
    "ے": "ي",
    "ې": "ي",  # alef maqsura; the yeh of Persian, Urdu, Pashto
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",  # teh marbuta; the heh of Urdu, Kurdish
    "ک": "ك",
    "ڪ": "ك",
    "ٱ": "ا",
}

# Variants of signs on other keyboards. Each replacement has one or two characters.
_SIGNS = {
    **dict.fromkeys("“”„‟«»″‶〝〞〟❝❞❠⹂「」『』﹁﹂﹃﹄｢｣", '"'),
    **dict.fromkeys("‘’‚‛‹›′‵❛❜❟´", "'"),
    **dict.fromkeys("‐‑‒–−﹘﹣", "-"),
    **dict.fromkeys("—―⸺", "--"),  # phones autocorrect -- to these
    "﹕": ":",
    "꞉": ":",
    "∶": ":",
    "﹟": "#",
    "﹫": "@",
    "﹩": "$",
    "\u3000": " ",
    "…": "..",
}
_FULL_WIDTH = range(0xFF01, 0xFF5F)


def fold(text: str) -> str:
    """Return `text` as base letters, without invisible characters."""
    if text.isascii():
        return text.lower()
    folded = normalize("NFKD", normalize("NFKC", text).casefold())
    return normalize("NFC", _DROPPED.sub("", folded).translate(_letters()))


def fold_signs(text: str) -> str:
    """Return `text` with its quotation marks, dashes and full-width signs in ASCII."""
    if text.isascii():
        return text
    return text.translate(_signs())


def fold_name(name: str) -> str:
    """Return a name in the form for comparisons: base letters, ASCII signs, single spaces."""
    return " ".join(fold(fold_signs(name)).split())


@cache
def _signs() -> dict[int, str]:
    wide = {code: chr(code - 0xFF00 + 0x20) for code in _FULL_WIDTH}
    return wide | {ord(sign): plain for sign, plain in _SIGNS.items()}


@cache
def _letters() -> dict[int, str]:
    """Return the base letters of the letters that do not decompose."""
    found = {ord(letter): base for letter, base in _ARABIC.items()}
    for letter in _BY_NAME.findall("".join(map(chr, range(sys.maxunicode + 1)))):
        if base := _base_of(letter):
            found[ord(letter)] = base
    return found


def _base_of(letter: str) -> str | None:
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    name = unicodedata.name(letter, "")
    if latin := _LATIN.fullmatch(name):
        base = latin["base"].lower()
        return _LATIN_NAMES.get(base, base)
    if cyrillic := _CYRILLIC.fullmatch(name):
        base = unicodedata.lookup(cyrillic["base"])
        return normalize("NFD", base)[0]
    return None

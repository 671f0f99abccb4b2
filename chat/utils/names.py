"""What may stand in a name.

A username is of one script (UTS #39, "highly restrictive"). What people and rooms are called may be
anything that everybody can see. What names look like: lookalikes.py.
"""

from __future__ import annotations

import re

import regex

from chat.utils.emojis import emoji_from
from chat.utils.text import clean_text, is_stream_safe, normalize

USERNAME = re.compile(r"(?=.*[^\W_])[\w.-]{2,32}")

# Scripts in everyday use (UAX #31, table 5), and which of them one language writes together.
SCRIPTS = (
    "Arabic",
    "Armenian",
    "Bengali",
    "Cyrillic",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Latin",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
)
MIXTURES = (
    ("Latin", "Han", "Hiragana", "Katakana"),
    ("Latin", "Han", "Bopomofo"),
    ("Latin", "Han", "Hangul"),
)
USUAL_MARKS = 2  # on one letter, counted apart from it: the ệ of Vietnamese has two
MARKS_IN = {  # where letters are built of more
    3: (
        "Arabic",
        "Bengali",
        "Devanagari",
        "Greek",
        "Gujarati",
        "Gurmukhi",
        "Hebrew",
        "Kannada",
        "Khmer",
        "Lao",
        "Malayalam",
        "Oriya",
        "Sinhala",
        "Syriac",
        "Tamil",
        "Telugu",
        "Thaana",
        "Thai",
    ),
    4: ("Myanmar", "Tibetan"),
}


def _any_of(*scripts: str) -> str:
    return "".join(rf"\p{{scx={script}}}" for script in scripts)


_ONE_SCRIPT = regex.compile(
    "|".join(
        rf"[{_any_of(*scripts, 'Common', 'Inherited')}]*"
        for scripts in (*MIXTURES, *((script,) for script in SCRIPTS))
    )
)
_MARKS_BY_SCRIPT = [(most, regex.compile(f"[{_any_of(*MARKS_IN[most])}]")) for most in MARKS_IN]

# Drawn as nothing, though Unicode has them for letters and signs: Braille, Egyptian, Khitan, music.
_BLANK = r"\u2800\U00013441-\U00013446\U00016FE4\U0001D159"
_NOT_IN_NAMES = regex.compile(
    r"[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Me}"
    rf"\p{{Regional_Indicator}}\p{{Emoji_Modifier}}\uFFFC\uFFFD{_BLANK}]"
)
_INVISIBLE = regex.compile(rf"[\p{{Cf}}\p{{Default_Ignorable_Code_Point}}{_BLANK}]")
# Joiners where they are spelling (UAX #31, contexts A1, A2 and B; and ra with ya-phala): Persian,
# Sinhala, Malayalam, Bengali.
_VIRAMA = r"\p{Canonical_Combining_Class=9}"
_JOINER = (
    rf"(?<=\p{{L}}\p{{M}}*{_VIRAMA}\p{{M}}*)[\u200C\u200D](?=\p{{L}})"
    rf"|(?<=\p{{L}})\u200D(?={_VIRAMA})"
    r"|(?<=[\p{Joining_Type=D}\p{Joining_Type=L}]\p{Mn}*)\u200C"
    r"(?=\p{Mn}*[\p{Joining_Type=D}\p{Joining_Type=R}])"
)
_PICTOGRAPH = r"\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*[\U000E0020-\U000E007F]*"
_EMOJI = regex.compile(
    r"\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3"
    rf"|{_PICTOGRAPH}(?:\u200D{_PICTOGRAPH})*"
)
_EMOJI_OR_JOINER = regex.compile(rf"(?P<emoji>{_EMOJI.pattern})|{_JOINER}")
_MARKED = regex.compile(r"(?P<base>^|\P{M})(?P<marks>\p{M}+)")
_STACKED = regex.compile(r"\p{Mn}")
_TWICE = regex.compile(r"(\p{Mn})\1")
_SEEN = regex.compile(r"[\p{L}\p{N}]")

# usernames


def is_username(text: str) -> bool:
    """Tell whether `text` is 2 to 32 visible letters, digits, `.`, `_`, `-`, of one script.

    At least one is a letter or a digit.
    """
    if not USERNAME.fullmatch(text):
        return False
    return text.isascii() or (is_of_one_script(text) and not _NOT_IN_NAMES.search(text))


def is_of_one_script(text: str) -> bool:
    """Tell whether all letters are of one script in everyday use, or of one of MIXTURES."""
    return _ONE_SCRIPT.fullmatch(text) is not None


# what people and rooms are called


def clean_name(text: str) -> str:
    """Return `text` as a name: composed, with single spaces, emoji in the form all keyboards send.

    Raises ValueError, with a sentence, for what cannot be seen, for letters under a heap of marks,
    and where there is neither a letter nor a digit nor an emoji.
    """
    if not is_stream_safe(text):
        raise ValueError("A letter has too many marks.")
    name = " ".join(clean_text(text).split())
    name = _EMOJI.sub(lambda found: emoji_from(found[0]) or found[0], name)
    bare = _EMOJI_OR_JOINER.sub(_without_what_is_right, name)
    if _NOT_IN_NAMES.search(bare):
        raise ValueError("A name holds only characters that everybody can see.")
    if _has_heaps(normalize("NFD", bare)):
        raise ValueError("A letter has too many marks.")
    if name and not _SEEN.search(bare) and not any(map(_is_right, _EMOJI_OR_JOINER.finditer(name))):
        raise ValueError("A name needs a letter, a digit or an emoji.")
    return name


def without_invisible(text: str) -> str:
    """Return `text` without signs that nobody sees, and without those that turn its direction."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text
    right = (found.span() for found in _EMOJI_OR_JOINER.finditer(text) if _is_right(found))
    kept = {place for start, end in right for place in range(start, end)}
    return "".join(
        character
        for place, character in enumerate(text)
        if place in kept or not _INVISIBLE.match(character)
    )


def _is_right(found: regex.Match[str]) -> bool:
    """Tell whether an emoji is on Unicode's list; joiners are only found where they are right."""
    return found["emoji"] is None or emoji_from(found["emoji"]) is not None


def _without_what_is_right(found: regex.Match[str]) -> str:
    """Return a plain sign for an emoji, so that nothing behind it comes to stand on a letter."""
    if not _is_right(found):
        return found[0]
    return "☺" if found["emoji"] else ""


def _has_heaps(decomposed: str) -> bool:
    if _TWICE.search(decomposed):
        return True
    return any(
        len(_STACKED.findall(found["marks"])) > _most_marks_on(found["base"])
        for found in _MARKED.finditer(decomposed)
    )


def _most_marks_on(base: str) -> int:
    if not _SEEN.fullmatch(base):
        return 0
    return next((most for most, script in _MARKS_BY_SCRIPT if script.match(base)), USUAL_MARKS)

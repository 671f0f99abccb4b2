"""Check which characters a name contains.

A username has letters of one script (UTS #39, "highly restrictive"). A display name or a room's
name may have any visible character. lookalikes.py compares names by their looks.
"""

from __future__ import annotations

import re

import regex

from chat.utils.emojis import emoji_from
from chat.utils.text import clean_text, is_stream_safe, normalize
from chat.utils.translation import _

USERNAME = re.compile(r"(?=.*[^\W_])[\w.-]{2,32}")

# Scripts in everyday use (UAX #31, table 5), and scripts that one language combines.
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
USUAL_MARKS = 2  # marks on one letter: Vietnamese ệ has two
MARKS_IN = {  # scripts whose letters have more marks
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

# Characters that are drawn as nothing, though Unicode classifies them as letters and signs:
# Braille, Egyptian, Khitan, music.
_BLANK = r"\u2800\U00013441-\U00013446\U00016FE4\U0001D159"
_NOT_IN_NAMES = regex.compile(
    r"[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Me}"
    rf"\p{{Regional_Indicator}}\p{{Emoji_Modifier}}\uFFFC\uFFFD{_BLANK}]"
)
_INVISIBLE = regex.compile(rf"[\p{{Cf}}\p{{Default_Ignorable_Code_Point}}{_BLANK}]")
# Joiners that the spelling requires (UAX #31, contexts A1, A2 and B; and ra with ya-phala): in
# Persian, Sinhala, Malayalam, Bengali.
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
    """Return whether `text` is 2 to 32 visible letters, digits, `.`, `_`, `-`, of one script.

    At least one character is a letter or a digit.
    """
    if not USERNAME.fullmatch(text):
        return False
    return text.isascii() or (is_of_one_script(text) and not _NOT_IN_NAMES.search(text))


def why_no_username(refused: str) -> str:
    """Return the sentence that names what is wrong with a name that is no username."""
    if " " in refused:
        return _("A username has no spaces. Put a dot or a hyphen there.")
    if not is_of_one_script(refused):
        return _("Use letters of one alphabet only.")
    return _("Use 2 to 32 letters, digits, dots, hyphens or underscores.")


def is_of_one_script(text: str) -> bool:
    """Return whether all letters are of one script in everyday use, or of one of MIXTURES."""
    return _ONE_SCRIPT.fullmatch(text) is not None


# display names and names of rooms


def clean_name(text: str) -> str:
    """Return `text` as a name: composed, with single spaces, with emoji in their usual form.

    Raises ValueError, with a sentence, for invisible characters, for too many marks on a letter,
    and for a name without a letter, a digit or an emoji.
    """
    if not is_stream_safe(text):
        raise ValueError(_("Use fewer marks on one letter."))
    name = " ".join(clean_text(text).split())
    name = _EMOJI.sub(lambda found: emoji_from(found[0]) or found[0], name)
    bare = _EMOJI_OR_JOINER.sub(_without_valid_emoji, name)
    if _NOT_IN_NAMES.search(bare):
        raise ValueError(_("Use only visible characters in a name."))
    if _has_too_many_marks(normalize("NFD", bare)):
        raise ValueError(_("Use fewer marks on one letter."))
    if name and not _SEEN.search(bare) and not any(map(_is_valid, _EMOJI_OR_JOINER.finditer(name))):
        raise ValueError(_("Use at least one letter, digit or emoji in a name."))
    return name


def without_invisible(text: str) -> str:
    """Return `text` without invisible signs, and without those that change its direction."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text
    valid = (found.span() for found in _EMOJI_OR_JOINER.finditer(text) if _is_valid(found))
    visible = {place for start, end in valid for place in range(start, end)}
    return "".join(
        character
        for place, character in enumerate(text)
        if place in visible or not _INVISIBLE.match(character)
    )


def _is_valid(found: regex.Match[str]) -> bool:
    """Return whether an emoji is on Unicode's list; the pattern already checked joiners."""
    return found["emoji"] is None or emoji_from(found["emoji"]) is not None


def _without_valid_emoji(found: regex.Match[str]) -> str:
    """Return a plain sign in place of an emoji, so that no mark after it joins a letter."""
    if not _is_valid(found):
        return found[0]
    if found["emoji"]:
        return "☺"
    return ""


def _has_too_many_marks(decomposed: str) -> bool:
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

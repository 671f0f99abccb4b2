"""Names that cannot be taken for each other: what may stand in one, and what it looks like.

A username is of one script (UTS #39, "highly restrictive"), and no other looks like it. What
people and rooms are called besides may be anything that everybody can see.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import regex

from chat.utils.emojis import emoji_from
from chat.utils.text import clean_text, is_stream_safe, normalize

USERNAME = re.compile(r"(?=.*[^\W_])[\w.-]{2,32}")
# Words that speak for the chat itself. With digits at their ends they still do: admin1.
AUTHORITIES = frozenset({
    "admin", "administrator", "moderator", "root", "security", "support", "system",
})
RESERVED_USERNAMES = AUTHORITIES | {
    "all", "api", "channel", "chat", "everybody", "everyone", "here", "me", "nobody", "null",
    "owner", "room", "undefined", "webhook",
}
# What claims a role in a display name: words, and signs that somebody has been checked.
CLAIMS = AUTHORITIES | {"owner", "member", "mod", "staff", "official", "verified"}
CHECK_MARKS = regex.compile("[✅✓✔☑🗸🗹⍻√🛡👑]")

# Scripts in everyday use (UAX #31, table 5), and which of them one language writes together.
SCRIPTS = (
    "Arabic", "Armenian", "Bengali", "Cyrillic", "Devanagari", "Ethiopic", "Georgian", "Greek",
    "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Latin", "Malayalam", "Myanmar",
    "Oriya", "Sinhala", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan",
)
MIXTURES = (
    ("Latin", "Han", "Hiragana", "Katakana"),
    ("Latin", "Han", "Bopomofo"),
    ("Latin", "Han", "Hangul"),
)
USUAL_MARKS = 2  # on one letter, counted apart from it: the ệ of Vietnamese has two
MARKS_IN = {     # where letters are built of more
    3: (
        "Arabic", "Bengali", "Devanagari", "Greek", "Gujarati", "Gurmukhi", "Hebrew", "Kannada",
        "Khmer", "Lao", "Malayalam", "Oriya", "Sinhala", "Syriac", "Tamil", "Telugu", "Thaana",
        "Thai",
    ),
    4: ("Myanmar", "Tibetan"),
}


def _any_of(*scripts: str) -> str:
    return "".join(rf"\p{{scx={script}}}" for script in scripts)


_ONE_SCRIPT = regex.compile("|".join(
    rf"[{_any_of(*scripts, 'Common', 'Inherited')}]*"
    for scripts in (*MIXTURES, *((script,) for script in SCRIPTS))
))
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

_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
# What does not show, and what only lengthens Arabic and N'Ko.
_IGNORED = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0640\u07FA]")
_MODIFIER = regex.compile(r"\p{Lm}")
_DIGITS_AROUND = regex.compile(r"^\P{L}+|\P{L}+$")


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


def is_reserved(username: str) -> bool:
    """Tell whether `username` looks like a word that the chat keeps for itself."""
    word = _DIGITS_AROUND.sub("", username)
    return _looks_like(username, RESERVED_USERNAMES) or _looks_like(word, AUTHORITIES)


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
        character for place, character in enumerate(text)
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


# what a name looks like


def skeletons(name: str) -> list[str]:
    """Return what `name` looks like, as it is written and in small letters: mostly the same, once.

    Two names that share one can be taken for each other (UTS #39). Case does not count, hence i, I,
    l and 1 are one letter; neither do signs at the ends, nor which signs stand between words.
    """
    text = _IGNORED.sub("", normalize("NFKD", name))
    words = [word for word in _BETWEEN_WORDS.split(text) if word]
    written = (_look_of(_look_of(word).casefold()) for word in words)
    small = (_look_of(word.casefold()) for word in words)
    return sorted({"-".join(filter(None, written)), "-".join(filter(None, small))} - {""}) or [text]


def claims_a_role(name: str) -> bool:
    """Tell whether a display name says that its bearer is more than others, or stands for all."""
    if CHECK_MARKS.search(name) or _looks_like(name, RESERVED_USERNAMES):
        return True
    words = _BETWEEN_WORDS.split(normalize("NFKD", name))
    words += [_DIGITS_AROUND.sub("", word) for word in words]
    return any(_looks_like(word, CLAIMS) for word in words)


def _looks_like(name: str, words: frozenset[str]) -> bool:
    return not _skeletons_of(words).isdisjoint(skeletons(name))


@cache
def _skeletons_of(words: frozenset[str]) -> frozenset[str]:
    return frozenset(skeleton for word in words for skeleton in skeletons(word))


def _look_of(word: str) -> str:
    prototypes = _prototypes()
    return normalize("NFD", "".join(prototypes.get(character, character) for character in word))


@cache
def _prototypes() -> dict[str, str]:
    """Return by character what it looks like (bin/confusables makes the file).

    A modifier letter that looks like a sign is taken for one, and goes as signs do.
    """
    found = {"i": "l"}
    for line in Path(__file__).with_name("confusables.txt").read_text("utf-8").splitlines():
        prototype, _, characters = line.partition(" ")
        if prototype != "#":
            found |= dict.fromkeys(characters, prototype)
    signs = [each for each in found if _MODIFIER.match(each) and _BETWEEN_WORDS.match(found[each])]
    return found | dict.fromkeys(signs, "")

"""What names look like, so that nobody is taken for somebody else or for more than they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import regex

from chat.utils.names import clean_name
from chat.utils.text import normalize

VERSION = 1  # of the rules: one more with every change of what names look like, so that everybody's are looked at anew

# Words that speak for the chat itself. With digits at their ends they still do: admin1.
AUTHORITIES = frozenset(
    {
        "admin",
        "administrator",
        "moderator",
        "root",
        "security",
        "support",
        "system",
    }
)
RESERVED_USERNAMES = AUTHORITIES | {
    "all",
    "api",
    "channel",
    "chat",
    "deleted",
    "everybody",
    "everyone",
    "here",
    "me",
    "nobody",
    "null",
    "owner",
    "room",
    "undefined",
    "webhook",
}
# What claims a role in a display name: words, and signs that somebody has been checked.
CLAIMS = AUTHORITIES | {"owner", "member", "mod", "staff", "official", "verified"}
CHECK_MARKS = regex.compile("[✅✓✔☑🗸🗹⍻√🛡👑]")

_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
# What does not show, and what only lengthens Arabic and N'Ko.
_IGNORED = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0640\u07FA]")
_MODIFIER = regex.compile(r"\p{Lm}")
_DIGITS_AROUND = regex.compile(r"^\P{L}+|\P{L}+$")


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


def looks_of(username: str, display_name: str) -> dict[str, list[str]]:
    """Return the skeletons of somebody's names, of each and of both together."""
    of_username, of_name = skeletons(username), skeletons(display_name)
    both = sorted({*of_username, *of_name})
    return {"skeletons": of_username, "name_skeletons": of_name, "looks": both}


def is_reserved(username: str) -> bool:
    """Tell whether `username` looks like a word that the chat keeps for itself."""
    word = _DIGITS_AROUND.sub("", username)
    return _looks_like(username, RESERVED_USERNAMES) or _looks_like(word, AUTHORITIES)


def is_doubtful(display_name: str) -> bool:
    """Tell whether the username belongs beside a display name, whatever others are called.

    It claims a role, or was taken when names could hold what nobody sees.
    """
    try:
        return claims_a_role(display_name) or clean_name(display_name) != display_name
    except ValueError:
        return True


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

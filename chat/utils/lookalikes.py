"""Compare names by their looks, so that nobody can impersonate others or claim a false role."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import regex

from chat.utils.names import clean_name
from chat.utils.sentences import N_
from chat.utils.text import normalize
from chat.utils.translation import languages, translations

# The version of these rules. Increment it with every change of the rules, so that all skeletons are
# computed again.
VERSION = 1

# Words that speak for the chat itself, also with digits at their end: admin1.
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
FORMER = N_("Former member")  # what everybody is called whose account was deleted
# Words and check marks with which a display name claims a role.
CLAIMS = AUTHORITIES | {"owner", "member", "mod", "staff", "official", "verified"}
CHECK_MARKS = regex.compile("[✅✓✔☑🗸🗹⍻√🛡👑]")

_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
# Invisible characters, and characters that only lengthen words in Arabic and N'Ko.
_IGNORED = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0640\u07FA]")
_MODIFIER = regex.compile(r"\p{Lm}")
_DIGITS_AROUND = regex.compile(r"^\P{L}+|\P{L}+$")


def skeletons(name: str) -> list[str]:
    """Return the skeletons of `name`, as written and in small letters; mostly they are the same.

    Two names with a common skeleton can be mistaken for each other (UTS #39). Case is ignored, so
    i, I, l and 1 are one letter. Signs at the ends, and the kind of signs between words, are
    ignored.
    """
    text = _IGNORED.sub("", normalize("NFKD", name))
    words = [word for word in _BETWEEN_WORDS.split(text) if word]
    written = (_look_of(_look_of(word).casefold()) for word in words)
    small = (_look_of(word.casefold()) for word in words)
    return sorted({"-".join(filter(None, written)), "-".join(filter(None, small))} - {""}) or [text]


def looks_of(username: str, display_name: str) -> dict[str, list[str]]:
    """Return the skeletons of somebody's username, of their display name, and of both together."""
    of_username = skeletons(username)
    of_name = skeletons(display_name)
    both = sorted({*of_username, *of_name})
    return {"skeletons": of_username, "name_skeletons": of_name, "looks": both}


def is_reserved(username: str) -> bool:
    """Return whether `username` looks like a word that the chat reserves."""
    word = _DIGITS_AROUND.sub("", username)
    if looks_like_nobody(username):
        return True
    return _looks_like(username, RESERVED_USERNAMES) or _looks_like(word, AUTHORITIES)


def looks_like_nobody(name: str) -> bool:
    """Return whether a name looks like that of deleted accounts, in any language of the chat."""
    for look in skeletons(name) + skeletons(_DIGITS_AROUND.sub("", name)):
        for nobody in _looks_of_nobody():
            is_same = look.replace("-", "") == nobody.replace("-", "")
            if is_same or look.startswith(f"{nobody}-"):
                return True
    return False


def is_doubtful(display_name: str) -> bool:
    """Return whether a display name needs the username beside it, even without a namesake.

    Such a name claims a role, or is older than the rules against names of nobody and against
    invisible characters.
    """
    if looks_like_nobody(display_name):
        return True
    try:
        return claims_a_role(display_name) or clean_name(display_name) != display_name
    except ValueError:
        return True


def claims_a_role(name: str) -> bool:
    """Return whether a display name claims a role, or claims to speak for everybody."""
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


@cache
def _looks_of_nobody() -> frozenset[str]:
    called = (translations(language).texts.get(FORMER, FORMER) for language in languages())
    return frozenset(look for name in called for look in skeletons(name))


def _look_of(word: str) -> str:
    prototypes = _prototypes()
    return normalize("NFD", "".join(prototypes.get(character, character) for character in word))


@cache
def _prototypes() -> dict[str, str]:
    """Return by character its prototype, which looks like it (bin/confusables makes the file).

    A modifier letter that looks like a sign counts as a sign, and is removed like one.
    """
    found = {"i": "l"}
    for line in Path(__file__).with_name("confusables.txt").read_text("utf-8").splitlines():
        prototype, _, characters = line.partition(" ")
        if prototype != "#":
            found |= dict.fromkeys(characters, prototype)
    signs = [each for each in found if _MODIFIER.match(each) and _BETWEEN_WORDS.match(found[each])]
    return found | dict.fromkeys(signs, "")

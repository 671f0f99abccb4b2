"""Signs that belong to the word beside them: C#, .NET, $PATH, @bob, #123."""

from __future__ import annotations

from chat.utils.words import LONGEST_PREFIX, SHORTEST_PREFIX

BEFORE = ".$@#"  # signs that belong to the word after them
BEHIND = "#+"  # signs that belong to the word before them
MOST_BEHIND = 4


def sign_before(signs: str, word: str) -> str:
    """Return the sign of BEFORE that belongs to `word`, from the signs before the word.

    An empty string if there is none.
    """
    sign = signs[-1:]
    if not sign or sign not in BEFORE or signs[-2:-1] == sign:
        return ""
    if sign == "." and not word[0].isalpha():
        return ""
    return sign


def signs_behind(signs: str) -> str:
    """Return the signs of BEHIND that belong to a word, from the signs after the word.

    An empty string if there are none.
    """
    run = signs[: len(signs) - len(signs.lstrip(signs[0]))]
    if run[0] not in BEHIND or len(run) > MOST_BEHIND:
        return ""
    return run


def before_word(sign: str, word: str) -> str:
    """Return the term of a word with a sign of BEFORE."""
    return sign + word[:SHORTEST_PREFIX]


def behind_word(word: str, signs: str) -> str:
    """Return the term of a word with signs of BEHIND."""
    return word[:LONGEST_PREFIX] + signs

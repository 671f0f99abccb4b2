"""By which beginnings people and rooms are found.

With base letters, and from each word of a name on.

An apostrophe makes no difference: `O'Neil` is found by o'neil, oneil and neil; `王小明` by 小明;
`Łukasz` by lukasz.
"""

from __future__ import annotations

from itertools import islice

from chat.utils.folding import fold_name
from chat.utils.words import units_of

VERSION = (
    2  # of the rules: one more with every change of them, so that everybody's keys are made anew
)
MOST_WORDS = 16  # of a word between spaces


def keys_of(*names: str) -> list[str]:
    """Return what somebody with these names is found by."""
    words = {word for name in names for word in fold_name(name).split()}
    keys = set(words)
    for word in words:
        for unit in islice(units_of(word), MOST_WORDS):
            keys.add(word[unit.start :])
            keys.add(unit.whole)
    return sorted({key.replace("'", "") for key in keys} - {""})


def name_key_of(name: str, room_id: object) -> str:
    """Return what sorts a room by its name, and tells rooms of one name apart, so that a list can
    go on after it.
    """
    return f"{fold_name(name)}\0{room_id}"


def beginnings_of(text: str) -> list[str]:
    """Return the words somebody typed to find a name, one at least; each begins one of its keys."""
    return fold_name(text).replace("'", "").removeprefix("@").split() or [""]

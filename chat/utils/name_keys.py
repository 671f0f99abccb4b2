"""By which beginnings people and rooms are found: those of each word of a name, as base letters.

An apostrophe makes no difference: `O'Neil` is found by o'neil, oneil and neil; `王小明` by 小明;
`Łukasz` by lukasz.
"""

from __future__ import annotations

from itertools import islice

from chat.utils.folding import fold_name
from chat.utils.words.units import units_of

# Of the rules: increment it with every change of them, so that everybody's keys are computed again.
VERSION = 2
MOST_WORDS = 16  # of a word between spaces


def keys_of(*names: str) -> list[str]:
    """Return the keys by which somebody with these names is found."""
    words = {word for name in names for word in fold_name(name).split()}
    keys = set(words)
    for word in words:
        for unit in islice(units_of(word), MOST_WORDS):
            keys.add(word[unit.start :])
            keys.add(unit.whole)
    return sorted({key.replace("'", "") for key in keys} - {""})


def name_key_of(name: str, room_id: object) -> str:
    """Return the sort key of a room: its name, and its id to separate rooms of one name.

    A list can then continue after any room.
    """
    return f"{fold_name(name)}\0{room_id}"


def beginnings_of(text: str) -> list[str]:
    """Return the words that somebody typed to find a name; each begins one of its keys.

    There is at least one, which may be empty.
    """
    return fold_name(text).replace("'", "").removeprefix("@").split() or [""]

"""The keys by which people and rooms are found: the words of their names, as base letters.

An apostrophe makes no difference: `O'Neil` is found by o'neil, oneil and neil; `王小明` by 小明;
`Łukasz` by lukasz.
"""

from __future__ import annotations

from itertools import islice

from chat.utils.folding import fold_name
from chat.utils.words.units import units_of

# The version of these rules. Increment it with every change of the rules, so that everybody's keys
# are computed again.
VERSION = 2
MOST_WORDS = 16  # units of a word between spaces; a key begins at each unit


def keys_of(*names: str) -> list[str]:
    """Return the keys by which a person with these names is found."""
    words = {word for name in names for word in fold_name(name).split()}
    keys = set(words)
    for word in words:
        for unit in islice(units_of(word), MOST_WORDS):
            keys.add(word[unit.start :])
            keys.add(unit.whole)
    return sorted({key.replace("'", "") for key in keys} - {""})


def name_key_of(name: str, room_id: object) -> str:
    """Return the sort key of a room: its name, and its id to distinguish rooms of the same name.

    So a list can continue after any room.
    """
    return f"{fold_name(name)}\0{room_id}"


def beginnings_of(text: str) -> list[str]:
    """Return the words that somebody typed to find a name; each is the beginning of a key.

    There is at least one word, which may be empty.
    """
    return fold_name(text).replace("'", "").removeprefix("@").split() or [""]

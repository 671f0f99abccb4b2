"""Format sizes of files as the reader's language does: 80.2 kB, 1,5 GB.

Each unit is 1,024 of the one below, as in the settings: a quota of 1 GiB is 1 GB.
"""

from __future__ import annotations

from babel import Locale
from babel.units import format_unit

from chat.routes.pages.times import reader

UNITS = ((2**30, "gigabyte"), (2**20, "megabyte"), (2**10, "kilobyte"))


def file_size(count: int) -> str:
    """Return a number of bytes for the reader of this request."""
    return in_units(count, reader().locale)


def in_units(count: int, locale: Locale) -> str:
    """Return `count` bytes in the largest unit of which it has one, with at most one decimal."""
    for size, name in UNITS:
        if count >= size:
            return format_unit(
                count / size, f"digital-{name}", "short", format="#,##0.#", locale=locale
            )
    return format_unit(count, "digital-byte", "long", locale=locale)

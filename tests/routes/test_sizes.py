"""Sizes of files, as the reader's language writes them."""

from __future__ import annotations

import pytest
from babel import Locale

from chat.routes.pages.sizes import in_units

NO_BREAK = "\xa0"


@pytest.mark.parametrize(
    ("count", "english", "german"),
    [
        (0, "0 bytes", "0 Byte"),
        (1, "1 byte", "1 Byte"),
        (1_023, "1,023 bytes", "1.023 Byte"),
        (1_024, "1 kB", "1 kB"),
        (82_175, "80.2 kB", "80,2 kB"),
        (10 * 2**20, "10 MB", "10 MB"),
        (2**30, "1 GB", "1 GB"),
        (5_000 * 2**30, "5,000 GB", "5.000 GB"),
    ],
)
def test_a_size_has_the_units_and_the_decimal_sign_of_the_language(
    count: int, english: str, german: str
) -> None:
    for name, shown in (("en_US", english), ("de", german)):
        assert in_units(count, Locale.parse(name)).replace(NO_BREAK, " ") == shown

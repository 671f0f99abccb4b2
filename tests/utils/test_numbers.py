"""Numbers that people and programs send."""

from __future__ import annotations

import pytest

from chat.utils.numbers import whole_number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "1_0", "²", "٣", "1000", "9" * 5000])
def test_what_is_no_short_number_is_none(text: str) -> None:
    assert whole_number(text, 3) is None


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999", 999)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text, 3) == number

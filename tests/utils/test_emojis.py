"""Emoji that stand alone."""

from __future__ import annotations

import pytest

from chat.utils.emojis import are_few_emoji


@pytest.mark.parametrize("text", ["🎉", "👍🏽 ❤️", "👨‍👩‍👧🇩🇪1️⃣", "🎉 🎉\n🎉"])
def test_one_to_three_emoji_are_few(text: str) -> None:
    assert are_few_emoji(text)


@pytest.mark.parametrize("text", ["", "12", "tea", "🎉 tea", "🎉🎉🎉🎉", ":tada:", "<p>🎉</p>"])
def test_words_and_more_emoji_are_a_text(text: str) -> None:
    assert not are_few_emoji(text)

"""A cache that keeps what was asked for last, and nothing large."""

from __future__ import annotations

from chat.utils.sized_cache import SizedCache


def test_the_ones_asked_for_last_are_remembered_and_nothing_large_is() -> None:
    cache, made = SizedCache[str, str](2, 5, len), list[str]()

    def ask(text: str) -> str:
        return cache.get_or_make(text, lambda: made.append(text) or text)  # type: ignore[func-returns-value]

    for text in ("one", "two", "one", "three", "one", "two", "far too large", "far too large", "one"):
        assert ask(text) == text
    assert made == ["one", "two", "three", "two", "far too large", "far too large"]
    cache.clear()
    ask("one")
    assert made[-1] == "one"

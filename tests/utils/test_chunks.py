"""Chunks: every item is in one of them, in its order."""

from __future__ import annotations

from chat.utils.chunks import chunks_of


def test_every_item_is_in_one_chunk_and_the_last_chunk_may_be_shorter() -> None:
    assert list(chunks_of(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks_of(iter("abcd"), 2)) == [["a", "b"], ["c", "d"]]
    assert list(chunks_of([], 2)) == []

"""Posting lists by token: packed, looked up, and changed as messages change."""

from __future__ import annotations

from chat.models.search.blind_index import EVERYTHING, look_up, pack, packed_places, unpack

TEA, CAKE = b"tea---", b"cake--"
PACKED = pack({TEA: packed_places([0, 3, 99]), CAKE: packed_places([3])})


def places(packed: bytes) -> dict[bytes, set[int]]:
    return {token: look_up(packed, token) for token in (TEA, CAKE)}


def test_what_was_packed_is_found_and_comes_back() -> None:
    assert places(PACKED) == {TEA: {0, 3, 99}, CAKE: {3}}
    assert pack(unpack(PACKED)) == PACKED


def test_a_token_without_messages_is_left_out() -> None:
    assert pack(unpack(PACKED, without={3})) == pack({TEA: packed_places([0, 99])})
    assert pack({TEA: b""}) == pack({})


def test_to_take_out_what_is_not_there_changes_nothing() -> None:
    assert pack(unpack(PACKED, without={1, 2})) == PACKED


def test_messages_of_a_leaf_move_to_their_places_in_a_segment() -> None:
    assert places(pack(unpack(PACKED, offset=900))) == {TEA: {900, 903, 999}, CAKE: {903}}


def test_what_stands_under_everything_is_found_by_every_token() -> None:
    packed = pack({TEA: packed_places([1]), EVERYTHING: packed_places([7])})
    assert places(packed) == {TEA: {1, 7}, CAKE: {7}}

"""Search in encrypted messages: terms become tokens, posting lists become compact bytes.

The same term has unrelated tokens in two rooms, because each room has its own index key. Tokens are
truncated, so a list may contain a message without the term. The caller opens each message and
checks it.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

from chat.utils.time_slices import in_time_slices

TOKEN_BYTES = 6
PLACE_BYTES = 2
# A message with more terms gets only the token EVERYTHING, so that a block's posting lists fit into
# a record of the database.
MOST_TOKENS = 4_000
EVERYTHING = b"\xff" * TOKEN_BYTES  # the token of the messages that every query must check

CACHED = 20_000  # words with their tokens: people use the same words again and again

AT_A_TIME = 1_000  # lists between two checks of the clock: less than a millisecond

_COUNT = struct.Struct("<I")

# Token -> posting list: the places of messages in their block, with PLACE_BYTES for each place.
Lists = dict[bytes, bytes]


def tokens_of(key: bytes, terms: Iterable[str]) -> set[bytes]:
    """Return the tokens of some terms under a room's index key."""
    return {_token(key, term) for term in terms}


def tokens_of_message(key: bytes, groups: Collection[tuple[str, ...]]) -> set[bytes]:
    """Return the tokens of a message's groups of terms, which words.groups_of returns.

    A message with more than MOST_TOKENS terms has the token EVERYTHING.
    """
    if sum(map(len, groups)) > MOST_TOKENS:
        return {EVERYTHING}
    return set(
        chain.from_iterable(
            _tokens_of_group(key, group) for group in in_time_slices(groups, AT_A_TIME)
        )
    )


@lru_cache(CACHED)
def _tokens_of_group(key: bytes, terms: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(_token(key, term) for term in terms)


def _token(key: bytes, term: str) -> bytes:
    # `person` separates tokens from the fingerprints under the same key. BLAKE2b takes a third of
    # the time of OpenSSL's HMAC.
    return blake2b(term.encode(), key=key, person=b"search", digest_size=TOKEN_BYTES).digest()


def packed_places(places: Iterable[int]) -> bytes:
    """Return places as the bytes that lists contain."""
    return array("H", places).tobytes()


def pack(lists: Lists) -> bytes:
    """Return lists as bytes.

    The bytes are: the number of lists · the tokens · the end of each list · the lists.
    """
    tokens = bytearray()
    ends = array("I")
    packed = bytearray()
    for token, places in in_time_slices(lists.items(), AT_A_TIME):
        if places:
            tokens += token
            packed += places
            ends.append(len(packed) // PLACE_BYTES)
    return b"".join([_COUNT.pack(len(ends)), tokens, ends.tobytes(), packed])


def unpack(packed: bytes, *, without: Collection[int] = (), offset: int = 0) -> Lists:
    """Return the lists that `pack` packed.

    `without`: places of messages to leave out. `offset`: a number to add to every other place.
    """
    count = _count_of(packed)
    ends = _ends_of(packed, count)
    places = _places_of(packed, count)
    moved = places.tobytes()
    if offset:
        moved = packed_places(place + offset for place in in_time_slices(places, AT_A_TIME))
    lists: Lists = {}
    start = 0
    for number, end in in_time_slices(enumerate(ends), AT_A_TIME):
        lists[_token_at(packed, number)] = moved[PLACE_BYTES * start : PLACE_BYTES * end]
        start = end
    if without:
        found = {
            bisect_right(ends, index)
            for index, place in in_time_slices(enumerate(places), AT_A_TIME)
            if place in without
        }
        for number in in_time_slices(found, AT_A_TIME):
            token = _token_at(packed, number)
            lists[token] = packed_places(
                place for place in array("H", lists[token]) if place - offset not in without
            )
    return lists


def look_up(packed: bytes, token: bytes) -> set[int]:
    """Return the messages of one token and of EVERYTHING, without unpacking the rest."""
    return _look_up(packed, token) | _look_up(packed, EVERYTHING)


def _look_up(packed: bytes, token: bytes) -> set[int]:
    count = _count_of(packed)
    end_of_tokens = _COUNT.size + count * TOKEN_BYTES
    at = packed.find(token, _COUNT.size, end_of_tokens)
    while at >= 0 and (at - _COUNT.size) % TOKEN_BYTES:  # the match lies across two tokens
        at = packed.find(token, at + 1, end_of_tokens)
    if at < 0:
        return set()
    number = (at - _COUNT.size) // TOKEN_BYTES
    ends = _ends_of(packed, count)
    start = ends[number - 1] if number else 0
    return set(_places_of(packed, count)[start : ends[number]])


def _token_at(packed: bytes, number: int) -> bytes:
    at = _COUNT.size + number * TOKEN_BYTES
    return packed[at : at + TOKEN_BYTES]


def _count_of(packed: bytes) -> int:
    return int(_COUNT.unpack_from(packed)[0])


def _ends_of(packed: bytes, count: int) -> memoryview:
    start = _COUNT.size + count * TOKEN_BYTES
    return memoryview(packed)[start : start + 4 * count].cast("I")


def _places_of(packed: bytes, count: int) -> memoryview:
    return memoryview(packed)[_COUNT.size + count * (TOKEN_BYTES + 4) :].cast("H")

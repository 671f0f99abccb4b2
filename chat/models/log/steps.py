"""Reading a range of a log in steps: a reader whose answer is full reads no further."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chat.models.database import Record

FIRST_STEP = 50  # entries: a usual page takes one query
LONGEST_STEP = 500
STEP_BYTES = 500_000  # of texts in a step, as estimated from the step before
SMALLEST = 1_000  # bytes of an entry in that estimate, at least


def in_steps(
    read: Callable[[int, int], list[Record]], first: int, last: int, *, backwards: bool = False
) -> Iterator[list[Record]]:
    """Yield the records `first`…`last`, step by step, as `read` returns them in order.

    `backwards`: the last record first.
    """
    count = FIRST_STEP
    while first <= last:
        if backwards:
            records = read(max(first, last - count + 1), last)[::-1]
            last -= count
        else:
            records = read(first, min(last, first + count - 1))
            first += count
        yield records
        size = max(SMALLEST, sum(map(weight, records)) // max(1, len(records)))
        count = max(1, min(LONGEST_STEP, STEP_BYTES // size))


def weight(record: Record) -> int:
    """Return how many bytes of sealed text an entry has, which make up most of a long entry."""
    return len(record.get("text", b""))

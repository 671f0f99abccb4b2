"""Reading a stretch of a log some entries at a time: whoever has enough, or whose answer is full, reads no further."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chat.models.database import Record

FIRST_STEP = 50  # entries: what a usual page has, in one question
LONGEST_STEP = 500
STEP_BYTES = 500_000  # of texts in a step, as far as it can be told from the step before
SMALLEST = 1_000  # bytes that an entry is taken for, at least


def in_steps(
    read: Callable[[int, int], list[Record]], first: int, last: int, *, backwards: bool = False
) -> Iterator[list[Record]]:
    """Yield the records of the places `first`…`last`, as `read` gives them in order; `backwards`, the last of them first."""
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
    """Return how many bytes of sealed text an entry has, which is most of what is long in it."""
    return len(record.get("text", b""))

"""Reading a range of a log in steps, so that a reader with a full answer can stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chat.models.database import Record

FIRST_STEP = 50  # entries in the first step: enough for a usual page
LONGEST_STEP = 500
STEP_BYTES = 500_000  # of texts that a step may read, as estimated from the step before
SMALLEST = 1_000  # the estimate counts at least so many bytes for an entry


def in_steps(
    read: Callable[[int, int], list[Record]], first: int, last: int, *, backwards: bool = False
) -> Iterator[list[Record]]:
    """Yield the records `first`…`last`, step by step, as `read` returns them in order.

    `backwards`: begin with the last record.
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
    """Return how many bytes an entry's sealed text has, which is most of a long entry."""
    return len(record.get("text", b""))

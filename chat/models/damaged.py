"""Damaged records: those that lack what every program stores in them.

A disk or a hand damages a record now and then. Whoever reads one record gets an error that names
it; whoever reads many gets the others, so that a damaged record stops no job and closes no list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from chat.models.database import Record
from chat.utils.encryption import CannotOpen

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Damaged(CannotOpen):
    """A record that lacks what it must have. The text names the record, never its content."""


def whole(collection: str, record: Record, make: Callable[[Record], T]) -> T:
    """Return what `make` makes of a record. Raises Damaged."""
    try:
        return make(record)
    except KeyError as error:
        raise Damaged(f"{collection} {record.get('_id')}: it lacks {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        name = type(error).__name__
        raise Damaged(f"{collection} {record.get('_id')}: it is damaged ({name})") from error


def readable(
    collection: str, records: Iterable[Record], make: Callable[[Record], T]
) -> Iterator[T]:
    """Yield what `make` makes of each record, but of no damaged one, which the log names once."""
    for record in records:
        try:
            yield whole(collection, record, make)
        except Damaged as error:
            if str(error) not in _logged:
                _logged.add(str(error))
                logger.warning("a damaged record was skipped", extra={"reason": str(error)})


_logged: set[str] = set()

"""Repeat a job's work for many rooms or pictures, where one that fails must not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.utils.encryption import CannotOpen
from chat.utils.errors import NotFound, Unavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")


def for_each(things: Iterable[T], action: Callable[[T], bool | None], problem: str) -> int:
    """Call `action` for each thing; return how many calls returned True.

    A failure is logged as `problem`. Raises DatabaseError, Unavailable: then all would fail.
    """
    done = 0
    for thing in things:
        try:
            done += bool(action(thing))
        except (DatabaseError, Unavailable):
            raise
        except (CannotOpen, NotFound) as error:  # damaged data, or somebody just deleted the room
            logger.warning(problem, extra={"id": _id_of(thing), "reason": str(error)})
        except Exception:
            logger.exception(problem, extra={"id": _id_of(thing)})
    return done


def _id_of(thing: object) -> str:
    """Return the id of what an action got: an id, something that has one, or a tuple of these."""
    first = thing[0] if isinstance(thing, tuple) else thing
    return str(first if isinstance(first, Id) else getattr(first, "id", ""))

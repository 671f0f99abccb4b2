"""Places in people's lists of rooms, taken ahead for a whole import.

To change a person's record costs milliseconds, and an import gives everybody many rooms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pymongo import UpdateOne

from chat.models.database import database
from chat.models.document import Id
from chat.models.list_places import last_places, take_place
from chat.models.user import User
from chat.utils.chunks import chunks_of

AT_ONCE = 500  # people in one write


class PlacesAhead:
    """`counts`: how many places each person needs. Places that are not used do no harm."""

    def __init__(self, counts: Mapping[Id, int]):
        self._left: dict[Id, Iterator[int]] = {}
        for some in chunks_of(counts, AT_ONCE):
            last = last_places(some)
            changes = [
                UpdateOne(
                    {"_id": user_id, "places": place}, {"$set": {"places": place + counts[user_id]}}
                )
                for user_id, place in last.items()
            ]
            if changes and database["users"].bulk_write(changes).matched_count == len(changes):
                for user_id, place in last.items():
                    self._left[user_id] = iter(range(place + 1, place + 1 + counts[user_id]))
            # Otherwise another process took a place meanwhile, and these people take one by one.
            for user_id in some:
                User.forget(user_id)

    def take(self, user_id: Id) -> int:
        """Return the next place in a person's list."""
        place = next(self._left.get(user_id, iter(())), None)
        return take_place(user_id) if place is None else place

"""Decision: a room's people at the moment of a decision about them.

The conditions that a caller checked earlier may no longer hold. So `allow` checks them again with
the roster on which the decision is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.models.document import Id
from chat.models.membership import roster
from chat.models.membership.roster import Roster
from chat.models.membership.states import is_in
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room
from chat.utils.errors import NotFound
from chat.utils.translation import _


@dataclass(frozen=True)
class Decision:
    """A room's people at the moment of a decision."""

    roster: Roster

    @classmethod
    def now(cls, room_id: Id) -> Decision:
        """Read the roster, for a check that does not change the roster. Raises NotFound."""
        return cls(roster.read(room_id))

    def member(self, user_id: Id) -> StoredMembership:
        """Return somebody's membership. Raises NotFound."""
        record = self.roster.record(user_id)
        if record is None or not is_in(record):
            raise NotFound(_("There is no such room."))
        return StoredMembership.from_record(record, self.roster.room)

    def why_ended(self, user_id: Id) -> str | None:
        """Return LEFT or REMOVED; None for somebody who is in the room, or never was."""
        record = self.roster.record(user_id)
        return None if record is None else record["ended"]

    @property
    def room(self) -> Room:
        return self.roster.room


Allow = Callable[[Decision], object]  # raises an exception if it forbids the decision

"""Deletable: an author, or a member whose role allows it, deletes a message. A tombstone stays."""

from __future__ import annotations

from typing import Self

from chat.models.database import Record
from chat.models.log import DELETED
from chat.models.message.changeable import Changeable, ChangedMessage
from chat.models.permissions import may
from chat.models.user import User
from chat.utils.errors import Forbidden
from chat.utils.translation import _


class Deletable(Changeable):
    def delete(self, actor: User, role: str) -> ChangedMessage[Self]:
        """Delete the message; only a tombstone stays. Idempotent. Raises Forbidden, Unavailable.

        `role`: the actor's role in the room.
        """

        def decide(record: Record) -> Record | None:
            if record["author_id"] != actor.id and not may(role, "delete others' messages"):
                raise Forbidden(_("Only its author or a moderator can delete a message."))
            if "deleted_at" in record:
                return None
            return {"event": DELETED}

        return self._change(actor, decide)

"""Read what one person wrote in a room; of a direct conversation, what everybody wrote.

Everybody in a direct conversation wrote to this person, who has it in the chat as well. What others
said in a room of more people is theirs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from chat.models.database import database
from chat.models.document import Id
from chat.models.export.room_reading import PAGE, Pace, Page, RoomReading
from chat.models.log import log_of
from chat.models.log.folding import POSTED, REACTED
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.room_line import RoomLine
from chat.utils.chunks import chunks_of


class OwnReading(RoomReading):
    """The messages of one person. A private room that they left has no name, only their words."""

    def __init__(self, room: Room, user_id: Id, pace: Pace):
        self._mine = Membership.find_now(room.id, user_id)
        if self._mine is None and room.kind != "public":
            room = replace(room, name="", sealed_topic=None)
        super().__init__(room, pace)
        self._user_id = user_id

    def members(self) -> list[Membership]:
        return [self._mine] if self._mine else []

    def pages(self) -> Iterator[Page]:
        log = log_of(self.room.id)
        for seqs in chunks_of(self._seqs(), PAGE):
            began = time.monotonic()
            log.head()
            records = log.posted_at(seqs)
            self._pace(time.monotonic() - began)
            messages, damaged = self._opened(records)
            yield Page(messages, [], damaged)

    def lines(self) -> Iterator[RoomLine]:
        yield from ()

    def own_reactions(self) -> Iterator[dict[str, object]]:
        """Yield {message, seq, emoji} of each message to which the person reacted."""
        for message_ids in chunks_of(self._reacted_to(), PAGE):
            records = list(database.find_by_ids("log", message_ids))
            messages, _damaged = self._opened(records)
            for message in sorted(messages, key=lambda each: each.seq):
                emoji = [each for each, people in message.reactions if self._user_id in people]
                if emoji and message.seq <= self.cut:
                    yield {"message": str(message.id), "seq": message.seq, "emoji": emoji}

    def _reacted_to(self) -> list[Id]:
        query = {"room_id": self.room.id, "author_id": self._user_id}
        found = database["log"].find(query, {"event": 1, "message_id": 1})
        return sorted({each["message_id"] for each in found if each["event"] == REACTED})

    def _seqs(self) -> list[int]:
        """Return the numbers of the person's messages: eight bytes each are all that is kept."""
        query = {"room_id": self.room.id, "author_id": self._user_id}
        found = database["log"].find(query, {"seq": 1, "event": 1})
        seqs = (record["seq"] for record in found if record["event"] == POSTED)
        return sorted(seq for seq in seqs if seq <= self.cut)


def reading_for(room: Room, user_id: Id, pace: Pace) -> RoomReading:
    """Return the reading of a room for the export of one person."""
    if room.kind == "direct" and Membership.find_now(room.id, user_id):
        return RoomReading(room, pace)
    return OwnReading(room, user_id, pace)

"""PastLog: writes the messages of the past into the log of a room that is not open yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from pymongo.errors import BulkWriteError

from chat.models.database import Record, database
from chat.models.document import Id, id_from
from chat.models.image import Image
from chat.models.log import EMPTY, POSTED, Head, log_of
from chat.models.message import Message
from chat.models.past.posts import PastPost

AT_ONCE = 500  # entries in one insert
DUPLICATE = 11000  # MongoDB's error code
MOST_UNREAD = 100  # messages at the end of a room that somebody has not read


class OtherPast(Exception):
    """The log has other messages than those that come now."""


class PastLog:
    """The log of one room, to which only this object writes.

    An earlier attempt may have written the first messages. The caller goes through all of them
    again, in the same order, and `skips` tells which are there.
    """

    def __init__(self, room_id: Id):
        self.room_id = room_id
        self.authors: set[Id] = set()
        self.people: set[Id] = set()  # the authors, and who changed something
        self._starts: deque[int] = deque(maxlen=MOST_UNREAD)
        self.head = EMPTY  # as far as the caller has gone through the messages
        self._stored = self._remove_half_written(log_of(room_id).head())
        self._last_id = self._message_at(self._stored)
        self._waiting: list[Record] = []
        self._mentions: list[Record] = []
        self._images: list[tuple[Id, Record]] = []

    def skips(self, message_id: Id, author_id: Id, changed_by: Sequence[Id]) -> bool:
        """Return whether the next message is there, with its changes; then go on after it.

        `changed_by`: who made each change. Raises OtherPast when the log has other messages;
        `destroy` makes it empty.
        """
        self.authors.add(author_id)
        self.people |= {author_id, *changed_by}
        self._starts.append(self.head.seq)
        if self.head.seq >= self._stored.seq:
            return False
        self.head = Head(self.head.seq + 1 + len(changed_by), self.head.ordinal + 1)
        if self.head.seq == self._stored.seq:
            if message_id != self._last_id:
                raise OtherPast
        elif self.head.seq > self._stored.seq:
            raise OtherPast
        return True

    def add(self, post: PastPost) -> None:
        """Write a message and its changes, soon. Its images belong to it from then on."""
        records = post.records(self.head)
        self.head = Head(records[-1]["seq"], records[-1]["ordinal"])
        self._waiting += records
        named = {user_id for text in post.texts() for user_id in Message.named_by(text)["mentions"]}
        if named:
            self._mentions.append(_mention(post.id, named))
        for image in post.images:
            if image_id := id_from(image["id"]):
                self._images.append((image_id, records[0]))
        if len(self._waiting) >= AT_ONCE:
            self.flush()

    def read_seq_before(self, messages: int) -> int:
        """Return how far somebody has read who has not read the last messages."""
        if not messages or not self._starts:
            return self.head.seq
        return self._starts[-min(messages, len(self._starts))]

    def flush(self) -> None:
        """Write what waits: mentions before their messages, and images after them."""
        if self._mentions:
            _insert_mentions(self._mentions)
        if self._waiting:
            database["log"].insert_many(self._waiting)
        for image_id, record in self._images:
            Image.attach(image_id, record["_id"], record["seq"], record["created_at"])
        self._waiting, self._mentions, self._images = [], [], []
        log_of(self.room_id).forget_head()

    def destroy(self) -> None:
        """Delete all messages: those of an earlier attempt with other ones."""
        for image_id in Image.ids_in(self.room_id):
            Image.discard(image_id)
        Message.forget_mentions_in(self.room_id)
        log_of(self.room_id).destroy()

    def _remove_half_written(self, head: Head) -> Head:
        """Remove a last message that lacks some of its changes. Return the head after that."""
        if head.seq == 0:
            return head
        last = self._entry_at(head.seq)
        seq = last["seq"] if last["event"] == POSTED else last["message_seq"]
        message = self._entry_at(seq)
        if max(message["applied_seq"], seq) <= head.seq:
            return head
        database["log"].delete_many({"room_id": self.room_id, "seq": {"$gte": seq, "$lt": 2**53}})
        log_of(self.room_id).forget_head()
        return Head(seq - 1, int(message["ordinal"]) - 1)

    def _message_at(self, head: Head) -> Id | None:
        if head.seq == 0:
            return None
        entry = self._entry_at(head.seq)
        found: Id = entry.get("message_id") or entry["_id"]
        return found

    def _entry_at(self, seq: int) -> Record:
        found = log_of(self.room_id).entries(seq - 1, seq)
        return found[0]


def _mention(message_id: Id, named: set[Id]) -> Record:
    """Return the record of a message's mentions, under an id that a repeat makes again."""
    return {"_id": message_id, "audience": sorted(named), "message_id": message_id}


def _insert_mentions(records: list[Record]) -> None:
    """Insert mentions; some may be there from an attempt that was interrupted."""
    try:
        database["mentions"].insert_many(records, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE for each in error.details["writeErrors"]):
            raise

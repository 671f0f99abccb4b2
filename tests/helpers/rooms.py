"""Rooms and messages, made by the models."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from chat.models.database import database
from chat.models.document import Id, id_from, new_id
from chat.models.key_ring import key_ring
from chat.models.log import POSTED, Draft
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.reading import Reading
from chat.models.room import Room
from chat.models.search import blind_index, index_blocks, index_records, indexer
from chat.models.search.message_search import search_messages
from chat.models.search.query import parse
from chat.models.user import User
from chat.utils.clock import now
from tests.helpers.chatter import fill


def make_room(*names: str) -> tuple[Room, dict[str, User]]:
    room = Room.prepare("private", "x", "")
    room.open()
    people = {name: User.register(f"{name}-{room.id}", name, "") for name in names}
    for user in people.values():
        Membership.begin(room, user.id, "member", 0)
    return room, people


def standing(room: Room, user: User) -> Reading:
    membership = Membership.find(room.id, user.id)
    assert membership
    return Reading.of(membership)


def draft(
    room_id: Id, client_id: str = "", author_id: Id | None = None, content: str = ""
) -> Draft:
    author_id, client_id = author_id or new_id(), client_id or os.urandom(8).hex()
    record = {
        "_id": new_id(),
        "room_id": room_id,
        "event": POSTED,
        "created_at": now(),
        "deleted_at": now(),
        "author_id": author_id,
        "client_id": client_id,
        "fingerprint": content.encode(),
    }
    return Draft(author_id, client_id, content.encode(), record)


def seqs(room_id: Id) -> list[int]:
    return sorted(record["seq"] for record in database["log"].find({"room_id": room_id}))


class Place:
    """A room with alice and bob."""

    def __init__(self, *bodies: str) -> None:
        self.room, self.people = make_room("alice", "bob")
        self.alice, self.bob = self.people["alice"], self.people["bob"]
        self.fill(bodies)

    def fill(self, bodies: Iterable[str]) -> None:
        fill(self.room, [self.alice, self.bob], list(bodies))

    def index(self) -> list[int]:
        return list(indexer.index(self.room.id))

    def say(self, body: str, author: User | None = None) -> Message:
        return Message.post(self.room.id, author or self.bob, f"c{Id()}", body)[0]

    def found(self, q: str, **options: Any) -> list[str]:
        return [hit.message.text.body for hit in search([self.room], q, **options).hits]

    def postings(self) -> list[bytes]:
        """Return every token of the room's index that stands for a message."""
        records = index_records.read(
            record["_id"]
            for record in database["postings"].find({"room_id": self.room.id}, {"_id": 1})
        )
        return [
            token
            for record_id, packed in records.items()
            if not record_id.endswith("table")
            for token in blind_index.unpack(packed)
        ]

    def token(self, word: str) -> bytes:
        return blind_index.tokens_of(key_ring.of(self.room.id).index, [word]).pop()


def search(rooms: list[Room], q: str, **options: Any) -> Any:
    settings: dict[str, Any] = {"before": None, "limit": 50, "author_ids": None} | options
    return search_messages(
        parse(q), [room.id for room in rooms], settings.pop("author_ids"), **settings
    )


def seq_indexed(room_id: str) -> int:
    room = id_from(room_id)
    assert room
    return index_blocks.states_of([room])[room].seq

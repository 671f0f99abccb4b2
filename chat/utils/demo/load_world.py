"""A world for load: as many people, rooms and messages as somebody wants."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from chat.utils.clock import now
from chat.utils.demo.conversations import conversations
from chat.utils.imports.past import PastMessage, PastPerson, PastRoom, mention_of

MEMBERS = 50  # of each room but the first, which everybody is in
APART = timedelta(minutes=2)  # between two messages of a room
MENTION_EVERY = 20  # messages
REACTION_EVERY = 10
REPLY_EVERY = 8
EMOJI = ("👍", "🎉", "👀", "❤️", "😂")


class LoadWorld:
    """The same world for the same numbers, on the same day."""

    name = "seed"

    def __init__(self, number: int, people: int, rooms: int, messages: int):
        self.key = f"load {number} {people} {rooms} {messages}"
        self._number = number
        self._people = [f"person-{each:05}" for each in range(1, people + 1)]
        self._rooms = rooms
        self._messages = messages
        self._today = now().replace(hour=0, minute=0, second=0, microsecond=0)
        self._sentences = [
            line.text
            for conversation in conversations()
            for line in conversation.lines
            if "`" not in line.text
        ]

    def people(self) -> Iterator[PastPerson]:
        for key in self._people:
            yield PastPerson(key, key, f"Person {key[-5:]}")

    def rooms(self) -> Iterator[PastRoom]:
        for number in range(self._rooms):
            members = self._people
            if number:
                count = min(MEMBERS, len(self._people))
                members = self._dice("members", number).sample(self._people, count)
            name = f"load-{number:04}" if number else "load-everybody"
            began = self._today - timedelta(days=1) - APART * self._count_in(number)
            yield PastRoom(str(number), "public", name, "", began, members[0], tuple(members))

    def messages(self, room: PastRoom) -> Iterator[PastMessage]:
        number = int(room.key)
        dice = self._dice("messages", number)
        members = room.members[: 4 * MEMBERS]
        for count in range(self._count_in(number)):
            text = f"{dice.choice(self._sentences)} {dice.choice(self._sentences)}"
            if count % MENTION_EVERY == 0:
                text = f"{mention_of(dice.choice(members))} {text}"
            reacted = count % REACTION_EVERY == 0
            yield PastMessage(
                key=str(count),
                created_at=room.created_at + APART * count,
                body=text,
                author=dice.choice(members),
                reply_to=str(count - 1) if count and count % REPLY_EVERY == 0 else None,
                reactions=((dice.choice(EMOJI), (dice.choice(members),)),) if reacted else (),
            )

    def _count_in(self, number: int) -> int:
        return self._messages // self._rooms + (number < self._messages % self._rooms)

    def _dice(self, what: str, number: int) -> random.Random:
        return random.Random(f"{self._number} {what} {number}")  # noqa: S311

"""Many messages in six scripts, written directly into a room's log, for tests of search."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate

from chat.models.database import Record, database
from chat.models.document import new_id
from chat.models.halves import halves
from chat.models.log import POSTED, log_of
from chat.models.message import Message
from chat.models.message.text import Text
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now

BATCH = 500
ALPHABETS = {
    "latin": "abcdefghijklmnopqrstuvwxyzäéîõůçñ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "greek": "αβγδεζηθικλμνξοπρστυφχψωάέί",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "devanagari": "कखगघचछजटडतदनपबमयरलवशसह",
    "han": "天地人大小山水火木金土日月年中上下左右東西南北春夏秋冬風雨雪花鳥魚肉米茶酒門車道路橋",
}


class Chatter:
    """A generator of sentences, deterministic by its seed.

    Words are as unevenly common as in languages.
    """

    def __init__(self, seed: int = 6, words: int = 2_000):
        self._dice = random.Random(seed)
        self.words = {script: self._vocabulary(script, words) for script in ALPHABETS}
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(words)))

    def sentence(self) -> str:
        script = self._dice.choice(list(ALPHABETS))
        words = self._dice.choices(
            self.words[script], cum_weights=self._weights, k=self._dice.randint(3, 14)
        )
        if script == "han":
            return "".join(words) + self._dice.choice("。！？")
        words = [word.capitalize() if self._dice.random() < 0.2 else word for word in words]
        return " ".join(words) + self._dice.choice([".", "!", "?", " 👍", " 42", ""])

    def _vocabulary(self, script: str, count: int) -> list[str]:
        low, high = (1, 3) if script == "han" else (1, 12)
        return [
            "".join(self._dice.choices(ALPHABETS[script], k=self._dice.randint(low, high)))
            for _ in range(count)
        ]


def fill(
    room: Room, authors: Sequence[User], bodies: Sequence[str], seconds_apart: float = 1
) -> None:
    """Put messages into a room's log as if they had been sent one by one, the last just now."""
    head, begin = log_of(room.id).head(), now() - timedelta(seconds=seconds_apart * len(bodies))
    for start in range(0, len(bodies), BATCH):
        records = [
            _record(
                room,
                authors[number % len(authors)],
                body,
                head.seq + number + 1,
                head.ordinal + number + 1,
            )
            | {"created_at": begin + timedelta(milliseconds=round(1000 * seconds_apart * number))}
            for number, body in enumerate(bodies[start : start + BATCH], start)
        ]
        database["log"].insert_many(records)
        database["rooms"].update_one(
            {"_id": room.id},
            {"$max": {"head_hint": records[-1]["seq"], "applied_hint": records[-1]["seq"]}},
        )
    log_of(room.id).forget_head()


def _record(room: Room, author: User, body: str, seq: int, ordinal: int) -> Record:
    message_id = new_id()
    return {
        "_id": message_id,
        "room_id": room.id,
        "event": POSTED,
        "author_id": author.id,
        "client_id": f"f{seq}",
        "applied_seq": 0,
        "fingerprint": b"",
        "text": Message.seal_text(
            Message.keys(room.id, message_id, halves.take()),
            room.id,
            message_id,
            Text.render(body, {}),
        ),
        "created_at": now(),
        "seq": seq,
        "ordinal": ordinal,
    }

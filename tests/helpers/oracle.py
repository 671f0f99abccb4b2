"""The oracle of search: reads the plain texts; slow, and too simple to be wrong."""

from __future__ import annotations

import random
import re
import unicodedata

from chat.models.document import Id
from chat.models.search import indexer
from chat.models.search.message_search import search_messages
from chat.models.search.query import parse
from tests.helpers.chatter import Chatter, fill
from tests.helpers.rooms import make_room

HAN = re.compile("[一-鿿]")
PAGE = 50


def check_against_oracle(count: int, questions: int) -> str:
    """Search for words and beginnings in `count` messages in six scripts, nearly all indexed.

    Raises AssertionError for any difference.
    """
    chatter, dice = Chatter(), random.Random(3)
    room, people = make_room("alice", "bob")
    bodies = [chatter.sentence() for _ in range(count)]
    indexed = count - 50
    fill(room, list(people.values()), bodies[:indexed])
    for _ in indexer.index(room.id):
        pass
    fill(room, list(people.values()), bodies[indexed:], seconds_apart=0)
    plain, hits = [plainly(body) for body in bodies], 0
    for number in range(questions):
        asked = _question(chatter, dice)
        wanted = [
            body for body, text in zip(bodies, plain, strict=True) if fits(text, plainly(asked))
        ]
        found = all_found(room.id, asked)
        assert sorted(found) == sorted(wanted), (number, asked, set(found) ^ set(wanted))
        hits += len(wanted)
    assert hits > questions, "the questions have answers"
    return f"{questions} questions, {hits} hits, recall and precision 1.0"


def all_found(room_id: Id, q: str) -> list[str]:
    """Return the bodies of every page of an answer."""
    bodies, before = [], None
    while True:
        found = search_messages(parse(q), [room_id], None, before=before, limit=PAGE)
        bodies += [hit.message.text.body for hit in found.hits]
        before = found.next
        if before is None:
            return bodies


def plainly(text: str) -> str:
    """Return the text without case, and without the accents of the oracle's alphabets."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize(
        "NFC",
        "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f"),
    )


def fits(text: str, asked: str) -> bool:
    """Return whether a text has the word.

    Han matches anywhere; other words match as a beginning from three letters on, shorter ones
    whole.
    """
    if HAN.search(asked):
        return asked in text
    return any(
        word == asked or (len(asked) >= 3 and word.startswith(asked))
        for word in re.split(r"[\s.!?]+", text)
    )


def _question(chatter: Chatter, dice: random.Random) -> str:
    script = dice.choice(list(chatter.words))
    word = dice.choice(chatter.words[script])
    return word if script == "han" or len(word) < 4 else word[: dice.randint(3, len(word))]

"""How texts are stored: small, whatever they contain, and the same when they are read."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from flask import Flask

from chat.models.database import database
from chat.models.message import Message, forget_opened
from chat.models.message import text as message_text
from chat.utils import markup
from tests.helpers.rooms import make_room

DICE = random.Random(3)
KINDS: dict[str, Callable[[str], str]] = {
    "ampersands": lambda _: "&" * 8_000,
    "mentions": lambda bob: f"@{bob} " * 400,
    "names of nobody": lambda _: "@z " * 2_600,
    "emphasis": lambda _: "*a* " * 2_000,
    "links": lambda _: "http://a.bc " * 600,
    "quotes": lambda _: '"<' * 4_000,
    "code": lambda _: "```py\n" + "(a,b)=[1];" * 190 + "\n```",
    "emoji": lambda _: "😀😃" * 4_000,
    "random words": lambda _: "".join(
        DICE.choices("abcdefghijklmnopqrstuvwxyz    ", k=8_000)
    ).strip(),
    "random signs": lambda _: "".join(chr(DICE.randrange(0x4E00, 0x9FFF)) for _ in range(8_000)),
    "random markup": lambda _: "".join(DICE.choices("*_`~[]()<>&@#|\n ab", k=8_000)).strip(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_takes_hardly_more_than_itself_whatever_becomes_of_it(app: Flask, kind: str) -> None:
    room, people = make_room("alice", "bob")
    body = KINDS[kind](people["bob"].username)
    said, _ = Message.post(room.id, people["alice"], "c1", body)
    record = database["log"].find_one({"_id": said.id})
    assert record
    assert len(record["text"]) <= 1.5 * len(body.encode()) + 300
    found = Message.find(said.id)
    assert found
    assert (found.text.body, found.text.html, found.text.names) == (
        said.text.body,
        said.text.html,
        said.text.names,
    )
    assert Message.open_body(record) == body


@pytest.mark.parametrize("body", ["good morning", "*good* morning", "@nobody " * 300])
def test_the_rendered_form_is_kept_where_it_saves_more_than_it_costs(
    app: Flask, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice")
    said, _ = Message.post(room.id, people["alice"], "c1", body)
    rendered: list[str] = []
    real = markup.render
    monkeypatch.setattr(
        message_text.markup,
        "render",
        lambda *arguments: rendered.append(arguments[0]) or real(*arguments),
    )
    assert Message.find(said.id).text.html == said.text.html  # type: ignore[union-attr]
    assert rendered == [], "what is kept, or plain, is not rendered again"
    monkeypatch.setattr(message_text.markup, "RENDERER", markup.RENDERER + 1)
    assert Message.find(said.id).text.html == said.text.html  # type: ignore[union-attr]
    assert rendered == ([] if body == "good morning" else [body]), (
        "and a newer renderer renders anew what has markup"
    )


def test_what_was_kept_before_texts_were_packed_opens(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice")
    monkeypatch.setattr(message_text, "PACKED_FROM", 10**9)
    said, _ = Message.post(room.id, people["alice"], "c1", "*good* morning " * 300)
    monkeypatch.undo()
    assert Message.find(said.id).text.html == said.text.html  # type: ignore[union-attr]


def test_a_large_text_is_not_remembered_though_its_record_is_small(app: Flask) -> None:
    room, people = make_room("alice")
    for number in range(3):
        Message.post(room.id, people["alice"], f"c{number}", "&" * 8_000)
    Message.post(room.id, people["alice"], "small", "tea")
    forget_opened()
    first, second = (Message.page(room.id).messages for _ in range(2))
    assert [
        message.text.body for message, again in zip(first, second, strict=True) if message is again
    ] == ["tea"]

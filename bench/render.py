"""Measure the rendering and sealing of a message, and a page of fifty rendered messages.

The figures are CPU of this process. Of the page, the time of the database queries in here is
printed separately and left out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import orjson
from flask import current_app

from bench.own import own_database
from chat.extensions import settings
from chat.models.document import new_id
from chat.models.halves import halves
from chat.models.log import log_of
from chat.models.message import Message, forget_opened
from chat.models.message.paged import USUAL_PAGE, Page
from chat.models.message.text import Text
from chat.models.session import Session
from chat.routes import cookies
from chat.routes.tokens import Pair
from chat.schemas.messages import message_json, show_page
from chat.utils import markup
from tests.helpers.chatter import Chatter, fill
from tests.helpers.rooms import make_room

BATCHES = 7
MOST_OF_A_MESSAGE, MOST_OF_A_PAGE = 1.0, 5.0  # ms
CODE = "def greet(name: str) -> str:\n    return f'Good morning, {name}'\n"
RICH = (
    "Good *morning*, **everybody**: [the plan](https://example.org/plan) is\n\n"
    "- [x] coffee :coffee:\n- [ ] ~~tea~~ `make tea`\n\n> said @bob"
)


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--times", type=int, default=100, help="in each of seven batches, the best of which counts"
    )
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database():
        figures = _messages(wanted.times) | _pages(wanted.times)
    for name, (milliseconds, most) in figures.items():
        print(f"{name:44}{milliseconds:8.2f} ms" + (f" of {most:.0f}" if most else ""), flush=True)
    if wanted.json:
        wanted.json.write_text(
            json.dumps(
                {name: round(milliseconds, 3) for name, (milliseconds, _) in figures.items()},
                indent=2,
            )
            + "\n"
        )
    if dear := [
        name for name, (milliseconds, most) in figures.items() if most and milliseconds > most
    ]:
        raise SystemExit(f"above what is promised: {', '.join(dear)}")


Figures = dict[str, tuple[float, float | None]]  # ms, and how many they may be


def _messages(times: int) -> Figures:
    chatter = Chatter()
    sentences = [chatter.sentence() for _ in range(times)]
    bodies: dict[str, tuple[Sequence[str], float | None]] = {
        "a sentence": (sentences, MOST_OF_A_MESSAGE),
        "a list, links, emphasis, a mention": ([RICH] * times, MOST_OF_A_MESSAGE),
        "ten lines of code, coloured": ([f"```python\n{CODE * 5}```"] * times, None),
        "8,000 characters of prose": ([" ".join(sentences * 99)[:8000]] * times, None),
    }
    room, people = make_room("bob")
    names = {"bob": str(people["bob"].id)}

    def seal(said: Sequence[str]) -> None:
        for body in said:
            message_id = new_id()
            keys = Message.keys(room.id, message_id, halves.take())
            text = Text(body, markup.render(body, names).html, names)
            Message.seal_text(keys, room.id, message_id, text)

    return {
        f"rendering and sealing {name}": (_best(partial(seal, said)) / times, most)
        for name, (said, most) in bodies.items()
    }


def _pages(times: int) -> Figures:
    """Render fifty sentences by two people: as JSON, and as the whole page for a browser.

    The JSON is made of the database's records; the page includes the database.
    """
    room, people = make_room("alice", "bob")
    fill(room, list(people.values()), [Chatter().sentence() for _ in range(2 * USUAL_PAGE)])
    head, records = log_of(room.id).head_and_tail(USUAL_PAGE)
    browser = current_app.test_client()
    bob = people["bob"]
    browser.set_cookie(
        cookies.name_of(cookies.ACCESS), Pair.of(bob, Session.begin(bob.id, "bench")).access
    )

    def show(*, anew: bool) -> None:
        for _ in range(times):
            if anew:
                forget_opened()
            # A plain dict keeps no opened message.
            read = [dict(record) for record in records] if anew else records
            page = Page([*Message.from_records(read)], head.seq, has_before=True, has_after=False)
            assert len(orjson.dumps(show_page(page, message_json))) > 50 * 200

    def open_page() -> None:
        for _ in range(times):
            page = browser.get(f"/rooms/{room.id}", base_url=settings().public_url)
            assert page.text.count("message-body") > USUAL_PAGE

    return {
        "a page of fifty, rendered already": (
            _best(lambda: show(anew=True)) / times,
            MOST_OF_A_PAGE,
        ),
        "the same, read by somebody before": (_best(lambda: show(anew=False)) / times, None),
        "the same for a browser, with its database": (_best(open_page) / times, None),
    }


def _best(work: Callable[[], None]) -> float:
    """Return the CPU in ms of the best batch: other load only makes a batch slower."""
    took = []
    for _ in range(BATCHES):
        began = time.process_time()
        work()
        took.append(1000 * (time.process_time() - began))
    return min(took)

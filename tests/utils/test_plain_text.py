"""The plain text that a reader sees of a message."""

from __future__ import annotations

import time

import pytest

from chat.utils import markup
from chat.utils.plain_text import plain_text


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("plain & simple <b>", "plain & simple <b>"),
        ("**bold** _and_ ~~struck~~ `a < b`", "bold and struck a < b"),
        ("[the garden](https://example.org/a?b=1&c=2)", "the garden"),
        ("# Title\n\nfirst\nsecond\n\nthird", "Title\nfirst\nsecond\nthird"),
        ("- one\n- two", "one\ntwo"),
        ("> quoted\n\nanswer", "quoted\nanswer"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"),
        ("```\nx = 1\n  y\n```", "x = 1\n  y"),
        (":rocket: up", "🚀 up"),
    ],
)
def test_it_has_no_markup(body: str, seen: str) -> None:
    lines = [line.rstrip() for line in plain_text(markup.render(body).html).split("\n")]
    assert [line for line in lines if line] == seen.split("\n")


def test_no_html_takes_long() -> None:
    for html in ("<" * 40_000, "<a" * 20_000, '<a "' * 10_000, "</p>" * 10_000, "&lt;" * 10_000):
        begun = time.process_time()
        plain_text(html)
        assert time.process_time() - begun < 0.2, html[:10]

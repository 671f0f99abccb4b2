"""The plain text that a reader sees of a message."""

from __future__ import annotations

import time

import pytest

from chat.utils import markup
from chat.utils.plain_text import LONGEST_EXCERPT, excerpt_of, plain_text, plain_text_and_code


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


@pytest.mark.parametrize(
    "body", ["`a` b `c`\n\n`d`", "x\n\n```\n  y\nz\n```\n\nend", "no code", "- `a`\n- b"]
)
def test_what_is_code_in_it_is_known(body: str) -> None:
    html = markup.render(body).html
    text, code = plain_text_and_code(html)
    assert text == plain_text(html)
    typed = body.replace("```", "`").split("`")[1::2]
    assert [text[low:high].strip() for low, high in code] == [each.strip() for each in typed]


@pytest.mark.parametrize(
    ("body", "beginning"),
    [
        ("**bold**\n\n- [the garden](https://example.org)\n- `code`", "bold the garden code"),
        (
            "tea :coffee: or\n:tada::+1: at 10:100:30, docker:key:latest :nothing:",
            "tea ☕ or 🎉👍 at 10:100:30, docker:key:latest :nothing:",
        ),
        ("---", "---"),
        ("", ""),
    ],
)
def test_an_excerpt_shows_what_the_message_shows(body: str, beginning: str) -> None:
    assert excerpt_of(markup.render(body).html if body else "", body) == beginning


def test_an_excerpt_is_short() -> None:
    body = "**so** " + "so " * 99
    excerpt = excerpt_of(markup.render(body).html, body)
    assert excerpt == ("so " * 100)[: LONGEST_EXCERPT - 1].rstrip() + "…"


def test_no_html_takes_long() -> None:
    for html in ("<" * 40_000, "<a" * 20_000, '<a "' * 10_000, "</p>" * 10_000, "&lt;" * 10_000):
        begun = time.process_time()
        plain_text(html)
        assert time.process_time() - begun < 0.2, html[:10]

"""The dialect of the chat (docs/text.md): what people type and paste, and how it is shown."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.utils.markup import names_in, render
from chat.utils.markup.links import use_hosts
from chat.utils.mention_syntax import MOST_NAMES, MOST_READINGS

ROOT = Path(__file__).parent.parent.parent
CORPUS = ROOT / "tests" / "corpus" / "text.jsonl"
_ADDED_TO_LINKS = re.compile(r' (?:target|rel)="[^"]*"')
PEOPLE = {
    name: name
    for name in ("alice", "bob", "bill", "tim", "田中", "田中太郎", "민수", "strasse", "bob.smith")
}


def rows() -> list[Any]:
    return list(_rows())


def _rows() -> Iterator[Any]:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield pytest.param(row, id=f"{row['about']}: {ascii(row['typed'])[:60]}")


@pytest.mark.parametrize("row", rows())
def test_what_colleagues_type_is_shown_as_they_meant_it(row: dict[str, Any]) -> None:
    found = render(row["typed"], PEOPLE)
    assert _ADDED_TO_LINKS.sub("", found.html).replace("&nbsp;", "\xa0") == row["shown"]
    assert sorted(found.named) == row.get("named", [])


@pytest.mark.parametrize("row", rows())
def test_whoever_is_named_in_a_text_was_looked_for(row: dict[str, Any]) -> None:
    assert set(row.get("named", [])) <= names_in(row["typed"])


LOG_LINE = "2026-11-28 12:00:01 GET https://example.org/path/1?a=1&b=2 200\n"
LONG = {
    "a task list": ("- [ ] do the thing\n" * 400, "<li", 400),
    "JSON": ('  "key_5": "https://a.org/5",\n' * 260, "</a>", 260),
    "times and names": ("[12:05] <bob> hi :) see www.a.org/5\n" * 222, "</a>", 222),
    "a log": ((LOG_LINE * 200)[:8_000], "</a>", 120),
    "a table": ("| a | b | c |\n|---|---|---|\n" + "| 1 | 2 | 3 |\n" * 560, "<tr>", 561),
    "mail addresses": (
        "".join(f"aa{number}@bb{number}.cd " for number in range(540))[:8_000],
        "</a>",
        500,
    ),
    "documentation": (
        (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")[:7_900],
        "<li>",
        10,
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_of_every_day_are_not_shown_raw(name: str) -> None:
    text, part, least = LONG[name]
    assert len(text) <= 8_000
    assert render(text).html.count(part) >= least


def test_names_to_look_for_are_bounded_in_every_script() -> None:
    sentence = "@" + "".join(chr(0x4E00 + number) for number in range(31)) + " "
    assert len(names_in("".join(f"@n{number}さんへ " for number in range(1_000)))) <= 5 * MOST_NAMES
    assert len(names_in(sentence.translate({0x4E00: 0x4E01}) * 100)) <= MOST_READINGS + 32
    many = "".join(
        "@" + "".join(chr(0x4E00 + 40 * row + number) for number in range(31)) + " "
        for row in range(60)
    )
    assert len(names_in(many)) <= MOST_READINGS + 32


@pytest.fixture
def own_hosts() -> Iterator[None]:
    use_hosts(("http://wiki", "https://jira", "http://build:8080", "http://wiki.corp"))
    yield
    use_hosts(())


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("see wiki/Start_page.", "http://wiki/Start_page"),
        ("JIRA/ABC-1, please", "https://JIRA/ABC-1"),
        ("(build:8080/job/7)", "http://build:8080/job/7"),
        ("wiki.corp/日本", "http://wiki.corp/%E6%97%A5%E6%9C%AC"),
    ],
)
def test_hosts_of_the_house_need_no_scheme(own_hosts: None, typed: str, address: str) -> None:
    assert f'href="{address.replace("JIRA", "jira")}"' in render(typed).html


@pytest.mark.parametrize(
    "typed",
    ["the wiki says", "src/wiki/Start", "mywiki/Start", "wikis/Start", "a.wiki/x", "me@wiki/x"],
)
def test_what_is_no_host_of_the_house_stays_text(own_hosts: None, typed: str) -> None:
    assert "<a" not in render(typed).html


def test_without_that_setting_a_path_is_a_path() -> None:
    assert render("see wiki/Start").html == "<p>see wiki/Start</p>"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("- מים\n- לחם!", '<ul dir="rtl">'),
        ("1. مرحبا\n2. b", '<ol dir="rtl">'),
        ("# כותרת!", '<h3 dir="rtl">'),
        ("- [ ] משימה!", 'dir="rtl"'),
        ("> שלום", '<blockquote dir="rtl">'),
        ("| א | ב |\n|---|---|\n| 1 | 2 |", '<table dir="rtl">'),
    ],
)
def test_blocks_that_run_from_right_to_left_stand_on_the_right(typed: str, shown: str) -> None:
    assert shown in render(typed).html
    assert "dir=" not in render("- water\n- מים").html, "the first letter decides"


@pytest.mark.parametrize(
    "text",
    [
        "|".join("a" * 700) + "\n" + "|".join("-" * 700) + "\n" + "|\n" * 1_500,
        "a|b\n-|-\n" * 1_000,
        "a|b\n-|-\n" + "|\n" * 3_900,
        "\\[" * 3_900 + "](https://a.org)",
        "```py\nx=1\n```\n" * 570,
        "https://x.org/((((" * 440,
        "1. a\n" * 1_600,
        "- a\n1. b\n" * 490 + "```\nx\n```",
        "**a " * 200 + "(x " * 2_100 + "a** " * 200,
    ],
)
def test_what_was_made_to_be_slow_ends(text: str) -> None:
    begun = time.thread_time()
    render(text)
    assert time.thread_time() - begun < 0.3, "it takes 0.02 s on a quiet machine; it took 11"


ALTERNATING = [
    "- a\n1. b\n",
    "- a\n* b\n",
    "> - a\n> 1. b\n",
    "- a\n  1. b\n",
    "x ~~~\n~~~py\n",
    "> a\n- b\n",
]


@pytest.mark.parametrize("piece", ALTERNATING)
def test_many_lists_in_a_row_take_no_longer_than_their_text(piece: str) -> None:
    def seconds(count: int) -> float:
        begun = time.thread_time()
        render(piece * count)
        return time.thread_time() - begun

    few, many = (min(seconds(count) for _ in range(3)) for count in (100, 400))
    assert many < 8 * few + 0.005, "four times the text; the square would be sixteen"

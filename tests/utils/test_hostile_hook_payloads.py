"""Payloads that are longer, deeper or stranger than a message may be."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

import pytest

from chat.utils.hook_payloads import HookMessage, UnreadablePayload, read
from chat.utils.markup import render
from chat.utils.text import clean_text

LONGEST = 8_000
LINE = "\nmore"
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)


def posted(payload: object, longest: int = LONGEST) -> HookMessage:
    return read("application/json", json.dumps(payload).encode(), longest)


def test_more_than_slack_takes_is_counted_not_shown() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": f"b{n}"}} for n in range(53)]
    assert posted({"blocks": blocks}).text.endswith("b49\n\n… and 3 more parts")
    attachments = [{"text": f"a{n}"} for n in range(101)]
    assert posted({"attachments": attachments}).text.endswith("a99\n\n… and 1 more part")


def test_a_long_text_is_cut_at_a_line_and_says_how_much_is_missing() -> None:
    lines = "\n".join(f"line {number:03}" for number in range(200))
    shown = posted({"text": lines}, longest=500).text
    kept, _blank, note = shown.rpartition("\n\n")
    assert lines.startswith(f"{kept}\n") and len(shown) <= 500
    assert note == f"… cut: {len(lines) - len(kept)} more characters"
    assert posted({"text": "a" * 500}, longest=500).text == "a" * 500
    assert len(posted({"text": "a" * 501}, longest=500).text) <= 500


def test_a_fence_that_is_cut_stays_closed() -> None:
    for opening in ("```", "```json", "text ```", "~~~\n````"):
        shown = posted({"text": f"{opening}\n{'code' + LINE * 300}```"}, longest=500).text
        html = render(shown).html
        assert "… cut:" in shown
        assert "cut" not in "".join(_CODE.findall(html))


def test_colours_of_a_log_do_not_count_as_text() -> None:
    log = "\x1b[31mred\x1b[0m text\n" * 40
    assert "cut" not in posted({"text": log}, longest=400).text
    assert (
        clean_text(posted({"text": log}, longest=400).text, lines=True)
        == ("red text\n" * 40).rstrip()
    )


def test_what_is_missing_is_counted_where_nothing_of_it_was_converted() -> None:
    attachments = [{"text": "*word* " * 1_000} for _ in range(100)]
    shown = posted({"attachments": attachments}, longest=500).text
    count = int(re.search(r"cut: (\d+) more", shown)[1])
    assert 690_000 < count < 800_000


@pytest.mark.parametrize("ts", [1e308, float("nan"), -1, 10**30, True, "soon", "9" * 5_000, [], {}])
def test_a_time_that_is_none_is_left_out(ts: object) -> None:
    assert posted({"attachments": [{"text": "a", "footer": "f", "ts": ts}]}).text == "a\n\nf"


@pytest.mark.parametrize("depth", [10, 500, 900, 990, 5_000])
def test_what_is_deep_is_not_written_as_text(depth: int) -> None:
    deep = '"type":' + "[" * depth + "]" * depth + ","
    text = "{" + deep + '"text": "x"}'
    rich = f'{{"type": "rich_text", "elements": [{text}]}}'
    body = f'{{"text": "x", "attachments": [{text}], "blocks": [{text}, {rich}]}}'
    try:
        message = read("application/json", body.encode(), LONGEST)
    except UnreadablePayload:
        return
    assert "[[" not in message.text


BOLD = {"type": "text", "text": "a", "style": {"bold": True}}


def rich_text(elements: list[object]) -> dict[str, object]:
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "elements": [section]}


HOSTILE: dict[str, Callable[[int], object]] = {
    "stars": lambda n: {"text": "*a " * n},
    "stars in a row": lambda n: {"text": "*" * 3 * n},
    "angles": lambda n: {"text": "<a" * n},
    "bars": lambda n: {"text": "<https://a|" * n},
    "fences": lambda n: {"text": "```" * n},
    "open fences": lambda n: {"text": "```a\n" * n + "``"},
    "backticks": lambda n: {"text": "`a" * n},
    "addresses": lambda n: {"text": "https://" * n},
    "quotes": lambda n: {"text": ">>>\n" * n},
    "entities": lambda n: {"text": "&amp;" * n},
    "signs as they are": lambda n: {"text": "_a *b ~~c `" * n, "mrkdwn": False},
    "brackets": lambda n: {"text": "*" + "[(" * n + "*"},
    "spaces": lambda n: {"text": "*a" + " " * n},
    "attachments": lambda n: {"attachments": [{"title": "*a", "text": "*a*"}] * n},
    "fields": lambda n: {"attachments": [{"fields": [{"title": "a", "value": "b"}] * 50}] * 100},
    "blocks": lambda n: {"blocks": [{"type": "x" * 50}] * n},
    "rich text": lambda n: {"blocks": [rich_text([BOLD] * (n // 10))] * 5},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_payloads_become_short_messages(kind: str) -> None:
    assert 0 < len(posted(HOSTILE[kind](10_000)).text) <= LONGEST


KEYS = """
text attachments blocks fields elements type title title_link value short color ts footer url
pretext fallback actions accessory style mrkdwn mrkdwn_in image_url alt_text indent offset unicode
name username icon_emoji author_name author_link language placeholder
""".split()  # noqa: SIM905
KINDS = """
mrkdwn plain_text section header context actions image button rich_text rich_text_section
rich_text_list rich_text_preformatted rich_text_quote link text date emoji video markdown good
""".split()  # noqa: SIM905  a column of words is easier to read
STRANGE = [None, True, 0, -1, 1e308, float("nan"), 10**30, "", "*a*", "`" * 5]
STRANGE += ["<https://a|b>", "<!date^9^x|>", "<!>", "<@>", "\ud800", "\ufdd0", "\0"]
VALUES = [*STRANGE, *KINDS]


def any_json(dice: random.Random, depth: int) -> object:
    kind = dice.randrange(4) if depth else 0
    if kind == 1:
        return [any_json(dice, depth - 1) for _ in range(dice.randrange(4))]
    if kind > 1:
        return {dice.choice(KEYS): any_json(dice, depth - 1) for _ in range(dice.randrange(1, 8))}
    return dice.choice(VALUES)


def test_no_shape_of_json_raises_anything_else() -> None:
    dice = random.Random(25)
    shown = 0
    for _ in range(300):
        payload = {key: any_json(dice, 5) for key in ("text", "blocks", "attachments")}
        try:
            message = posted(payload, longest=300)
        except UnreadablePayload:
            continue
        assert 0 < len(message.text) <= 300
        message.text.encode()
        shown += 1
    assert shown > 80

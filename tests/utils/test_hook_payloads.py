"""What tools post to incoming webhooks, and the messages that come of it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chat.utils.hook_payloads import HookMessage, UnreadablePayload, read
from chat.utils.hook_payloads.colours import sign_of
from chat.utils.markup import render
from chat.utils.plain_text import plain_text
from chat.utils.translation import spoken

CORPUS = Path(__file__).parent.parent / "corpus" / "hooks"
LONGEST = 8_000
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_HREF = re.compile(r'<a href="([^"]*)"')
_BOLD = re.compile(r"<strong>(.*?)</strong>", re.DOTALL)
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_SIGNS = re.compile(r"[*<>`]|\\|~~|\]\(")


def cases() -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted(CORPUS.glob("*.json"))]


def body_of(case: dict[str, Any]) -> bytes:
    body = case["body"]
    if not isinstance(body, str):
        body = json.dumps(body)
        if case["content_type"].startswith(FORM):
            body = urlencode({"payload": body})
    return body.encode()


def posted(payload: object, longest: int = LONGEST) -> HookMessage:
    return read(JSON, json.dumps(payload).encode(), longest)


def text_of(text: str) -> str:
    return posted({"text": text}).text


@pytest.mark.parametrize("path", cases())
def test_what_a_tool_posts_becomes_the_message_beside_it(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    message = read(case["content_type"], body_of(case), LONGEST)
    assert message.text == path.with_suffix(".md").read_text(encoding="utf-8").removesuffix("\n")
    assert (message.name, message.icon) == (case.get("name"), case.get("icon"))


@pytest.mark.parametrize("path", cases())
def test_its_links_bold_words_and_code_arrive_and_no_sign_is_left_over(path: Path) -> None:
    """`stars` of a case: the signs that the tool means as signs."""
    case = json.loads(path.read_text(encoding="utf-8"))
    html = render(read(case["content_type"], body_of(case), LONGEST).text).html
    assert [unescape(href) for href in _HREF.findall(html)] == case.get("links", [])
    assert [plain_text(words) for words in _BOLD.findall(html)] == case.get("bold", [])
    assert [unescape(re.sub("<.*?>", "", code)) for code in _CODE.findall(html)] == case.get(
        "code", []
    )
    seen = plain_text(_CODE.sub("", html))
    for meant in case.get("stars", []):
        assert meant in seen
        seen = seen.replace(meant, "")
    assert _SIGNS.findall(seen) == []


@pytest.mark.parametrize(
    ("slack", "ours"),
    [
        ("*bold* and *two words*.", "**bold** and **two words**."),
        ("_*both*_ ~gone~", "_**both**_ ~~gone~~"),
        ("**bold** __x__ ~~gone~~ [a](https://a.org/b_c_d)", None),
        ("2*3*4 a*b* *.txt *.py ~/a ~/b x~y", None),
        ("/a/*b/c*/d *a*/b count(*) and sum(*), int *a, *b", None),
        ("*one*, (*two*): *a&amp;b*; • *3 %*", "**one**, (**two**): **a&b**; • **3 %**"),
        ("`*code*` and ```*a*\nb```", "`*code*` and ```\n*a*\nb\n```"),
        ("a & b &amp; &lt;c&gt; &amp;lt; &copy;", "a & b & <c> &lt; &copy;"),
        ("<https://a.org|words> <https://a.org>", "[words](https://a.org) <https://a.org>"),
        ("<https://a.org/?a=1&amp;b=2|*fat*>", "[**fat**](https://a.org/?a=1&b=2)"),
        ("<https://a.org/x y(|a [b>", "[a (b](https://a.org/x%20y%28)"),
        ("<mailto:a@b.org|a@b.org> <mailto:a@b.org|Ann>", "a@b.org [Ann](mailto:a@b.org)"),
        ("<tel:+123|call> <javascript:alert(1)|x>", "call (tel:+123) x (javascript:alert(1))"),
        ("<!here> <!channel|channel> <!everyone>", "@room @room @room"),
        ("<!subteam^S1|@ops> <!subteam^S2> <!else|word>", "@ops @S2 word"),
        (
            "<!date^1392734382^{date}|Feb 18> <!date^1392734382^{date}>",
            "Feb 18 2014-02-18 14:39 UTC",
        ),
        ("<!date^1^{date}^https://a.org|then>", "[then](https://a.org)"),
        ("<@U1|bob> <@U1> @carol <#C1|general> <#C1>", "@bob @U1 @carol #general #C1"),
        ("a < b and c > d, <b>html</b>, <!doctype html>", None),
        ("&gt; one\n>two\n>> x\na", "> one\n> two\n>> x\na"),
        ("above\n>>> all\n\nof it", "above\n> all\n>\n> of it"),
        ("```open\n*x*", "```\nopen\n*x*\n```".replace("```\nopen", "```open")),
        ("https://a.org/*a*/b~c~", None),
    ],
)
def test_slacks_markup_becomes_the_chats_and_markdown_stays(slack: str, ours: str | None) -> None:
    assert text_of(slack) == (slack if ours is None else ours)


def test_a_text_that_is_not_in_slacks_markup_keeps_its_signs() -> None:
    shown = posted(
        {"text": "*a word* `x` and `y` __init__ a/*b*/c <https://a.org|link>", "mrkdwn": False}
    ).text
    assert shown == "\\*a word* \\`x\\` and \\`y\\` __init__ a/*b*/c [link](https://a.org)"
    assert plain_text(render(shown).html) == "*a word* `x` and `y` __init__ a/*b*/c link"


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        (JSON, '{"text": "hi"}', "hi"),
        (f"{JSON}; charset=utf-8", '\ufeff {"text": "hi"}', "hi"),
        (FORM, '{"text": "a=1&b=2"}', "a=1&b=2"),
        (FORM, urlencode({"payload": '{"text": "a & b"}'}), "a & b"),
        (FORM, "text=a+%26+b&username=x", "a & b"),
        (FORM, "deploy done", "deploy done"),
        ("", '{"text": "hi"}', "hi"),
        ("", "plain *words*", "plain *words*"),
        ("text/plain", "plain *words* <https://a.org|x>", "plain *words* <https://a.org|x>"),
        ("text/plain", '{"text": "hi"}', "hi"),
        ("text/plain", '{"answer": 42}', '{"answer": 42}'),
        ("text/plain", "{ not JSON", "{ not JSON"),
        (JSON, '{"text": "a\nb"}', "a\nb"),
        (JSON, '{"text": 42}', "42"),
        (JSON, '{"text": "\\ud800 half", "blocks": null, "attachments": {}}', "? half"),
        (JSON, '{"text": "no \\u0000 \\ud800"}', "no  ?"),
    ],
)
def test_each_kind_of_body_is_read(content_type: str, body: str, text: str) -> None:
    assert read(content_type, body.encode(), LONGEST).text == text


@pytest.mark.parametrize(
    ("content_type", "body", "sentence"),
    [
        (JSON, b'{"text": "hi', "This JSON is broken."),
        (JSON, b"[" * 100_000, "This JSON is broken."),
        (JSON, b'{"text": ' + b"9" * 5_000 + b"}", "This JSON is broken."),
        (JSON, b"\xff\xfe", "This JSON is broken."),
        (FORM, b"payload=%7B", "This JSON is broken."),
        (JSON, b'["text"]', "Send a JSON object that has a text."),
        (JSON, b'"text"', "Send a JSON object that has a text."),
        (JSON, b"{}", "There is nothing to show: send text, attachments or blocks."),
        (JSON, b'{"text": " \\n"}', "There is nothing to show: send text, attachments or blocks."),
        (
            JSON,
            b'{"attachments": [{"color": "good"}, 3]}',
            "There is nothing to show: send text, attachments or blocks.",
        ),
        ("text/plain", b"", "There is nothing to show: send text, attachments or blocks."),
    ],
)
def test_what_is_no_message_is_refused_in_a_sentence(
    content_type: str, body: bytes, sentence: str
) -> None:
    with pytest.raises(UnreadablePayload) as refused:
        read(content_type, body, LONGEST)
    assert refused.value.message == sentence
    assert refused.value.status == 422


def test_a_refusal_speaks_the_language_of_who_asks() -> None:
    with spoken("de"), pytest.raises(UnreadablePayload) as refused:
        read(JSON, b"{", LONGEST)
    assert refused.value.message == "Dieses JSON ist fehlerhaft."


def test_blocks_are_shown_instead_of_the_text_and_attachments_beside_it() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "block"}}
    attachment = {"text": "attached"}
    assert posted({"text": "text", "blocks": [block]}).text == "block"
    assert posted({"text": "text", "blocks": []}).text == "text"
    assert posted({"text": "text", "attachments": [attachment]}).text == "text\n\nattached"
    both = {"text": "text", "blocks": [block], "attachments": [attachment]}
    assert posted(both).text == "block\n\nattached"


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        (":rocket:", "🚀"),
        ("rocket", "🚀"),
        ("🚀", "🚀"),
        (":wave::skin-tone-2:", "👋🏻"),
        (":our_own_logo:", None),
        ("", None),
        (":" * 10_000, None),
        (7, None),
    ],
)
def test_an_icon_is_one_emoji_or_none(written: object, sign: str | None) -> None:
    assert posted({"text": "x", "icon_emoji": written}).icon == sign


def test_a_name_is_one_clean_line_of_at_most_80_characters() -> None:
    assert posted({"text": "x", "username": " Robby\n\x1b[31mthe bot "}).name == "Robby the bot"
    assert posted({"text": "x", "username": "r" * 500}).name == "r" * 80
    assert posted({"text": "x", "username": "\ud800"}).name == "?"
    assert posted({"text": "x", "username": "\u202eecila\u200b"}).name == "ecila", "as of people"
    for nobody in ("", "  ", None, 5, ["Robby"]):
        assert posted({"text": "x", "username": nobody}).name is None


@pytest.mark.parametrize(
    ("sign", "colours"),
    [
        ("🔴", "danger #D63232 #E03E2F #e01e5a cb2431 #f00"),
        ("🟠", "#ff9900 eb6420 #e8912d"),
        ("🟡", "warning #ffcc00 ffd930 #ECB22E"),
        ("🟢", "good GOOD #36a64f #2eb886 #2cbe4e 8000"),
        ("🔵", "#439FE0 #0366d6 #00bfff"),
        ("🟣", "#7b2d8b #800080 #ff00ff"),
        ("⚫", "#000 #24292f #444444"),
        ("⚪", "#fff #dddddd"),
        ("", "nonsense #gg0000 #1234567"),
    ],
)
def test_a_colour_becomes_the_nearest_sign(sign: str, colours: str) -> None:
    assert {colour: sign_of(colour) for colour in colours.split()} == dict.fromkeys(
        colours.split(), sign
    )


@pytest.mark.parametrize("text", ["🔴 Down", "*🔴 Down*"])
def test_a_text_with_a_sign_of_its_own_gets_no_second_one(text: str) -> None:
    shown = posted({"attachments": [{"color": "#e01e5a", "text": text}]}).text
    assert shown.count("🔴") == 1


def test_what_is_nested_in_an_attachment_is_named() -> None:
    shown = posted({"attachments": [{"text": "a", "attachments": [{"text": "deeper"}]}]}).text
    assert shown == "a\n\n(Not shown here: attachments)"

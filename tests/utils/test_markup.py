"""Markup: from what people wrote to what is shown."""

from __future__ import annotations

import random
import re
import time
from types import SimpleNamespace

import pytest

from chat.utils import markup
from chat.utils.addresses import leads_elsewhere
from chat.utils.highlighting import CLASSES, LANGUAGES, highlight
from chat.utils.markup import MOST_STEPS, names_in, render
from chat.utils.markup.steps import Steps
from chat.utils.mention_syntax import MOST_MARKS, MOST_NAMES
from tests.helpers.hostile import HOSTILE

BOB, SMITH = "b" * 24, "5" * 24
NAMES = {"bob": BOB, "bob.smith": SMITH, "room": markup.ROOM}
LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
SHOWS_BOB = f'<span class="mention" data-user-id="{BOB}">'


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Good morning", "<p>Good morning</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("# big", "<h3>big</h3>"),
        ("###### small", "<h6>small</h6>"),
        ("> said\n> before", "<blockquote>\n<p>said<br>before</p>\n</blockquote>"),
        ("3. three\n4. four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>'),
        ("---", "<hr>"),
        (
            '[here](https://x.org/a?b=1&c=2 "t")',
            f'<p><a href="https://x.org/a?b=1&amp;c=2" title="t" {LINK}>here</a></p>',
        ),
        (
            "https://x.org/a_b_c.",
            f'<p><a href="https://x.org/a_b_c" {LINK}>https://x.org/a_b_c</a>.</p>',
        ),
        (
            "www.bbc.co.uk/news",
            f'<p><a href="https://www.bbc.co.uk/news" {LINK}>www.bbc.co.uk/news</a></p>',
        ),
        ("me@x.org", f'<p><a href="mailto:me@x.org" {LINK}>me@x.org</a></p>'),
        (
            "README.md and main.py, 12:30:45 // note",
            "<p>README.md and main.py, 12:30:45 // note</p>",
        ),
        (
            "see ![a boat](https://x.org/boat.png)",
            f'<p>see <a href="https://x.org/boat.png" {LINK}>a boat</a></p>',
        ),
        (
            ":heart: :+1: :thumbs_up: :nothing_such: `:heart:`",
            "<p>❤️ 👍 👍 :nothing_such: <code>:heart:</code></p>",
        ),
        ("a &amp; b \\*c\\* <b>", "<p>a &amp;amp; b *c* &lt;b&gt;</p>"),
        (
            "[name]: https://x.org",
            f'<p>[name]: <a href="https://x.org" {LINK}>https://x.org</a></p>',
        ),
        ("```\n<b>&\n```", '<pre class="code" tabindex="0"><code>&lt;b&gt;&amp;\n</code></pre>'),
        (
            "```nobodys-language\na = 1\n```",
            '<pre class="code" tabindex="0"><code>nobodys-language\na = 1\n</code></pre>',
        ),
        ("```mermaid\na = 1\n```", '<pre class="code" tabindex="0"><code>a = 1\n</code></pre>'),
        ("    four spaces", '<pre class="code" tabindex="0"><code>four spaces\n</code></pre>'),
        ("#", "<p>#</p>"),
        ("-", "<p>-</p>"),
        ("", ""),
    ],
)
def test_what_is_written_is_shown_so(body: str, html: str) -> None:
    assert render(body).html == html


def test_tasks_are_boxes_that_nobody_can_tick() -> None:
    html = render("- [ ] open\n- [x] done").html
    assert (
        html.count('<input class="task-list-item-checkbox" ')
        == html.count('disabled="" type="checkbox"')
        == 2
    )
    assert html.count('checked="checked"') == 1
    assert re.findall(r"<label><input [^>]*>([^<]*)</label>", html) == [" open", " done"]
    assert "aria-label" not in html, "a word of ours would be of one language"


def test_a_table_scrolls_and_aligns_by_class() -> None:
    html = render("| a | b |\n|---|--:|\n| 1 | 2 |").html
    assert html.startswith('<div class="message-table" tabindex="0"><table>')
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_that_is_offered_colours_code_and_loses_none_of_it(language: str) -> None:
    code = '+a = "b" # <c>\nif (a) { return 1 }\n\n'
    html = highlight(code, language)
    assert (
        re.sub("<[^>]*>", "", html)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&#39;", "'")
        == code
    )
    assert {
        name for names in re.findall(r'class="([^"]*)"', html) for name in names.split()
    } & CLASSES


def test_code_that_is_coloured_stays_coloured_through_the_cleaning() -> None:
    assert '<span class="code-k">def</span>' in render("```python\ndef f(): ...\n```").html
    assert "code-k" not in render("```python\n" + "def f(): ...\n" * 200 + "```").html


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("hello @bob", {BOB}),
        ("@BOB!", {BOB}),
        ("(@bob), @bob's", {BOB}),
        ("thanks @bob.", {BOB}),
        ("@bob.smith. and @Bob...", {BOB, SMITH}),
        ("**@bob** _@bob.smith_", {BOB, SMITH}),
        ("- [ ] @bob", {BOB}),
        ("# @bob\n\n| @bob.smith |\n|--|\n| 1 |", {BOB, SMITH}),
        ("@room: lunch", {markup.ROOM}),
        ("@bobby @bob-smith @bob_smith @b", set()),
        ("mail@bob https://x.org/@bob x/@bob @@bob @bob@x.org", set()),
        ("`@bob` ``@room``", set()),
        ("```\n@bob @room\n```", set()),
        ("    @bob", set()),
        ("[@bob](https://x.org) <https://x.org/@room>", set()),
        ("\\@bob", set()),
    ],
)
def test_people_are_named_outside_of_code_and_links(body: str, named: set[str]) -> None:
    found = render(body, NAMES)
    assert found.named == named
    assert (SHOWS_BOB in found.html) == (BOB in named)


def test_who_is_not_there_is_not_named() -> None:
    assert render("@bob @room", {}).html == "<p>@bob @room</p>"
    assert names_in("@Bob. and x@carol @al-") == {"bob", "bob.", "al", "al-"}
    assert len(names_in(" ".join(f"@n{i}" for i in range(1000)))) <= MOST_NAMES


HEAVY = [
    "[",
    "![",
    "*a ",
    "**a*",
    "> a\n",
    "a\n",
    "`a",
    "~~a",
    "|a",
    "- a\n",
    "# a\n",
    "http://a.b ",
    "www.a.bc ",
    "a@b.cd ",
    "[a](b",
    "a\n\n",
    "&lt;",
    "@bob ",
]


@pytest.mark.parametrize("piece", HEAVY)
def test_what_would_take_long_is_shown_as_it_was_typed_and_still_calls_people(piece: str) -> None:
    body = (f"<b> @bob {piece}" + piece * 8000)[:8000].strip()
    found = render(body, NAMES)
    assert found.named == {BOB}
    assert found.html.startswith(f"<p>&lt;b&gt; {SHOWS_BOB}@bob</span>")
    assert not set(re.findall(r"<(\w+)", found.html)) - {"p", "br", "span"}


def test_long_documentation_is_not_taken_for_an_attack() -> None:
    words = (
        "With **some** words, a [link](https://x.org) and `code`, and a list:\n\n"
        "- one thing\n- another\n\n" + "Plain words. " * 40
    )
    html = render((f"## A chapter\n\n{words}\n\n" * 20)[:8000]).html
    assert html.count("<h4>") > 10


NOTHING = re.compile(r"(?!)")
OURS = {
    "label",
    "p",
    "br",
    "a",
    "code",
    "pre",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "input",
}


def test_plain_words_are_shown_as_the_parser_would_show_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters = (
        "abcdeéßЖ中日 A Z0123456789.,;!?()'\"/-+#=%$^{}:😀👍🏽\u200b\u3000\u2003…–—“”\xa0\x7f"
        "&<*_`~@|[\\\t\n"
    )
    pieces = [
        "www.",
        "http:",
        "//",
        "mailto:",
        "1.",
        "2)",
        "- ",
        "# ",
        "---",
        "===",
        "x@y.z",
        ": ",
        ":)",
        ":smile:",
        "10.0.0.1",
    ]
    dice = random.Random(5)
    bodies = {
        "".join(dice.choice([*letters, *pieces]) for _ in range(dice.randint(1, 12))).strip()
        for _ in range(6_000)
    } - {""}
    shown = {body: render(body).html for body in bodies}
    monkeypatch.setattr(markup, "_PLAIN", NOTHING)
    plain = [body for body in bodies if "<p>" + body + "</p>" == shown[body]]
    assert len(plain) > 500
    assert {body: render(body).html for body in plain} == {body: shown[body] for body in plain}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](//evil.org)",
        "[x](/logout)",
        "![x](javascript:alert(1))",
        '[x](https://x.org/"onmouseover="alert(1))',
        '[x](https://x.org "a\\" onclick=\\"alert(1)")',
        'https://x.org/"onmouseover="alert(1)',
        "<a href='https://x.org' onclick='alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        '```"><script>alert(1)</script>\nx\n```',
        '```python"onclick=alert(1)\n<script>\n```',
        "|<script>|\n|-|\n|<img onerror=x>|",
        "- [x] <input onfocus=alert(1) autofocus>",
        "<!-- --><script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)",
        "[a]: javascript:alert(1)\n\n[a]",
        "<style>*{display:none}</style>",
        '<div class="visually-hidden">',
        "@<img src=x onerror=alert(1)>",
        ":<script>:",
        "<math><mi//xlink:href='data:x,<script>'>",
    ],
)
def test_no_markup_of_other_peoples_making_survives(hostile: str) -> None:
    html = render(hostile, NAMES).html
    tags = re.findall(r"<[^>]*>", html)
    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= OURS
    for tag in tags:
        assert not re.search(r'href="(?!https?://|mailto:)', tag)
        attributes = re.findall(r'\s([\w-]+)="', re.sub(r'="[^"]*"', '=""', tag))
        assert set(attributes) <= {
            "tabindex",
            "href",
            "title",
            "target",
            "rel",
            "class",
            "type",
            "disabled",
            "checked",
        }


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_cleaner_holds_alone_should_the_parser_let_all_through(
    monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    monkeypatch.setattr(markup, "_parser", SimpleNamespace(render=lambda body, _: body))
    monkeypatch.setattr(markup, "_PLAIN", NOTHING)
    for tag in re.findall(r"<[^>]*>", render(hostile).html):
        assert re.match(r"</?(\w+)", tag)[1] in OURS, tag
        assert not re.search(
            r'\son\w+=|javascript:|href="(?!https?://|mailto:)', tag, re.IGNORECASE
        ), tag


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (
            "https://xn--80ak6aa92e.com/login",
            f'<p><a href="https://xn--80ak6aa92e.com/login" {LINK}>https://xn--80ak6aa92e.com/login</a></p>',
        ),
        (
            "https://аррӏе.com/ф",
            f'<p><a href="https://xn--80ak6aa92e.com/%D1%84" {LINK}>https://xn--80ak6aa92e.com/ф</a></p>',
        ),
        (
            "<https://аррӏе.com>",
            f'<p><a href="https://xn--80ak6aa92e.com" {LINK}>https://xn--80ak6aa92e.com</a></p>',
        ),
        (
            "www.аррӏе.com",
            f'<p><a href="https://www.xn--80ak6aa92e.com" {LINK}>www.xn--80ak6aa92e.com</a></p>',
        ),
        (
            "me@аррӏе.com",
            f'<p><a href="mailto:me@xn--80ak6aa92e.com" {LINK}>me@xn--80ak6aa92e.com</a></p>',
        ),
        (
            "https://x.org/%E2%80%AEg%0D%0A",
            f'<p><a href="https://x.org/%E2%80%AEg%0D%0A" {LINK}>https://x.org/%E2%80%AEg%0D%0A</a></p>',
        ),
        (
            "<https://x.org/\u202egpj.exe>",
            f'<p><a href="https://x.org/%E2%80%AEgpj.exe" {LINK}>https://x.org/%E2%80%AEgpj.exe</a></p>',
        ),
        (
            "https://X.org/%e4%bd%a0?q=a%20b#c",
            f'<p><a href="https://X.org/%e4%bd%a0?q=a%20b#c" {LINK}>https://X.org/%e4%bd%a0?q=a%20b#c</a></p>',
        ),
    ],
)
def test_an_address_is_shown_as_it_is_written_and_its_host_in_ascii(body: str, html: str) -> None:
    assert render(body).html == html


@pytest.mark.parametrize(
    ("body", "host"),
    [
        ("[https://bank.com](https://evil.example/x)", "evil.example"),
        ("[bank.com](https://evil.example)", "evil.example"),
        ("[**ba**nk.com/login](https://evil.example)", "evil.example"),
        ("[go to `bank.com`](https://evil.example)", "evil.example"),
        ("[bank。com](https://evil.example)", "evil.example"),
        ("[ba\u200bnk.com](https://evil.example)", "evil.example"),
        ("[http://localhost](https://evil.example)", "evil.example"),
        ("[10.0.0.1](https://evil.example)", "evil.example"),
        ("[apple.com](https://аррӏе.com)", "xn--80ak6aa92e.com"),
        ("[boss@bank.com](mailto:boss@evil.example)", "evil.example"),
        ("https://bank.com@evil.example/", "evil.example"),
        ("[bank.com.evil](https://bank.com)", "bank.com"),
        ("![https://bank.com](https://evil.example)", "evil.example"),
        ("[bank.com](https://bank.com:1@evil.example)", "evil.example"),
        *(
            (f"[{seen}](https://evil.example)", "evil.example")
            for seen in (
                "bank\u2024com",
                "bank\u00adcom.org",
                "ba\u2060nk.com",
                "bank\u200b.com",
                "bank\ufe0e.com",
                "bank\uff0ecom",
                "bank\uff61com",
                "www\u2024bank\u2024com",
                "https:\u2215\u2215bank\u2024com",
                "192\u20240\u20242\u20241",
                "𝐛𝐚𝐧𝐤\u2024𝐜𝐨𝐦",
                "https\uff1a\uff0f\uff0fbank",
                "bank.\u0301com",
                "bank·com",
                "bank•com",
                "bank۔com",
                "\u202emoc.knab",
                "\u2067moc.knab",
                "\u202aabc",
            )
        ),
        ("[bank\u2024com](https://bank.com)", None),
        ("[3·4 and 1•2](https://bank.com)", None),
        ("[bank.com](https://bank.com)", None),
        ("[https://www.bank.com/a.b](https://bank.com/c)", None),
        ("[here](https://bank.com)", None),
        ("[see bank.com/x.html?y=z.org](https://bank.com)", None),
        ("[v1.2.3, e.g.](https://bank.com)", None),
        ("https://bank.com/a/evil.org", None),
        ("[john.smith@bank.com](mailto:j@bank.com)", None),
        ("john.smith@bank.com", None),
        ("www.bank.com:8080/a", None),
        ("[BANK.com](https://bank.com)", None),
        ("[аррӏе.com](https://xn--80ak6aa92e.com)", None),
    ],
)
def test_a_link_that_looks_like_another_address_has_its_host_behind_it(
    body: str, host: str | None
) -> None:
    html = render(body).html
    assert html.count("</a>") == 1
    assert html.endswith(f"</a> ({host})</p>" if host else "</a></p>"), html


def test_looking_for_addresses_in_links_takes_no_longer_than_the_text() -> None:
    for piece in ("1.", "a.", "a-", "http://", "@", "a@", "。"):

        def seconds(count: int, piece: str = piece) -> float:
            begun = time.thread_time()
            leads_elsewhere(piece * count, "https://x.org")
            return time.thread_time() - begun

        assert (
            min(seconds(40_000) for _ in range(3))
            < 4 * min(seconds(20_000) for _ in range(3)) + 0.001
        ), piece


def test_a_name_that_grows_when_its_case_is_folded_takes_nothing_of_what_follows() -> None:
    names = {"strasse": BOB}
    assert render("@straße! do it", names).html == f"<p>{SHOWS_BOB}@straße</span>! do it</p>"
    assert (
        render("[@straße](https://x.org)", names).html
        == f'<p><a href="https://x.org" {LINK}>@straße</a></p>'
    )
    assert render("@straße! [ do it" + "[" * 700, names).html.startswith(
        f"<p>{SHOWS_BOB}@straße</span>! [ do it"
    )


@pytest.mark.parametrize(
    "piece",
    [
        *HEAVY,
        "&",
        "<",
        ">",
        '"',
        "'",
        "&a",
        "<\n",
        "\n<",
        "@room ",
        "|",
        "x\n\n",
        "[a](http://b.c)",
        "http://例え.jp/日本 ",
        "*a*",
        "`<`",
        "# <\n",
        "- \n",
        "😀",
        "```py\n(a,b)=[1]\n```\n",
        "```py\n" + "(a,b)=[1];" * 60 + "\n```\n",
        "@bob.smith.",
        "@bob,",
    ],
)
@pytest.mark.parametrize("characters", [60, 700, 8_000])
def test_what_is_shown_is_at_most_eight_times_as_long_as_what_was_written_and_two_thousand_more(
    piece: str, characters: int
) -> None:
    found = render((piece * characters)[:characters].strip(), NAMES)
    assert len(found.html) <= 8 * characters + 2_048
    assert found.html.count('class="mention') <= MOST_MARKS


def test_what_comes_after_fifty_marks_is_text_and_calls_nobody() -> None:
    html, named = (
        (found := render("@bob good morning " * 50 + "*and* @bob.smith @room", NAMES)).html,
        found.named,
    )
    assert (html.count(SHOWS_BOB), named) == (50, {BOB})
    assert html.endswith("<em>and</em> @bob.smith @room</p>")


def test_code_that_grows_too_much_loses_its_colours_first() -> None:
    code = "(a,b)=[1];" * 190
    html = render(f"*look*\n```py\n{code}\n```").html
    assert "<em>look</em>" in html
    assert f'<pre class="code" tabindex="0"><code>{code}' in html


def test_nothing_turns_the_order_of_what_is_read() -> None:
    for body in ("\u202egnp.exe", "a *b* \u202egnp.exe", "#\u202e", "plain \u202d text"):
        assert not {"\u202d", "\u202e"} & set(render(body).html)
    assert "\u202bשלום\u202c" in render("\u202bשלום\u202c *x*").html, (
        "embedding is what right-to-left texts need"
    )


@pytest.mark.parametrize("piece", ["https://x.org/((((", "[a](b", "**a*", "~~a", "*_"])
def test_a_text_that_was_made_to_be_slow_is_given_up_early(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def counting(left: int) -> Steps:
        counted.append(Steps(left))
        return counted[-1]

    monkeypatch.setattr(markup, "Steps", counting)
    body = (piece * 8_000)[:8_000]
    assert render(body).html == f"<p>{body}</p>"
    assert MOST_STEPS - counted[0].left < MOST_STEPS / 2


def test_what_is_dense_may_be_anywhere_in_a_long_text() -> None:
    row = "| **a** | `b` | [c](https://d.example) |\n"
    table = row + "|---|---|---|\n" + row * 40
    prose = "It rained *again*, and went on until the evening. Nobody had an umbrella. " * 60
    for body in (f"{table}\n{prose}", f"{prose}\n\n{table}"):
        assert render(body).html.count("<a ") == 41


@pytest.mark.parametrize("piece", ["a@b.cd ", "www.a.bc ", "WWW.a.bc ", "https://", "- [ ] a\n"])
def test_a_text_that_would_make_too_much_html_is_not_parsed(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "_parser", None)
    assert "<a" not in render((piece * 8_000)[:8_000]).html


def test_a_drawing_of_signs_that_addresses_have_stays_code() -> None:
    for line in ("@@@@  @@@@", "@ @ @ @ @ @"):
        body = "```\n" + f"{line}\n" * 60 + "```"
        assert render(body).html.startswith('<pre class="code" tabindex="0">')

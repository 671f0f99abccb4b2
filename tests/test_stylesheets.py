"""Stylesheets know where lines begin and end, and nothing of left and right."""

from __future__ import annotations

import re

from chat.utils.emojis import named_emoji
from tests.helpers.servers import ROOT

SHEETS = sorted((ROOT / "chat/static/css").glob("*.css"))
SIDES = re.compile(
    r"(?:[\w-]*-(?:left|right)(?:-[\w-]+)?|left|right)\s*:"  # margin-left: and the like
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|\bto (?:left|right)\b"
    r"|translateX\((?!calc\(var\(--forward\))"
)
# top, right, bottom, left: where right and left differ, lines begin on one side of them.
FOUR = re.compile(r"(?:margin|padding|inset|scroll-padding)\s*:\s*([^;]+);")
PART = re.compile(r"(?:[\w-]*\((?:[^()]|\([^()]*\))*\)|[^\s()]+)")
# What has a side in every language: a picture that is cut keeps its corner, a telephone its edges.
ALLOWED = re.compile(r"object-position: top left|env\(safe-area-inset-(?:left|right)\)")


def sides_in(sheet: str) -> list[str]:
    """Return the declarations that name a side, or differ between left and right."""
    sheet = ALLOWED.sub("0", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    found = [each.group() for each in SIDES.finditer(sheet)]
    for each in FOUR.finditer(sheet):
        parts = PART.findall(each.group(1))
        if len(parts) == 4 and parts[1] != parts[3]:
            found.append(each.group())
    return found


def test_no_stylesheet_names_left_or_right_where_lines_may_begin_on_either_side() -> None:
    found = {sheet.name: sides for sheet in SHEETS if (sides := sides_in(sheet.read_text()))}
    assert not found


def test_every_way_to_name_a_side_is_found() -> None:
    for written in (
        "margin-left: 1px;",
        "border-right-color: red;",
        "right: 0;",
        "border-top-left-radius: 2px;",
        "float: left;",
        "text-align: right;",
        "padding: 0 1px 0 calc(1px + var(--two, 3px));",
        "transform: translateX(2px);",
        "background: linear-gradient(to right, red, blue);",
    ):
        assert len(sides_in(f"a {{ {written} }}")) == 1, written
    for written in ("margin-inline: 1px 2px;", "padding: 1px 2px 3px 2px;", "inset: auto 0 0;"):
        assert not sides_in(f"a {{ {written} }}"), written


def test_every_emoji_that_is_coloured_by_itself_comes_from_a_coloured_font() -> None:
    """DejaVu, the font of many a Linux, has black and white faces, and would come first."""
    (ranges,) = re.findall(
        r"unicode-range:([^;]+);", (ROOT / "chat/static/css/base.css").read_text()
    )
    covered = {
        number
        for first, last in re.findall(r"U\+(\w+)(?:-(\w+))?", ranges)
        for number in range(int(first, 16), int(last or first, 16) + 1)
    }
    signs = [str(sign) for sign, *_ in named_emoji()]
    uncovered = {sign for sign in signs if len(sign) == 1 and ord(sign) not in covered}
    assert len(signs) > 1_000
    assert not uncovered
    assert not {ord(sign) for sign in "0123456789#*☎✔"} & covered, "what is text stays text"
    tokens = (ROOT / "chat/static/css/tokens.css").read_text()
    assert re.search(r'--sans:\s+"Coloured emoji",', tokens)

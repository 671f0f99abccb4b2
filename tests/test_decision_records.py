"""Decision records have one form, and the index leads to each."""

from __future__ import annotations

import re

from tests.helpers.servers import ROOT

FOLDER = ROOT / "docs/decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))


def test_the_index_names_each_record_in_order() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| (\d+) \| \[[^]]+\]\((\d{4}-[a-z0-9-]+\.md)\) \|", index, re.MULTILINE)
    assert [(int(number), name) for number, name in named] == [
        (int(record.name[:4]), record.name) for record in RECORDS
    ]


def test_each_record_has_its_number_and_the_sections_of_all() -> None:
    for record in RECORDS:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. "), record.name
        sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert sections[:2] == ["Context", "Decision"], record.name

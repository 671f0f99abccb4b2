"""One word, one meaning: words that the project replaced by the field's do not come back."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.helpers.servers import ROOT

GIVEN_UP = {
    "turnstile": "sequencer",
    "short_memory": "ttl_cache",
    "ShortMemory": "TtlCache",
    "insert_line": "insert_connection",
    "InsertLine": "InsertConnection",
    "interning": "record_cache",
    "Interned": "CachedRecord",
    "noticing": "peers",
    "look_round": "poll_peers",
    "IdText": "ObjectIdString",
    "print_of_it": "fingerprint",
    "said_at": "posted_at",
    "entrance": "sign_in",
    "in_pieces": "in_time_slices",
    "judging": "image_processing",
    "charge_door": "charge_visitor",
    "note_asker": "charge_to",
    "let_through": "Sequencer.add",
    "must_have_room": "require_space",
    "answer_mistake": "answer_error",
    "look_again": "find_now",
    "as_kept": "as_reference",
    "make_anew": "rebuild",
    "bury_shredded": "delete_restored",
    "kept_by_others": "presences.of_others",
}
LONGEST_LINE = 120  # columns of a template; formatters change what templates say (decision 26)
HISTORY = ("CHANGELOG.md", "docs/decisions/", "tests/test_plain_words.py", "tests/corpus/")


@pytest.mark.parametrize("word", GIVEN_UP)
def test_a_word_that_was_given_up_does_not_come_back(word: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    pattern = re.compile(rf"\b{word}\b")
    found = [
        name
        for name in listed.stdout.split()
        if name.endswith((".py", ".md", ".html", ".js", ".css", ".toml"))
        and not name.startswith(HISTORY)
        and pattern.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert not found, f"{word} is {GIVEN_UP[word]} now"


def test_no_test_imports_another_test() -> None:
    """What several tests need is in tests/helpers/."""
    importing = re.compile(r"(?m)^\s*from tests(\.\w+)*\.test_\w+ import")
    found = [
        path.name for path in (ROOT / "tests").rglob("*.py") if importing.search(path.read_text())
    ]
    assert found == []


def test_lines_of_templates_fit_the_width_of_documents() -> None:
    long = [
        f"{path.name}:{number}"
        for path in (ROOT / "chat/templates").rglob("*.html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []

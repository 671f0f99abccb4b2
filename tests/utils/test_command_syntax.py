"""Which texts are commands, and which only begin with a slash."""

from __future__ import annotations

import json

import pytest

from chat.utils.command_syntax import Typed, text_to_post, typed_in
from tests.helpers.servers import ROOT

KNOWN = {"me", "shrug", "sign-off"}


def typed(text: str) -> Typed | None:
    return typed_in(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/me waves", ("me", "waves")),
        ("/me   waves\nand *smiles*", ("me", "waves\nand *smiles*")),
        ("/shrug", ("shrug", "")),
        ("/shrug ", ("shrug", "")),
        ("/sign-off now", ("sign-off", "now")),
        ("/nobody", ("nobody", "")),
    ],
)
def test_a_word_behind_a_slash_is_a_command(text: str, command: tuple[str, str]) -> None:
    assert typed(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "/etc/hosts is broken",
        "/etc is full",
        "/Me waves",
        "/me: waves",
        "/me\nwaves",
        "/me.",
        "/-",
        "/me-",
        "/",
        "/ me",
        " /me waves",
        "//me waves",
        "/r/python",
        "/2 and /3",
        "/übung",
        "/* a comment */",
        "me",
    ],
)
def test_a_path_or_a_text_is_none(text: str) -> None:
    assert typed(text) is None


def test_a_second_slash_is_left_out_before_a_command_alone() -> None:
    assert text_to_post("//me waves") == "/me waves"
    assert text_to_post("//etc") == "/etc"
    for text in ("// a comment", "//cdn.example.org/a.js", "///me", "/me", "text"):
        assert text_to_post(text) == text


def test_no_text_of_the_corpus_is_a_command() -> None:
    lines = (ROOT / "tests/corpus/text.jsonl").read_text().splitlines()
    texts = [json.loads(line)["typed"] for line in lines]
    assert len(texts) > 200
    for text in texts:
        assert typed(text) is None, text
        assert text_to_post(text) == text

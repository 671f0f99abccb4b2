"""The code blocks of the documents, as readers copy them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.helpers.servers import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    code: str

    @property
    def first_line(self) -> str:
        return self.code.partition("\n")[0]


def blocks_of(document: str) -> list[Block]:
    """Return the code blocks of a document, in order. `document`: its path from `docs/`."""
    return [Block(*found) for found in BLOCK.findall((ROOT / "docs" / document).read_text())]


def program(document: str, name: str) -> str:
    """Return the program that is named, with a colon, in its first line."""
    found = [block.code for block in blocks_of(document) if f"{name}:" in block.first_line]
    assert len(found) == 1, f"docs/{document} has {len(found)} programs called {name}"
    return found[0]

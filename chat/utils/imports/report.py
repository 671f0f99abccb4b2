"""The report of an import: what it made, what was there, what it adapted, and what is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

FEW = 5  # examples of a kind
LONGEST = 120  # characters of an example


@dataclass
class Kind:
    """How often something was adapted or lost, with the first examples."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str, count: int) -> None:
        self.count += count
        if example and len(self.examples) < FEW:
            self.examples.append(" ".join(example.split())[:LONGEST])


@dataclass
class Report:
    """`made`, `there`: numbers by noun. `adapted`, `lost`: by a short sentence."""

    made: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    adapted: dict[str, Kind] = field(default_factory=dict)
    lost: dict[str, Kind] = field(default_factory=dict)

    def adapt(self, what: str, example: str = "") -> None:
        self.adapted.setdefault(what, Kind()).add(example, 1)

    def lose(self, what: str, example: str = "", count: int = 1) -> None:
        if count:
            self.lost.setdefault(what, Kind()).add(example, count)

    def lines(self, *, is_dry: bool) -> list[str]:
        """Return the report for people."""
        verb = "Would be made" if is_dry else "Made"
        lines = [f"{verb}: {_numbers(self.made)}."]
        if self.there:
            lines.append(f"There already: {_numbers(self.there)}.")
        for title, kinds in (("Adapted", self.adapted), ("Lost", self.lost)):
            for what, kind in sorted(kinds.items()):
                lines.append(f"{title}: {what}: {kind.count:,}")
                lines += [f"    {example}" for example in kind.examples]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "made": dict(self.made),
            "there": dict(self.there),
            "adapted": {what: vars(kind) for what, kind in sorted(self.adapted.items())},
            "lost": {what: vars(kind) for what, kind in sorted(self.lost.items())},
        }


def _numbers(counted: Counter[str]) -> str:
    return ", ".join(f"{count:,} {noun}" for noun, count in counted.items() if count) or "nothing"

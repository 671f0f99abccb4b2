"""How far an export is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Progress:
    """`problems`: what the export lacks, because it is damaged."""

    rooms: int = 0
    of_rooms: int = 0
    messages: int = 0
    pictures: int = 0
    people: int = 0
    problems: list[str] = field(default_factory=list)

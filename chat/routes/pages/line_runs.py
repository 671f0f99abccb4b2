"""Gather lines that tell of the same: `Ada, Bob and 3 others joined`.

`models/line_runs.js` does the same in the browser; tests/corpus/line_runs.json proves both.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chat.models.room_line import KINDS

# Apart from the first line of a run, at most: a row tells of about one time, that of its last line.
RUN_SPAN = timedelta(hours=1)
MOST_NAMED = 3  # people; of more than these, the last two are named, and the others are a number

# kind -> whom its sentence lists, where several people may have done it, or had it done to them
LISTED = {"joined": "actor", "left": "actor", "added": "user", "removed": "user", "owner": "user"}
# Lines of these kinds form a run only if all have the same actor.
BY_ONE = {"added", "removed", "owner", "pinned"}
# Each has a sentence of its own.
FORMS = (*KINDS, "topic-removed", "owner-self", "pinned-many")

LineView = dict[str, Any]


@dataclass
class Run:
    """LineViews that one row shows. `slot`: the number of the page's messages above it."""

    slot: int
    lines: list[LineView]

    @property
    def first(self) -> LineView:
        return self.lines[0]

    @property
    def last(self) -> LineView:
        return self.lines[-1]

    @property
    def kind(self) -> str:
        return str(self.first["kind"])

    @property
    def form(self) -> str:
        """Return which sentence says it: the kind, or a variant of it."""
        if self.kind == "topic" and not self.first["text"]:
            return "topic-removed"
        if self.kind == "pinned" and len(self.lines) > 1:
            return "pinned-many"
        if self.kind == "owner" and self._is_about_its_actor():
            return "owner-self"
        return self.kind

    @property
    def people(self) -> list[dict[str, Any]]:
        """Return the UserViews that the sentence lists, without its actor."""
        listed = LISTED.get(self.kind)
        return [line[listed] for line in self.lines] if listed else []

    @property
    def named(self) -> list[dict[str, Any]]:
        """Return those of `people` whose names are shown."""
        people = self.people
        return people if len(people) <= MOST_NAMED else people[:-MOST_NAMED:-1]

    @property
    def rest(self) -> int:
        """Return how many people are not named."""
        return len(self.people) - len(self.named)

    @property
    def data(self) -> str:
        """Return what scripts need of each line: its id, seq, time, and the person it lists."""
        ids = [person["id"] for person in self.people] or [""] * len(self.lines)
        return " ".join(
            f"{line['id']},{line['seq']},{line['created_at']},{person_id}"
            for line, person_id in zip(self.lines, ids, strict=True)
        )

    def _is_about_its_actor(self) -> bool:
        return len(self.lines) == 1 and bool(self.first["user"]["id"] == self.first["actor"]["id"])

    def takes(self, line: LineView, slot: int) -> bool:
        """Return whether a line that follows the run belongs to it."""
        if slot != self.slot or line["kind"] != self.kind:
            return False
        if self.kind in BY_ONE:
            if line["actor"]["id"] != self.first["actor"]["id"]:
                return False
        elif self.kind not in LISTED:
            return False
        apart = _moment(line) - _moment(self.first)
        return apart < RUN_SPAN


def gather(lines: list[LineView], seqs: list[int]) -> list[Run]:
    """Return the runs of a page's lines. `lines`: in order. `seqs`: of the page's messages."""
    runs: list[Run] = []
    for line in lines:
        slot = bisect_right(seqs, line["seq"])
        if runs and runs[-1].takes(line, slot):
            runs[-1].lines.append(line)
        else:
            runs.append(Run(slot, [line]))
    return runs


def _moment(line: LineView) -> datetime:
    return datetime.fromisoformat(line["created_at"])

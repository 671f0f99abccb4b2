"""Whether a message notifies somebody: one table of rules, of which the first that applies decides.

Emitting a notification and answering "why was I notified?" ask the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Case:
    """Everything about a message and one person in its room that matters for the decision."""

    is_own: bool  # the person wrote it
    joined_later: bool
    blocks_author: bool
    forbids_disturbing: bool
    is_quiet: bool  # the message came in the person's quiet hours
    notify: str  # the most that may notify the person: one of NOTIFY
    level: str  # the room's level of the person: one of LEVELS
    is_named: bool
    names_room: bool
    has_keyword: bool
    is_direct: bool


class Rule(NamedTuple):
    """A rule, and the kind of notification that it makes; None: it makes none."""

    name: str
    kind: str | None
    applies: Callable[[Case], bool]


RULES = (
    Rule("own", None, lambda case: case.is_own),
    Rule("joined_later", None, lambda case: case.joined_later),
    Rule("blocked", None, lambda case: case.blocks_author),
    Rule("do_not_disturb", None, lambda case: case.forbids_disturbing),
    Rule("quiet_hours", None, lambda case: case.is_quiet),
    Rule("notify_nothing", None, lambda case: case.notify == "nothing"),
    Rule("room_nothing", None, lambda case: case.level == "nothing"),
    Rule("mention", "mention", lambda case: case.is_named),
    Rule("mention_room", "mention", lambda case: case.names_room),
    Rule("keyword", "keyword", lambda case: case.has_keyword),
    Rule("notify_mentions", None, lambda case: case.notify == "mentions"),
    Rule("room_mentions", None, lambda case: case.level == "mentions"),
    Rule("direct", "direct", lambda case: case.is_direct),
    Rule("every_message", "message", lambda _: True),
)


def decide(case: Case) -> Rule:
    """Return the rule that decides."""
    return next(rule for rule in RULES if rule.applies(case))

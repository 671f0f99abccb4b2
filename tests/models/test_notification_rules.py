"""The first rule that applies decides whether a message notifies somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.models.notification_rules import RULES, Case, decide
from chat.schemas.notifications import SENTENCES

PLAIN = Case(
    is_own=False,
    joined_later=False,
    blocks_author=False,
    forbids_disturbing=False,
    is_quiet=False,
    notify="all",
    level="all",
    is_named=False,
    names_room=False,
    has_keyword=False,
    is_direct=False,
)


@pytest.mark.parametrize(
    ("changes", "rule", "kind"),
    [
        ({}, "every_message", "message"),
        ({"is_direct": True}, "direct", "direct"),
        ({"level": "mentions"}, "room_mentions", None),
        ({"notify": "mentions"}, "notify_mentions", None),
        ({"has_keyword": True, "level": "mentions", "notify": "mentions"}, "keyword", "keyword"),
        ({"names_room": True, "has_keyword": True}, "mention_room", "mention"),
        ({"is_named": True, "level": "mentions", "notify": "mentions"}, "mention", "mention"),
        ({"is_named": True, "has_keyword": True, "level": "nothing"}, "room_nothing", None),
        ({"is_named": True, "notify": "nothing"}, "notify_nothing", None),
        ({"is_named": True, "is_quiet": True}, "quiet_hours", None),
        ({"is_named": True, "forbids_disturbing": True}, "do_not_disturb", None),
        ({"is_named": True, "blocks_author": True}, "blocked", None),
        ({"names_room": True, "joined_later": True}, "joined_later", None),
        ({"is_named": True, "is_own": True}, "own", None),
    ],
)
def test_the_first_rule_that_applies_decides(
    changes: dict[str, object], rule: str, kind: str | None
) -> None:
    decided = decide(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert (decided.name, decided.kind) == (rule, kind)


def test_every_rule_has_a_sentence() -> None:
    assert [rule.name for rule in RULES] == list(SENTENCES)

"""Define the view of why a message notified somebody, or did not."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.notification_rules import RULES, Rule
from chat.schemas.base import View
from chat.schemas.fields import OneOf
from chat.utils.sentences import N_
from chat.utils.translation import _

SENTENCES = {
    "own": N_("No: you wrote it."),
    "joined_later": N_("No: you joined this room later."),
    "blocked": N_("No: you block its author."),
    "do_not_disturb": N_("No: you paused notifications."),
    "quiet_hours": N_("No: it came in your quiet hours."),
    "notify_nothing": N_("No: you chose no notifications at all."),
    "room_nothing": N_("No: you muted this room."),
    "mention": N_("Yes: it mentions you."),
    "mention_room": N_("Yes: it mentions everyone in the room."),
    "keyword": N_("Yes: it has one of your keywords."),
    "notify_mentions": N_("No: only mentions and keywords notify you, and it has neither."),
    "room_mentions": N_("No: here only mentions and keywords notify you, and it has neither."),
    "direct": N_("Yes: it is a direct message."),
    "every_message": N_("Yes: every message of this room notifies you."),
}


class WhyView(View):
    called = fields.Boolean(required=True, metadata={"description": "whether it notifies you"})
    rule = OneOf(tuple(rule.name for rule in RULES), required=True)
    sentence = fields.String(required=True, metadata={"description": "in your language"})


def show_why(rule: Rule) -> dict[str, Any]:
    """Return a WhyView."""
    return {
        "called": rule.kind is not None,
        "rule": rule.name,
        "sentence": _(SENTENCES[rule.name]),
    }

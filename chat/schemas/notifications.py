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
    "own": N_("You wrote it."),
    "joined_later": N_("You joined this room later."),
    "blocked": N_("You block its author."),
    "do_not_disturb": N_("You didn’t want to be disturbed."),
    "quiet_hours": N_("It came in your quiet hours."),
    "notify_nothing": N_("You chose no notifications at all."),
    "room_nothing": N_("You muted this room."),
    "mention": N_("It mentions you."),
    "mention_room": N_("It mentions everyone in the room."),
    "keyword": N_("It has one of your keywords."),
    "notify_mentions": N_("You chose mentions and keywords only, and it has neither."),
    "room_mentions": N_("In this room you chose mentions and keywords, and it has neither."),
    "direct": N_("It is a direct message."),
    "every_message": N_("You chose every message of this room."),
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

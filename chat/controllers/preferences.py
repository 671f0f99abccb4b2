"""Change what a person prefers."""

from __future__ import annotations

from typing import Any

from chat.controllers import broadcasts
from chat.models import keywords
from chat.models.quiet_hours import QuietHours
from chat.models.user import User
from chat.utils.clock import now


def change(person: User, **changes: Any) -> User:
    """Change some preferences; the person's open pages follow at once.

    `keywords`: a list of texts. `quiet_hours`: the fields of QuietHours, or None.
    """
    if "keywords" in changes:
        person.change_keywords(keywords.seal(person.id, changes.pop("keywords")))
    if changes.get("quiet_hours"):
        changes["quiet_hours"] = QuietHours(**changes["quiet_hours"]).record
    if "dnd_until" in changes:
        changes["dnd_since"] = now() if changes["dnd_until"] else None
    changed = person.change_preferences(changes)
    broadcasts.preferences_updated(changed)
    return changed

"""Change what a person prefers."""

from __future__ import annotations

from chat.controllers import broadcasts
from chat.models.preferences import Preferences
from chat.models.user import User


def change(person: User, **changes: object) -> Preferences:
    """Change some preferences; the person's open pages follow at once."""
    changed = person.change_preferences(changes)
    broadcasts.preferences_updated(changed)
    return changed.preferences

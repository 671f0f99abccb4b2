"""Change what people are called, so that nobody becomes somebody else unnoticed."""

from __future__ import annotations

from chat.controllers import broadcasts, budgets, room_lines
from chat.models import room_order
from chat.models.earlier_name import EarlierName
from chat.models.user import User

MOST_ROOMS = 50  # that have a line: those that the person used last


def change(user: User, display_name: str) -> User:
    """Change the display name of oneself or of one's bot, and tell it to others.

    The rooms that the person used last have a line, and the profile shows the name before for a
    while. Raises RateLimited.
    """
    if display_name == user.display_name:
        return user
    budgets.charge("change display name", user.answerable_id)
    earlier = EarlierName.after(user.display_name, user.earlier_name, display_name)
    changed = user.rename(display_name, earlier)
    broadcasts.user_updated(changed)
    for membership in room_order.page_of(changed, None, MOST_ROOMS).items:
        room_lines.note_name(membership.room, changed, user.display_name)
    return changed


def change_quietly(user: User, display_name: str) -> User:
    """Change a display name as an administrator, who notes it in the audit.

    Nobody else is told: so an administrator can help somebody who leaves a name behind for good.
    """
    changed = user.rename(display_name, None)
    broadcasts.user_updated(changed)
    return changed

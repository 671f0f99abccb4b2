"""Change what a person prefers."""

from __future__ import annotations

from typing import Any

from chat.controllers import broadcasts
from chat.models import keywords, mail_outbox, missed_mail
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
    if "email" in changes and changes["email"] != person.preferences.email:
        _watch(person, wants_mails=changes["email"] == "missed")
    changed = person.change_preferences(changes)
    broadcasts.preferences_updated(changed)
    return changed


def _watch(person: User, *, wants_mails: bool) -> None:
    """Begin or end to watch what the person misses. Mails that wait do not go any more."""
    if wants_mails:
        missed_mail.begin(person.id)
        return
    missed_mail.end(person.id)
    mail_outbox.forget_of(person.id, "missed")

"""What a person prefers, on all their devices: how the chat looks, and what calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from chat.models.quiet_hours import QuietHours
from chat.utils.translation import languages

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
FONT_SIZES = ("small", "medium", "large", "extra-large")
TIME_FORMATS = ("locale", "12", "24")  # the reader's language decides, or so many hours
NOTIFY = ("all", "mentions", "nothing")
EMAIL = ("never", "missed")
AS_BROWSER = "browser"  # the first language that the browser accepts and the chat has
LANGUAGES = (AS_BROWSER, *languages())


@dataclass(frozen=True)
class Preferences:
    """A person's preferences. The database stores only those that the person chose."""

    theme: str = "system"
    density: str = "comfortable"
    font_size: str = "medium"
    language: str = AS_BROWSER
    time_format: str = "locale"
    enter_sends: bool = True
    notify: str = "all"  # the most that may notify the person; a room's level may permit less
    sounds: bool = True  # whether an open page makes a sound when something notifies the person
    push_content: bool = False  # whether push messages say what was written
    email: str = "never"  # whether mails tell what was missed: one of EMAIL
    email_content: bool = False  # whether such mails say what was written
    quiet_hours: QuietHours | None = None
    dnd_since: datetime | None = None  # when the person chose `dnd_until`
    dnd_until: datetime | None = None  # nothing notifies the person before

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the stored preferences, and the usual ones where nothing is stored."""
        known = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        if known.get("quiet_hours"):
            known["quiet_hours"] = QuietHours.of(known["quiet_hours"])
        return cls(**known)

    def forbid_disturbing(self, moment: datetime) -> bool:
        """Return whether the person did not want to be disturbed at a moment."""
        if self.dnd_since is None or self.dnd_until is None:
            return False
        return self.dnd_since <= moment < self.dnd_until

    def are_quiet(self, moment: datetime) -> bool:
        """Return whether a moment is in the person's quiet hours."""
        return self.quiet_hours is not None and self.quiet_hours.cover(moment)


USUAL = Preferences()

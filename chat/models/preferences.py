"""What a person prefers, on all their devices: how the chat looks, and what calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from chat.utils.translation import languages

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
FONT_SIZES = ("small", "medium", "large", "extra-large")
TIME_FORMATS = ("locale", "12", "24")  # the reader's language decides, or so many hours
NOTIFY = ("all", "mentions", "nothing")
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

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the stored preferences, and the usual ones where nothing is stored."""
        return cls(**{each.name: stored[each.name] for each in fields(cls) if each.name in stored})


USUAL = Preferences()

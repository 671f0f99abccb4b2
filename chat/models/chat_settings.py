"""The settings of the whole chat: one record, which administrators change.

A setting is one field of ChatSettings, and one of the schemas in `schemas/chat_settings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from chat.models.database import database, seconds_left
from chat.models.document import Id
from chat.models.retention import FOR_EVER
from chat.utils.ttl_cache import TtlCache

_ID = {"_id": "settings"}


@dataclass(frozen=True)
class ChatSettings:
    """The chat's settings. The database stores only those that somebody chose."""

    name: str = "Chat"
    icon_id: Id | None = None
    contact: str = ""  # how strangers reach the administrators
    default_room_ids: Sequence[Id] = ()  # public rooms, which everybody who comes joins
    hides_first_steps: bool = False
    second_factor: str = "optional"  # or required of "administrators"
    retention_days: int = FOR_EVER  # after which messages are deleted
    keeps_pinned: bool = True  # whatever their age

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the stored settings, and the usual ones where nothing is stored."""
        return cls(**{each.name: stored[each.name] for each in fields(cls) if each.name in stored})

    @classmethod
    def find(cls) -> ChatSettings:
        """Return the settings, which may be cached."""
        return _cache.get_or_load("settings", cls.find_now) or cls()

    @classmethod
    def find_now(cls) -> ChatSettings:
        """Return the settings from the database, bypassing the cache."""
        return cls.of(database["meta"].find_one(_ID) or {})

    @staticmethod
    def forget() -> None:
        """Drop the settings from the cache: another process changed them."""
        _cache.invalidate("settings")

    @classmethod
    def change(cls, changes: Mapping[str, object]) -> ChatSettings:
        """Change some settings; concurrent changes of others stay."""
        if changes:
            database["meta"].update_one(_ID, {"$set": dict(changes)}, upsert=True)
            cls.forget()
        return cls.find_now()

    @classmethod
    def change_icon(cls, icon_id: Id | None) -> Id | None:
        """Set another icon, or none. Return the icon that this call replaced.

        Concurrent calls return different icons.
        """
        database["meta"].update_one(_ID, {"$setOnInsert": {"icon_id": None}}, upsert=True)
        while True:
            before = cls.find_now().icon_id
            changed = database["meta"].update_one(
                {**_ID, "icon_id": before}, {"$set": {"icon_id": icon_id}}
            )
            cls.forget()
            if changed.matched_count:
                return before


_cache: TtlCache[str, ChatSettings] = TtlCache(1, seconds_left=seconds_left)

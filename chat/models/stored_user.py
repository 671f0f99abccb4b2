"""StoredUser: a person's record in `users`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from chat.models.about import About
from chat.models.database import Record
from chat.models.document import Id
from chat.models.earlier_name import EarlierName
from chat.models.preferences import USUAL, Preferences
from chat.utils.clock import now
from chat.utils.lookalikes import FORMER, looks_of
from chat.utils.name_keys import keys_of
from chat.utils.passwords import is_of_nothing
from chat.utils.translation import _


@dataclass(frozen=True)
class StoredUser:
    """A person's account, immutable."""

    id: Id
    username: str
    display_name: str
    is_admin: bool
    created_at: datetime
    password_hash: str
    about: About
    avatar_id: Id | None = None
    read_receipts: bool = True  # whether the person shows and sees how far people have read
    shows_username: bool = True  # whether the display name could be mistaken for another person's
    places: int = field(default=0, compare=False)  # the last place given in the person's room list
    preferences: Preferences = USUAL
    deactivated_at: datetime | None = None  # since then nobody can use the account
    has_second_factor: bool = False
    sealed_keywords: bytes | None = None  # keywords.py opens them
    is_erased: bool = False  # erasure.py
    is_renamed: bool = False  # somebody else changed the username, and the person did not say "OK"
    owner_id: Id | None = None  # of a bot: the person who answers for it
    is_app: bool = False  # app_account.py
    earlier_name: EarlierName | None = None
    shown_id: Id | None = None  # of the author of an app's message, whose account others share

    def __hash__(self) -> int:
        # Showing a message needs this hash each time, and the hash of an id is expensive.
        return hash(self.username)

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def is_bot(self) -> bool:
        return self.owner_id is not None or self.is_app

    @property
    def answerable_id(self) -> Id:
        """Return who answers for what is done under this account: the person, or a bot's owner."""
        return self.owner_id or self.id

    @property
    def answering_ids(self) -> frozenset[Id]:
        """Return the ids by which somebody blocks what this account does."""
        return frozenset((self.id, self.answerable_id))

    @property
    def has_password(self) -> bool:
        return not is_of_nothing(self.password_hash)

    @property
    def label(self) -> str:
        """Return the person's name as plain text; people.js has the same rule."""
        if self.is_erased:
            return _(FORMER)
        if self.shows_username:
            return f"{self.display_name} @{self.username}"
        return self.display_name

    @classmethod
    def from_record(cls, record: Record) -> Self:
        return cls(
            record["_id"],
            record["username"],
            record["display_name"],
            record["is_admin"],
            record["created_at"],
            record["password_hash"],
            About.of(record),
            record.get("avatar_id"),
            record.get("read_receipts", True),
            record["shows_username"],
            record["places"],
            Preferences.of(record.get("preferences", {})),
            record.get("deactivated_at"),
            bool((record.get("second_factor") or {}).get("since")),
            record.get("keywords"),
            record.get("erased_at") is not None,
            record.get("is_renamed", False),
            record.get("owner_id"),
            record.get("is_app", False),
            EarlierName.of(record),
        )


def new_record(username: str, display_name: str) -> Record:
    """Return the fields of a new account that its names decide, or that are alike for all."""
    return {
        "username": username,
        "username_key": username.casefold(),
        "display_name": display_name,
        "name_keys": keys_of(username, display_name),
        "created_at": now(),
        "deactivated_at": None,
        **looks_of(username, display_name),
        "shows_username": True,
        "places": 0,
    }

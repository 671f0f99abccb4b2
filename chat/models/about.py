"""What a person tells everybody about themselves: a status, a title and a time zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chat.models import personal, title_index
from chat.models.database import Record
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.status import Status

TITLE_STEP = 64  # bytes


@dataclass(frozen=True)
class About:
    """`kept_status` may have ended. `time_zone`: by whose clock the person lives; None: unknown."""

    user_id: Id
    kept_status: Status | None = None
    sealed_title: bytes | None = None
    time_zone: str | None = None

    @classmethod
    def of(cls, record: Record) -> About:
        """Return it from a record in `users`."""
        return cls(
            record["_id"],
            Status.unseal(record["_id"], record.get("status")),
            record.get("title"),
            record.get("time_zone"),
        )

    @staticmethod
    def load_keys(records: Iterable[Record]) -> None:
        """Read in one query the keys that `of` and `title` need for these records."""
        sealed = [each["_id"] for each in records if each.get("status") or each.get("title")]
        key_ring.load(sealed)

    @property
    def status(self) -> Status | None:
        return None if self.kept_status is None or self.kept_status.has_ended else self.kept_status

    @property
    def title(self) -> str:
        """Return what the person does here, such as "Harbour pilot", or an empty text."""
        return personal.unseal(self.user_id, "title", self.sealed_title) or ""


def stored(user_id: Id, changes: Mapping[str, Any]) -> Record:
    """Return the fields of `users` for changes of `status`, `title` and `time_zone`.

    None or an empty text takes one away.
    """
    fields: Record = {name: value or None for name, value in changes.items()}
    if status := changes.get("status"):
        fields["status"] = status.seal(user_id)
    if "title" in changes:
        fields[title_index.FIELD] = title_index.tokens_of(changes["title"] or "")
    if title := changes.get("title"):
        fields["title"] = personal.seal(user_id, "title", title, TITLE_STEP)
    return fields

"""Sessions: a session is a signed-in device, from login to logout. Tokens only name a session.

A session may also be a program's, which signs in with an API token: see api_token.py.

A session's refresh token is valid once: each use replaces `refresh_id`. A token with an older
`refresh_id` was stolen or replayed, and ends the session. Only the device that used a token may use
it again, for a minute, because the device may not have received the answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chat.models import figures
from chat.models.damaged import readable
from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.peers.change_notices import ChangeNotice
from chat.utils.clock import now
from chat.utils.ttl_cache import TtlCache

LIFETIME = timedelta(days=30)  # since the last refresh
REPEATABLE_FOR = timedelta(seconds=60)  # since a refresh
# So long after its end the database deletes a session. So a person who often signs in and out has
# no long list of sessions.
REVOKED_STAYS = timedelta(days=1)
SESSIONS_CACHED = 20_000
LONGEST_DEVICE = 200  # stored characters of a User-Agent


class Grant(NamedTuple):
    """What makes a session a program's: the digest of its token, and what the token may do."""

    digest: bytes
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True)
class Session:
    id: Id
    user_id: Id
    refresh_id: str
    previous_refresh_id: str
    refreshed_by: str  # the device that used the previous refresh token; empty before the first use
    refreshed_at: datetime
    device: str
    created_at: datetime
    revoked: bool
    grant: Grant | None = None  # of a program

    @classmethod
    def from_record(cls, record: Record) -> Session:
        return cls(
            record["_id"],
            record["user_id"],
            record["refresh_id"],
            record["previous_refresh_id"],
            record["refreshed_by"],
            record["refreshed_at"],
            record["device"],
            record["created_at"],
            record["revoked"],
            _grant_of(record),
        )

    @classmethod
    def begin(cls, user_id: Id, device: str) -> Session:
        figures.note_use(user_id)
        moment = now()
        record = {
            "_id": new_id(),
            "user_id": user_id,
            "refresh_id": _new_refresh_id(),
            "previous_refresh_id": "",
            "refreshed_by": "",
            "refreshed_at": moment,
            "device": device[:LONGEST_DEVICE],
            "created_at": moment,
            "expires_at": moment + LIFETIME,
            "revoked": False,
        }
        database["sessions"].insert_one(record)
        return Session.from_record(record)

    @classmethod
    def find(cls, session_id: Id) -> Session | None:
        """Return the session, revoked or not."""
        return _cache.get_or_load(session_id, lambda: _read(session_id))

    @classmethod
    def of(cls, user_id: Id) -> list[Session]:
        """Return the devices that a person is signed in on, the last refreshed one first."""
        records = database["sessions"].find({"user_id": user_id})
        alive = [
            Session.from_record(record)
            for record in records
            if "grant" not in record and not record["revoked"] and record["expires_at"] > now()
        ]
        return sorted(alive, key=lambda session: session.refreshed_at, reverse=True)

    @classmethod
    def find_alive(cls, session_ids: Iterable[Id]) -> frozenset[Id]:
        """Return those of some sessions that have not ended."""
        found = _cache.get_or_load_many(session_ids, _read_many)
        return frozenset(each.id for each in found.values() if not each.revoked)

    @staticmethod
    def last_used(user_ids: list[Id]) -> dict[Id, datetime]:
        """Return when each of some people refreshed a session last, without those who never did."""
        found: dict[Id, datetime] = {}
        records = database["sessions"].find(
            {"user_id": {"$in": user_ids}}, {"user_id": 1, "refreshed_at": 1}
        )
        for record in records:
            user_id, moment = record["user_id"], record["refreshed_at"]
            found[user_id] = max(moment, found.get(user_id, moment))
        return found

    def rotate(self, device_key: str) -> Session | None:
        """Return the session with a new refresh token.

        Return None if another call rotated or revoked the session meanwhile.
        """
        figures.note_use(self.user_id)
        moment = now()
        changes: Record = {
            "refresh_id": _new_refresh_id(),
            "previous_refresh_id": self.refresh_id,
            "refreshed_by": device_key,
            "refreshed_at": moment,
        }
        changed = database["sessions"].update_one(
            {"_id": self.id, "refresh_id": self.refresh_id, "revoked": False},
            {"$set": changes | {"expires_at": moment + LIFETIME}},
        )
        _cache.invalidate(self.id)
        if not changed.matched_count:
            return None
        return replace(self, **changes)

    @staticmethod
    def forget(session_id: Id) -> None:
        """Drop the session from the cache: its record changed."""
        _cache.invalidate(session_id)

    @classmethod
    def find_now(cls, session_id: Id) -> Session | None:
        """Return the session from the database, bypassing the cache."""
        _cache.invalidate(session_id)
        return _read(session_id)

    @property
    def is_over(self) -> bool:
        """Whether the session was revoked, or its API token expired."""
        expires_at = self.grant and self.grant.expires_at
        return self.revoked or (expires_at is not None and expires_at <= now())

    def may(self, scope: str | None) -> bool:
        """Return whether the session may do what has this scope; None: only people may do it."""
        return self.grant is None or scope in self.grant.scopes

    def may_repeat(self, refresh_id: str, device_key: str) -> bool:
        """Return whether this device used `refresh_id` lately, and nobody used the next one."""
        is_the_last = refresh_id == self.previous_refresh_id and device_key == self.refreshed_by
        return is_the_last and abs(now() - self.refreshed_at) < REPEATABLE_FOR

    def revoke(self) -> None:
        try:
            ChangeNotice.store("session", session_id=self.id)
            changes = {"revoked": True, "expires_at": now() + REVOKED_STAYS}
            database["sessions"].update_one({"_id": self.id}, {"$set": changes})
        finally:
            _cache.invalidate(self.id)


def _read(session_id: Id) -> Session | None:
    record = database["sessions"].find_one({"_id": session_id})
    return Session.from_record(record) if record else None


def _read_many(session_ids: list[Id]) -> dict[Id, Session]:
    records = database["sessions"].find({"_id": {"$in": session_ids}})
    return {each.id: each for each in readable("sessions", records, Session.from_record)}


_cache: TtlCache[Id, Session] = TtlCache(
    SESSIONS_CACHED, seconds_left=seconds_left, read_many=_read_many
)


def _grant_of(record: Record) -> Grant | None:
    grant = record.get("grant")
    if grant is None:
        return None
    return Grant(bytes(grant["digest"]), frozenset(grant["scopes"]), record["expires_at"])


def _new_refresh_id() -> str:
    return secrets.token_urlsafe(16)

"""API tokens: programs sign in with them, until they expire or are revoked.

A token is a session of a program, stored among the sessions: so its sockets close when it ends. Its
text contains the session's id and a secret, of which the database has a digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bson import Binary

from chat.models import personal
from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.peers.change_notices import ChangeNotice
from chat.models.session import Grant, Session
from chat.utils.clock import now

SCOPES = ("read", "write", "manage", "admin")
PREFIX = "rtc_"  # so that programs which search for leaked secrets find tokens
LENGTH = len(PREFIX) + 40
ID_BYTES = 12
SECRET_BYTES = 18
MOST = 50  # of a person
EXPIRED_LATELY = timedelta(minutes=30)
USE_NOTED = timedelta(minutes=1)  # how exactly the last use is known
STEP = 64  # bytes; names are padded to a multiple of it


@dataclass(frozen=True)
class ApiToken:
    """A token as its person sees it. Its text was shown once."""

    id: Id
    user_id: Id
    sealed_name: bytes = field(repr=False)
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None  # exact to a minute

    @classmethod
    def make(
        cls, user_id: Id, name: str, scopes: frozenset[str], expires_at: datetime | None
    ) -> tuple[ApiToken, str]:
        """Store a new token of a person. Return it with its text."""
        token_id, secret = new_id(), secrets.token_bytes(SECRET_BYTES)
        grant = Grant(digest_of(secret), scopes, expires_at)
        sealed_name = Binary(personal.seal(user_id, _field(token_id), name, STEP))
        record = _new_session(token_id, user_id, grant) | {"name": sealed_name}
        database["sessions"].insert_one(record)
        text = PREFIX + urlsafe_b64encode(token_id.binary + secret).decode()
        return _from(record), text

    @classmethod
    def find(cls, token_id: Id) -> ApiToken | None:
        record = database["sessions"].find_one({"_id": token_id})
        return _from(record) if record and _is_alive(record) else None

    @classmethod
    def of(cls, user_id: Id) -> list[ApiToken]:
        """Return a person's tokens that neither expired nor were revoked, the latest first."""
        found = database["sessions"].find({"user_id": user_id})
        alive = [_from(record) for record in found if _is_alive(record)]
        return sorted(alive, key=lambda token: token.created_at, reverse=True)

    @staticmethod
    def sessions_of(user_id: Id) -> list[Session]:
        """Return the sessions of a person's tokens that are not over."""
        records = database["sessions"].find({"user_id": user_id})
        return [Session.from_record(record) for record in records if _is_alive(record)]

    @staticmethod
    def just_expired() -> list[Session]:
        """Return the sessions of tokens that expired lately, and are not revoked yet."""
        lately = {"$gt": now() - EXPIRED_LATELY, "$lt": now()}
        records = database["sessions"].find({"expires_at": lately})
        found = readable("sessions", records, Session.from_record)
        return [session for session in found if session.grant and not session.revoked]

    @staticmethod
    def session_of(text: str) -> Session | None:
        """Return the session of a token's text; None if it is no token's. It may have ended."""
        try:
            content = urlsafe_b64decode(text.removeprefix(PREFIX))
        except ValueError:
            return None
        if len(text) != LENGTH or len(content) != ID_BYTES + SECRET_BYTES:
            return None
        session = Session.find(Id(content[:ID_BYTES]))
        digest = digest_of(content[ID_BYTES:])
        if session is None or session.grant is None:
            return None
        return session if hmac.compare_digest(digest, session.grant.digest) else None

    def end_by(self, moment: datetime) -> None:
        """Let the token end at a moment, unless it ends earlier."""
        if self.expires_at is None or moment < self.expires_at:
            ChangeNotice.store("session", session_id=self.id)
            database["sessions"].update_one({"_id": self.id}, {"$set": {"expires_at": moment}})
            Session.forget(self.id)

    @staticmethod
    def note_use(session: Session) -> None:
        """Store that a program uses its token now."""
        is_first = session.refreshed_at == session.created_at
        if is_first or now() - session.refreshed_at > USE_NOTED:
            used = {"$set": {"refreshed_at": now()}}
            database["sessions"].update_one({"_id": session.id}, used)
            Session.forget(session.id)

    @property
    def name(self) -> str:
        return str(personal.unseal(self.user_id, _field(self.id), self.sealed_name) or "")


def digest_of(secret: bytes) -> bytes:
    """Return what the database keeps of a secret: these are random, so one hash is enough."""
    return hashlib.sha256(secret).digest()


def _field(token_id: Id) -> str:
    return f"token/{token_id}"


def _new_session(session_id: Id, user_id: Id, grant: Grant) -> Record:
    """Return the record of a program's session, which is never refreshed."""
    moment = now()
    return {
        "_id": session_id,
        "user_id": user_id,
        "refresh_id": "",
        "previous_refresh_id": "",
        "refreshed_by": "",
        "refreshed_at": moment,
        "device": "",
        "created_at": moment,
        "expires_at": grant.expires_at,
        "revoked": False,
        "grant": {"digest": Binary(grant.digest), "scopes": sorted(grant.scopes)},
    }


def _is_alive(record: Record) -> bool:
    if "grant" not in record or record["revoked"]:
        return False
    expires_at = record["expires_at"]
    return expires_at is None or expires_at > now()


def _from(record: Record) -> ApiToken:
    is_used = record["refreshed_at"] != record["created_at"]
    return ApiToken(
        record["_id"],
        record["user_id"],
        record["name"],
        frozenset(record["grant"]["scopes"]),
        record["created_at"],
        record["expires_at"],
        record["refreshed_at"] if is_used else None,
    )

"""A person's second factor: codes of an authenticator app (RFC 6238), and recovery codes.

It is a field of the person's record: the secret, sealed under the person's keys, and keyed hashes
of the recovery codes that are left. One conditional write uses a code up, so that no two processes
accept the same one.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyotp
from bson import Binary
from pyotp.exceptions import OTPVerificationError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.user import User
from chat.utils import recovery_codes
from chat.utils.clock import now
from chat.utils.encryption import fingerprint

DRIFT_STEPS = 1  # of 30 seconds: how far a phone's clock may be ahead or behind
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than anything here: a range's lower end


@dataclass(frozen=True)
class SecondFactor:
    """The second factor as it is stored. `since`: None until a first code confirms it.

    `devices`: what the tokens of remembered devices name; empty while there is none.
    """

    user_id: Id
    sealed: bytes = field(repr=False)
    since: datetime | None
    last_step: int  # the latest one whose code was used
    recovery: tuple[bytes, ...] = field(repr=False)
    devices: str = field(repr=False)

    @classmethod
    def find_now(cls, user_id: Id) -> SecondFactor | None:
        """Return what the database has, confirmed or not."""
        record = database["users"].find_one({"_id": user_id}, {"second_factor": 1}) or {}
        stored = record.get("second_factor")
        return _from(user_id, stored) if stored else None

    @classmethod
    def begin(cls, user_id: Id) -> SecondFactor | None:
        """Store a new secret, which a first code confirms. Return None if one is confirmed."""
        key_ring.make(user_id)
        secret = pyotp.random_base32()
        stored: Record = {
            "secret": Binary(key_ring.of(user_id).data.seal(secret.encode(), _place(user_id))),
            "since": None,
            "last_step": 0,
            "recovery": [],
            "devices": "",
        }
        is_free = _change(user_id, {"second_factor.since": None}, {"second_factor": stored})
        return _from(user_id, stored) if is_free else None

    def secret(self) -> str:
        """Return the secret in base32. Raises CannotOpen."""
        return key_ring.of(self.user_id).open(self.sealed, _place(self.user_id)).decode()

    def uri(self, account: str, chat: str) -> str:
        """Return the address that authenticator apps read, with the names that they show."""
        return pyotp.TOTP(self.secret()).provisioning_uri(name=account, issuer_name=chat)

    def confirm(self, code: str) -> list[str] | None:
        """Turn it on, by a first code. Return the recovery codes; None for a wrong code."""
        step = self._step_of(code)
        codes = recovery_codes.new()
        changes: Record = {
            "second_factor.since": now(),
            "second_factor.last_step": step,
            "second_factor.recovery": self._hashes(codes),
            "second_factor_removed_at": None,
        }
        unconfirmed = {"second_factor.secret": self.sealed, "second_factor.since": None}
        if step is None or not _change(self.user_id, unconfirmed, changes):
            return None
        return codes

    def use(self, code: str) -> bool:
        """Use a code of the app, or a recovery code, up.

        Return False for a wrong one, and for one that was used before.
        """
        same = {"second_factor.secret": self.sealed}
        if (step := self._step_of(code)) is not None:
            earlier = {"second_factor.last_step": {"$lt": step}}
            return _change(self.user_id, same | earlier, {"second_factor.last_step": step})
        (hashed,) = self._hashes([recovery_codes.plain(code)])
        if not any(hmac.compare_digest(hashed, each) for each in self.recovery):
            return False
        used = {"second_factor.recovery": hashed}
        changed = database["users"].update_one(
            {"_id": self.user_id, **same, **used}, {"$pull": used}
        )
        return bool(changed.matched_count)

    def renew_recovery_codes(self) -> list[str] | None:
        """Replace all recovery codes. Return the new ones; None if it is off meanwhile."""
        codes = recovery_codes.new()
        same = {"second_factor.secret": self.sealed}
        changed = _change(self.user_id, same, {"second_factor.recovery": self._hashes(codes)})
        return codes if changed else None

    def remember(self) -> str:
        """Return what the tokens of remembered devices name."""
        value = secrets.token_urlsafe(16)
        none = {"second_factor.secret": self.sealed, "second_factor.devices": ""}
        if _change(self.user_id, none, {"second_factor.devices": value}):
            return value
        found = self.find_now(self.user_id)  # an earlier device is remembered
        return found.devices if found else ""

    def _step_of(self, code: str) -> int | None:
        """Return the step of 30 seconds that the app shows a code in; None for a wrong code."""
        digits = "".join(code.split())
        if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
            return None
        try:
            totp = pyotp.TOTP(self.secret())
            return totp.verify_and_get_timecode(digits, valid_window=DRIFT_STEPS)
        except OTPVerificationError:
            return None

    def _hashes(self, codes: list[str]) -> list[Binary]:
        key = key_ring.of(self.user_id).index
        return [Binary(fingerprint(key, "recovery code", code)) for code in codes]


def forget_devices(user_id: Id) -> None:
    """Forget the remembered devices of a person."""
    _change(user_id, {"second_factor.devices": {"$gt": ""}}, {"second_factor.devices": ""})


def remove(user_id: Id, *, by_person: bool) -> bool:
    """Turn it off. Return whether it was on.

    `by_person`: else somebody else does, and the person is told at the next sign-in.
    """
    told = None if by_person else now()
    is_on = {"second_factor.since": {"$gt": BEGINNING}}
    return _change(user_id, is_on, {"second_factor": None, "second_factor_removed_at": told})


def note_removal(user_id: Id) -> None:
    """Let the person be told at the next sign-in, as after `remove`: their passkeys are gone."""
    _change(user_id, {}, {"second_factor_removed_at": now()})


def take_removal(user_id: Id) -> bool:
    """Return whether the person is to be told that somebody turned it off; True once."""
    is_untold = {"second_factor_removed_at": {"$gt": BEGINNING}}
    return _change(user_id, is_untold, {"second_factor_removed_at": None})


def _change(user_id: Id, condition: Record, changes: Record) -> bool:
    """Change the person's record. Return False if it does not meet the condition."""
    changed = database["users"].update_one({"_id": user_id, **condition}, {"$set": changes})
    User.forget(user_id)
    return bool(changed.matched_count)


def _from(user_id: Id, stored: Record) -> SecondFactor:
    return SecondFactor(
        user_id,
        stored["secret"],
        stored["since"],
        stored["last_step"],
        tuple(stored["recovery"]),
        stored["devices"],
    )


def _place(user_id: Id) -> str:
    return f"{user_id}/second factor"

"""Roots: the key-encryption keys, derived from SECRET_KEY and from SECRET_KEYS_RETIRED.

Wrapping a key takes a root and also a half that lies outside the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bson import Int64

from chat.models.database import Record
from chat.models.document import Id
from chat.models.halves import halves
from chat.utils.encryption import (
    KEY_ID_BYTES,
    CannotOpen,
    derive,
    joined,
    key_id_of,
    unwrap,
    wrap,
)


@dataclass(frozen=True)
class KeyPair:
    """A room's two keys, unwrapped."""

    data: bytes = field(repr=False)
    index: bytes = field(repr=False)


class Roots:
    """The roots that this process has. New keys are wrapped under the current root."""

    def __init__(self, keys: dict[bytes, bytes]):
        """Take `keys`: root id -> key-encryption key, the current root first."""
        self._keys = keys
        self.ids = keys.keys()
        self.current = next(iter(keys), b"")

    @classmethod
    def derive(cls, secret_key: str, retired: tuple[str, ...]) -> Roots:
        return cls(
            {
                derive(secret, "root id", KEY_ID_BYTES): derive(secret, "key-encryption key")
                for secret in (secret_key, *retired)
            }
        )

    def key(self, root_id: bytes, place: str) -> bytes:
        """Return a key-encryption key. Raises CannotOpen, which names `place`."""
        if root_id not in self._keys:
            raise CannotOpen(
                f"{place}: wrapped under a SECRET_KEY that is not in SECRET_KEYS_RETIRED"
            )
        return self._keys[root_id]

    def wrap(self, key: bytes, half: int, place: str) -> bytes:
        """Wrap a key under the current root. Raises Destroyed, CannotOpen."""
        return wrap(key, self.current, self._with_half(self.current, half, place), place)

    def unwrap(self, wrapped: bytes, half: int, place: str) -> bytes:
        """Unwrap a key with the root that wrapped it. Raises Destroyed, CannotOpen."""
        return unwrap(wrapped, self._with_half(key_id_of(wrapped, place), half, place), place)

    def wrap_pair(self, room_id: Id, half: int, pair: KeyPair) -> Record:
        """Return the fields of a room's record in `keys`."""
        return {
            "half": Int64(half),
            "data": self.wrap(pair.data, half, f"{room_id}/data key"),
            "index": self.wrap(pair.index, half, f"{room_id}/index key"),
        }

    def unwrap_pair(self, record: Record) -> KeyPair:
        """Return the keys of a room's record. Raises Destroyed, CannotOpen."""
        room_id = record["room_id"]
        half = record["half"]
        return KeyPair(
            self.unwrap(record["data"], half, f"{room_id}/data key"),
            self.unwrap(record["index"], half, f"{room_id}/index key"),
        )

    def unwrap_pair_without_half(self, record: Record) -> KeyPair:
        """Return the keys of a record of an earlier version. Raises CannotOpen."""
        room_id = record["room_id"]
        return KeyPair(
            self._unwrap_without_half(record["data"], f"{room_id}/data key"),
            self._unwrap_without_half(record["index"], f"{room_id}/index key"),
        )

    def _unwrap_without_half(self, wrapped: bytes, place: str) -> bytes:
        return unwrap(wrapped, self.key(key_id_of(wrapped, place), place), place)

    def _with_half(self, root_id: bytes, half: int, place: str) -> bytes:
        return joined(self.key(root_id, place), halves.of(half, place))[0]


def root_of(record: Record) -> bytes | None:
    """Return the id of the root that wraps a room's keys; None if the record is damaged."""
    try:
        return key_id_of(record["data"], f"{record['room_id']}/data key")
    except CannotOpen:
        return None

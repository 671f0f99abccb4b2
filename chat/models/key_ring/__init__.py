"""The keys: `SECRET_KEY` → key-encryption key → a random data key and index key for every room.

The collection `keys` stores a room's keys. They are wrapped under the key-encryption key together
with a half that lies outside the database. Without that half nobody can open the room's text, even
with a copy of the record. A person has such keys too, under their own id, for their avatar, which
belongs to no room. A message, an image or an avatar can be deleted by itself, so each also has a
half of its own: `RoomKeys.with_half`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import proofs, rotation
from chat.models.key_ring.room_keys import RoomKeys
from chat.models.key_ring.roots import KeyPair, Roots
from chat.models.key_ring.rotation import Rotation
from chat.utils.encryption import CannotOpen, SealingKey, derive, new_key
from chat.utils.queue_seal import QueueSeal
from chat.utils.ttl_cache import TtlCache

__all__ = ["KeyRing", "RoomKeys", "key_ring"]

KEYS_CACHED = 10_000
KEY_SECONDS = 600.0


class KeyRing:
    """The roots that this process has, and the room keys that these roots unwrap."""

    def __init__(self) -> None:
        self._roots = Roots({})
        self._queue_key = b""
        self._rooms: TtlCache[Id, RoomKeys] = TtlCache(KEYS_CACHED, KEY_SECONDS, seconds_left)

    def queue_seal(self) -> QueueSeal:
        """Return a new seal for messages between processes, which all have the same SECRET_KEY.

        Each process takes one when it starts.
        """
        return QueueSeal(self._queue_key)

    def unlock(self, secret_key: str, retired: tuple[str, ...] = ()) -> None:
        """Derive the roots and check that they open the data.

        Raises WrongSecretKey, HalvesUnusable.
        """
        self._rooms.clear()
        self._roots = Roots.derive(secret_key, retired)
        self._queue_key = derive(secret_key, "queue key")
        proofs.check_roots(self._roots)
        proofs.prove_root(self._roots)
        proofs.check_halves(self._roots)

    def rotate(self) -> Iterator[Rotation]:
        """Wrap every key under the current root, as rotation.py describes. Raises DatabaseError."""
        return rotation.rotate(self._roots)

    def needs_retired(self) -> bool:
        """Return whether any key is wrapped under a root that is not the current one."""
        return rotation.needs_retired(self._roots)

    def needed_roots(self) -> set[bytes]:
        """Return the ids of the current root and of every root that wraps a key."""
        return rotation.needed(self._roots)

    def make(self, room_id: Id) -> None:
        """Make the keys of a new room. If an earlier call made them, these stay."""
        pair = KeyPair(new_key(), new_key())
        wrapped = self._roots.wrap_pair(room_id, halves.take(), pair)
        # An earlier attempt to make this room may have stored its keys.
        with contextlib.suppress(DuplicateKeyError):
            database["keys"].insert_one({"_id": new_id(), "room_id": room_id} | wrapped)
        # Store the proof after the keys. A process that started before them may have found no key
        # under this root, and have deleted the root's proof.
        proofs.prove_root(self._roots)

    def of(self, room_id: Id) -> RoomKeys:
        """Return the keys of a room.

        Raises CannotOpen when they are shredded, or wrapped under a root that we do not have.
        """
        keys = self._rooms.get_or_load(room_id, lambda: self._read(room_id))
        if keys is None:
            raise CannotOpen(f"{room_id}: the keys of this room are gone")
        return keys

    def made(self, owner_id: Id) -> RoomKeys:
        """Return the keys of the chat itself or of a person, which the first call makes."""
        try:
            return self.of(owner_id)
        except CannotOpen:
            self.make(owner_id)
            self.forget(owner_id)
            return self.of(owner_id)

    def load(self, room_ids: Iterable[Id]) -> None:
        """Read the uncached keys of some rooms in one query, so that `of` finds them cached."""
        self._rooms.get_or_load_many(room_ids, self._read_many)

    def rewrap_all(self) -> None:
        """Wrap again, with halves, the keys that an earlier version wrapped without. Idempotent."""
        for record in list(database["keys"].find()):
            if "half" not in record:
                pair = self._roots.unwrap_pair_without_half(record)
                wrapped = self._roots.wrap_pair(record["room_id"], halves.take(), pair)
                # When two processes start at once, the first one's keys stay.
                database["keys"].update_one(
                    {"_id": record["_id"], "data": record["data"]}, {"$set": wrapped}
                )
        self._rooms.clear()

    def destroy(self, room_id: Id) -> None:
        """Destroy a room's keys, so that nobody can open the texts sealed under them."""
        if record := database["keys"].find_one({"room_id": room_id}):
            halves.destroy([record["half"]])
            database["keys"].delete_one({"room_id": room_id})
        self.forget(room_id)

    @staticmethod
    def shredded() -> list[Id]:
        """Return the rooms and people whose keys are stored although their half is destroyed.

        Such a record comes from a restored backup, and the room or person was deleted after it.
        """
        records = database["keys"].find({}, {"room_id": 1, "half": 1})
        return [record["room_id"] for record in records if halves.is_destroyed(record["half"])]

    def forget(self, room_id: Id) -> None:
        """Drop a room's keys from the cache: another process may have destroyed them."""
        self._rooms.invalidate(room_id)

    def _read(self, room_id: Id) -> RoomKeys | None:
        record = database["keys"].find_one({"room_id": room_id})
        if record is None:
            return None
        try:
            return self._keys_from(record)
        except Destroyed:
            return None

    def _read_many(self, room_ids: list[Id]) -> dict[Id, RoomKeys]:
        found = {}
        for record in database["keys"].find({"room_id": {"$in": room_ids}}):
            with contextlib.suppress(CannotOpen):  # `of` raises it when somebody needs these keys
                found[record["room_id"]] = self._keys_from(record)
        return found

    def _keys_from(self, record: Record) -> RoomKeys:
        pair = self._roots.unwrap_pair(record)
        return RoomKeys(SealingKey(record["_id"].binary, pair.data), pair.index, pair.data)


key_ring = KeyRing()

"""The keys: `SECRET_KEY` → key-encryption key → a random data key and index key for every room.

A room's keys lie wrapped in the collection `keys`; destroying that record destroys the room's text for good. A person
has such keys too, under their own id, for what belongs to no room: their avatar. The
collection `roots` holds one sealed proof for every SECRET_KEY that ever wrapped a key, so that a start with a wrong
one is refused before anything is written under it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.utils.encryption import KEY_ID_BYTES, CannotOpen, SealingKey, derive, key_id_of, new_key, unwrap, wrap
from chat.utils.short_memory import ShortMemory

KEYS_REMEMBERED = 10_000
KEY_SECONDS = 600.0
PROOF = b"real-time-chat"


class WrongSecretKey(Exception):
    """SECRET_KEY does not open what is in the database; the text is one sentence that says what to set."""


@dataclass(frozen=True)
class RoomKeys:
    """What seals a room's texts, and what fingerprints them."""

    data: SealingKey
    index: bytes


class KeyRing:
    """The roots that this process was given, and the room keys they open."""

    def __init__(self) -> None:
        self._roots: dict[bytes, bytes] = {}  # root id -> key-encryption key
        self._current = self._queue_key = b""
        self._rooms: ShortMemory[Id, RoomKeys] = ShortMemory(KEYS_REMEMBERED, KEY_SECONDS, database.seconds_left)

    @property
    def queue_key(self) -> SealingKey:
        """What seals the messages between processes, which all have the same SECRET_KEY."""
        return SealingKey(self._current, self._queue_key)

    def unlock(self, secret_key: str, retired: tuple[str, ...] = ()) -> None:
        """Takes the roots, and proves that they open the data. Raises WrongSecretKey."""
        self._rooms.forget_everything()
        self._roots = {derive(s, "root id", KEY_ID_BYTES): derive(s, "key-encryption key") for s in (secret_key, *retired)}
        self._current = next(iter(self._roots))
        self._queue_key = derive(secret_key, "queue key")
        for proof in database["roots"].find():
            self._check(proof)
        self._leave_proof()

    def _check(self, proof: Record) -> None:
        root = self._roots.get(bytes(proof["_id"]))
        if root is None:
            raise WrongSecretKey(
                "SECRET_KEY: it cannot open the messages in this database; set the key they were written with, "
                "and if it was replaced, add the old one to SECRET_KEYS_RETIRED."
            )
        try:
            unwrap(proof["proof"], root, "root")
        except CannotOpen as error:
            raise WrongSecretKey("SECRET_KEY: the proof of it in the database is damaged; restore a backup.") from error

    def _leave_proof(self) -> None:
        proof = wrap(PROOF, self._current, self._roots[self._current], "root")
        with contextlib.suppress(DuplicateKeyError):  # it is there since an earlier start
            database["roots"].insert_one({"_id": self._current, "proof": proof})

    def make(self, room_id: Id) -> None:
        """Keys for a new room. To repeat it is harmless: the first ones stay."""
        root = self._roots[self._current]
        record: Record = {"_id": new_id(), "room_id": room_id}
        for kind in ("data", "index"):
            record[kind] = wrap(new_key(), self._current, root, f"{room_id}/{kind} key")
        with contextlib.suppress(DuplicateKeyError):  # an earlier try at making this room came this far
            database["keys"].insert_one(record)

    def of(self, room_id: Id) -> RoomKeys:
        """The keys of a room. Raises CannotOpen when they are gone (shredded) or under a root that we do not have."""
        keys = self._rooms.recall(room_id, lambda: self._read(room_id))
        if keys is None:
            raise CannotOpen(f"{room_id}: the keys of this room are gone")
        return keys

    def destroy(self, room_id: Id) -> None:
        """What these keys sealed can be opened by nobody any more."""
        database["keys"].delete_one({"room_id": room_id})
        self.forget(room_id)

    def forget(self, room_id: Id) -> None:
        """Another process may have destroyed them."""
        self._rooms.forget(room_id)

    def _read(self, room_id: Id) -> RoomKeys | None:
        record = database["keys"].find_one({"room_id": room_id})
        if record is None:
            return None
        data, index = (self._unwrap(record[kind], f"{room_id}/{kind} key") for kind in ("data", "index"))
        return RoomKeys(SealingKey(record["_id"].binary, data), index)

    def _unwrap(self, wrapped: bytes, place: str) -> bytes:
        root = self._roots.get(key_id_of(wrapped, place))
        if root is None:
            raise CannotOpen(f"{place}: wrapped under a SECRET_KEY that is not in SECRET_KEYS_RETIRED")
        return unwrap(wrapped, root, place)


key_ring = KeyRing()

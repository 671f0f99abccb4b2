"""The keys: `SECRET_KEY` → key-encryption key → a random data key and index key for every room.

The collection `keys` stores a room's keys, wrapped under the key-encryption key together with a
half that lies outside the database. Destroying the half destroys the room's text for good,
wherever a copy of that record may be. A person has such keys too, under their own id, for what
belongs to no room: their avatar. What can be deleted by itself (a message, an image, an avatar)
also has a half of its own: `RoomKeys.with_half`.

The collection `roots` stores one sealed proof for every SECRET_KEY that may have wrapped a key.
So a start with a wrong SECRET_KEY fails before it writes anything under it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bson import Int64
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.database.deadline import seconds_left
from chat.models.document import Id, new_id
from chat.models.halves import PROOF as PROOF_HALF
from chat.models.halves import Destroyed, HalvesUnusable, halves
from chat.utils.encryption import (
    KEY_ID_BYTES,
    CannotOpen,
    SealingKey,
    derive,
    half_number_of,
    joined,
    key_id_of,
    new_key,
    unwrap,
    wrap,
)
from chat.utils.queue_seal import QueueSeal
from chat.utils.ttl_cache import TtlCache

KEYS_REMEMBERED = 10_000
KEY_SECONDS = 600.0
PROOF = b"real-time-chat"

log = logging.getLogger(__name__)


class WrongSecretKey(Exception):
    """SECRET_KEY does not open what is in the database; the text says what to set."""


@dataclass(frozen=True)
class RoomKeys:
    """A room's data key, which seals its texts, and index key, which fingerprints their words.

    `raw` is the data key itself.
    """

    data: SealingKey
    index: bytes
    raw: bytes = field(repr=False)

    def with_half(self, number: int | None, place: str) -> RoomKeys:
        """Return the keys of something that can be deleted by itself.

        They are gone when its half or the room's half is destroyed. `number` is None for what
        was sealed before there were halves. Raises Destroyed, CannotOpen, which name `place`.
        """
        if number is None:
            return self
        data, index = joined(self.raw, halves.of(number, place))
        return RoomKeys(SealingKey(self.data.id, data, number), index, data)

    def open(self, sealed: bytes, place: str) -> bytes:
        """Open what was sealed at `place`, with whichever half. Raises Destroyed, CannotOpen."""
        return self.with_half(half_number_of(sealed, place), place).data.open(sealed, place)


@dataclass
class Rotation:
    """The progress of a rotation.

    `seen`: records of rooms and people read. `rotated`: records wrapped anew. `problems`: keys
    that cannot be opened.
    """

    seen: int = 0
    rotated: int = 0
    problems: list[str] = field(default_factory=list)


class KeyRing:
    """The roots that this process has, and the room keys that they open."""

    def __init__(self) -> None:
        self._roots: dict[bytes, bytes] = {}  # root id -> key-encryption key
        self._current = self._queue_key = b""
        self._rooms: TtlCache[Id, RoomKeys] = TtlCache(KEYS_REMEMBERED, KEY_SECONDS, seconds_left)

    def queue_seal(self) -> QueueSeal:
        """Return a new seal for messages between processes, which all have the same SECRET_KEY.

        Each process takes one when it starts.
        """
        return QueueSeal(self._queue_key)

    def unlock(self, secret_key: str, retired: tuple[str, ...] = ()) -> None:
        """Derive the roots and prove that they open the data. Raises WrongSecretKey."""
        self._rooms.clear()
        self._roots = {
            derive(s, "root id", KEY_ID_BYTES): derive(s, "key-encryption key")
            for s in (secret_key, *retired)
        }
        self._current = next(iter(self._roots))
        self._queue_key = derive(secret_key, "queue key")
        for proof in database["roots"].find():
            self._check(proof)
        self._leave_proof()
        self._check_halves()

    def _check(self, proof: Record) -> None:
        root_id = bytes(proof["_id"])
        root = self._roots.get(root_id)
        if root is None:
            self._must_be_unused(root_id)
            database["roots"].delete_one({"_id": proof["_id"]})
            log.info("a SECRET_KEY that is not set any more, and that nothing needs, is forgotten")
            return
        try:
            unwrap(proof["proof"], root, "root")
        except CannotOpen as error:
            raise WrongSecretKey(
                "SECRET_KEY: the proof of it in the database is damaged; restore a backup."
            ) from error

    def _must_be_unused(self, root_id: bytes) -> None:
        """Check that a root wraps nothing. Raises WrongSecretKey when it does.

        A root wraps nothing when somebody tried it and went back, or rotated it away.
        """
        wrapped_under = [_root_of(record) for record in database["keys"].find()]
        needing = wrapped_under.count(root_id)
        if not needing and _root_of_halves() != root_id:
            return
        if not needing and wrapped_under:
            raise WrongSecretKey(
                "SECRET_KEY: rotate-keys was interrupted; "
                "add the key from before to SECRET_KEYS_RETIRED, and run it again."
            )
        if any(other in self._roots for other in wrapped_under):
            raise WrongSecretKey(
                f"SECRET_KEY: {needing} of {len(wrapped_under)} rooms and people "
                "have keys under another one; set that one, or add it to SECRET_KEYS_RETIRED."
            )
        raise WrongSecretKey(
            "SECRET_KEY: it cannot open the messages in this database; "
            "set the key they were written with, "
            "and if it was replaced, add the old one to SECRET_KEYS_RETIRED."
        )

    def rotate(self) -> Iterator[Rotation]:
        """Wrap every key under the current root and delete the other roots' proofs.

        Yields the progress after each record. Other processes, which know both roots, may run
        meanwhile. A rotation may be interrupted at any moment; a repeated one continues it.
        Raises DatabaseError.
        """
        done = Rotation()
        for record in database["keys"].find():
            done.seen += 1
            try:
                done.rotated += self._rotate(record)
            except Destroyed:
                pass  # nobody can open what is left of this room; the sweep deletes it
            except CannotOpen as error:
                done.problems.append(str(error))
            yield done
        if _root_of_halves() != self._current:
            database["meta"].update_one(
                {"_id": "halves"}, {"$set": {"proof": self._proof_of_halves()}}
            )
        for root_id in self._roots.keys() - self._needed():
            database["roots"].delete_one({"_id": root_id})
        yield done

    def _rotate(self, record: Record) -> bool:
        """Wrap a room's keys under the current root. Return whether this call did so.

        Raises Destroyed, CannotOpen.
        """
        if _root_of(record) == self._current:
            return False
        data, index = (
            self._unwrap(record[kind], record["half"], f"{record['room_id']}/{kind} key")
            for kind in ("data", "index")
        )
        wrapped = self._wrapped(record["room_id"], record["half"], data, index)
        # Matches nothing when another process deleted or rotated the record meanwhile.
        return bool(
            database["keys"]
            .update_one({"_id": record["_id"], "data": record["data"]}, {"$set": wrapped})
            .matched_count
        )

    def needs_retired(self) -> bool:
        """Return whether something is wrapped under a root that is not the current one."""
        return self._needed() != {self._current}

    def _needed(self) -> set[bytes]:
        """Return the ids of the current root and of all that wrap a key that can be opened."""
        wrapped_under = {
            _root_of(record)
            for record in database["keys"].find()
            if not halves.is_destroyed(record["half"])
        }
        return {self._current} | {
            root_id for root_id in (*wrapped_under, _root_of_halves()) if root_id
        }

    def _leave_proof(self) -> None:
        proof = wrap(PROOF, self._current, self._roots[self._current], "root")
        with contextlib.suppress(DuplicateKeyError):  # an earlier start stored it
            database["roots"].insert_one({"_id": self._current, "proof": proof})

    def _check_halves(self) -> None:
        """Check that the file of halves belongs to this database. Raises HalvesUnusable."""
        known = database["meta"].find_one({"_id": "halves"}) or {}
        place = "halves"
        if "proof" not in known:
            database["meta"].update_one(
                {"_id": "halves"}, {"$set": {"proof": self._proof_of_halves()}}
            )
            return
        try:
            unwrap(
                known["proof"],
                self._wrapping_key(key_id_of(known["proof"], place), PROOF_HALF, place),
                place,
            )
        except CannotOpen as error:
            raise HalvesUnusable(
                f"SECRETS_DIR: the file of halves is damaged ({error}); restore it from a backup."
            ) from error

    def _proof_of_halves(self) -> bytes:
        return wrap(
            PROOF, self._current, self._wrapping_key(self._current, PROOF_HALF, "halves"), "halves"
        )

    def make(self, room_id: Id) -> None:
        """Make the keys of a new room. Idempotent: the first keys stay."""
        half = halves.take()
        record: Record = {"_id": new_id(), "room_id": room_id} | self._wrapped(
            room_id, half, new_key(), new_key()
        )
        # An earlier try at making this room may have stored its keys.
        with contextlib.suppress(DuplicateKeyError):
            database["keys"].insert_one(record)
        # Last: a process that starts now may have found this root unused, and deleted its proof.
        self._leave_proof()

    def of(self, room_id: Id) -> RoomKeys:
        """Return the keys of a room.

        Raises CannotOpen when they are shredded, or wrapped under a root that we do not have.
        """
        keys = self._rooms.get_or_load(room_id, lambda: self._read(room_id))
        if keys is None:
            raise CannotOpen(f"{room_id}: the keys of this room are gone")
        return keys

    def rewrap_all(self) -> None:
        """Wrap the keys of earlier versions, which have no halves, with halves. Idempotent."""
        for record in list(database["keys"].find()):
            if "half" not in record:
                data, index = (
                    self._unwrap_without_half(record[kind], f"{record['room_id']}/{kind} key")
                    for kind in ("data", "index")
                )
                wrapped = self._wrapped(record["room_id"], halves.take(), data, index)
                # When two processes start at once, the first one's keys stay.
                database["keys"].update_one(
                    {"_id": record["_id"], "data": record["data"]}, {"$set": wrapped}
                )
        self._rooms.clear()

    def load(self, room_ids: Iterable[Id]) -> None:
        """Read the uncached keys of some rooms in one query, so that `of` finds them cached."""
        self._rooms.get_or_load_many(room_ids, self._read_many)

    def destroy(self, room_id: Id) -> None:
        """Destroy a room's keys, so that nobody can open what they sealed."""
        if record := database["keys"].find_one({"room_id": room_id}):
            halves.destroy([record["half"]])
            database["keys"].delete_one({"room_id": room_id})
        self.forget(room_id)

    @staticmethod
    def shredded() -> list[Id]:
        """Return the rooms and people whose keys are stored although their half is destroyed.

        They were deleted after the backup that the record was restored from.
        """
        records = database["keys"].find({}, {"room_id": 1, "half": 1})
        return [record["room_id"] for record in records if halves.is_destroyed(record["half"])]

    def forget(self, room_id: Id) -> None:
        """Drop a room's keys from the cache: another process may have destroyed them."""
        self._rooms.invalidate(room_id)

    def _read(self, room_id: Id) -> RoomKeys | None:
        record = database["keys"].find_one({"room_id": room_id})
        try:
            return self._keys_from(record) if record else None
        except Destroyed:
            return None

    def _read_many(self, room_ids: list[Id]) -> dict[Id, RoomKeys]:
        found = {}
        for record in database["keys"].find({"room_id": {"$in": room_ids}}):
            with contextlib.suppress(CannotOpen):  # `of` raises it when somebody needs these keys
                found[record["room_id"]] = self._keys_from(record)
        return found

    def _keys_from(self, record: Record) -> RoomKeys:
        data, index = (
            self._unwrap(record[kind], record["half"], f"{record['room_id']}/{kind} key")
            for kind in ("data", "index")
        )
        return RoomKeys(SealingKey(record["_id"].binary, data), index, data)

    def _wrapped(self, room_id: Id, half: int, data: bytes, index: bytes) -> Record:
        wrapped: Record = {"half": Int64(half)}
        for kind, key in (("data", data), ("index", index)):
            place = f"{room_id}/{kind} key"
            wrapped[kind] = wrap(
                key, self._current, self._wrapping_key(self._current, half, place), place
            )
        return wrapped

    def _unwrap(self, wrapped: bytes, half: int, place: str) -> bytes:
        return unwrap(wrapped, self._wrapping_key(key_id_of(wrapped, place), half, place), place)

    def _unwrap_without_half(self, wrapped: bytes, place: str) -> bytes:
        return unwrap(wrapped, self._root(key_id_of(wrapped, place), place), place)

    def _wrapping_key(self, root_id: bytes, half: int, place: str) -> bytes:
        return joined(self._root(root_id, place), halves.of(half, place))[0]

    def _root(self, root_id: bytes, place: str) -> bytes:
        root = self._roots.get(root_id)
        if root is None:
            raise CannotOpen(
                f"{place}: wrapped under a SECRET_KEY that is not in SECRET_KEYS_RETIRED"
            )
        return root


def _root_of(record: Record) -> bytes | None:
    """Return the id of the root that wraps a room's keys; None where they are damaged."""
    try:
        return key_id_of(record["data"], f"{record['room_id']}/data key")
    except CannotOpen:
        return None


def _root_of_halves() -> bytes | None:
    known = database["meta"].find_one({"_id": "halves"}) or {}
    try:
        return key_id_of(known["proof"], "halves") if "proof" in known else None
    except CannotOpen:
        return None


key_ring = KeyRing()

"""The keys: `SECRET_KEY` → key-encryption key → a random data key and index key for every room.

A room's keys lie in the collection `keys`, wrapped under the key-encryption key together with a half that lies outside the
database; destroying the half destroys the room's text for good, wherever a copy of that record may be. A person
has such keys too, under their own id, for what belongs to no room: their avatar. What is deleted by itself (a message, an image,
an avatar) has a half of its own on top: `RoomKeys.with_half`. The
collection `roots` holds one sealed proof for every SECRET_KEY that may have wrapped a key, so that a start with a wrong
one is refused before anything is written under it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bson import Int64
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
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
    """SECRET_KEY does not open what is in the database; the text is one sentence that says what to set."""


@dataclass(frozen=True)
class RoomKeys:
    """What seals a room's texts, and what fingerprints them; `raw` is the data key as it is."""

    data: SealingKey
    index: bytes
    raw: bytes = field(repr=False)

    def with_half(self, number: int | None, place: str) -> RoomKeys:
        """Return the keys of something that can be deleted by itself: gone with its half, and with the room.

        None: something from before there were halves. Raises Destroyed, CannotOpen, which name `place`.
        """
        if number is None:
            return self
        data, index = joined(self.raw, halves.of(number, place))
        return RoomKeys(SealingKey(self.data.id, data, number), index, data)

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed at `place`, with whichever half. Raises Destroyed, CannotOpen."""
        return self.with_half(half_number_of(sealed, place), place).data.open(sealed, place)


@dataclass
class Rotation:
    """How far a rotation has come: keys of rooms and people that were looked at, and wrapped anew; what cannot be opened."""

    seen: int = 0
    rotated: int = 0
    problems: list[str] = field(default_factory=list)


class KeyRing:
    """The roots that this process was given, and the room keys they open."""

    def __init__(self) -> None:
        self._roots: dict[bytes, bytes] = {}  # root id -> key-encryption key
        self._current = self._queue_key = b""
        self._rooms: TtlCache[Id, RoomKeys] = TtlCache(
            KEYS_REMEMBERED, KEY_SECONDS, database.seconds_left
        )

    def queue_seal(self) -> QueueSeal:
        """What seals the messages between processes, which all have the same SECRET_KEY: one for each start of a process."""
        return QueueSeal(self._queue_key)

    def unlock(self, secret_key: str, retired: tuple[str, ...] = ()) -> None:
        """Takes the roots, and proves that they open the data. Raises WrongSecretKey."""
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
        """A root that was tried and taken back, or rotated away, wraps nothing. Raises WrongSecretKey."""
        wrapped_under = [_root_of(record) for record in database["keys"].find()]
        needing = wrapped_under.count(root_id)
        if not needing and _root_of_halves() != root_id:
            return
        if not needing and wrapped_under:
            raise WrongSecretKey(
                "SECRET_KEY: rotate-keys was interrupted; add the key from before to SECRET_KEYS_RETIRED, and run it again."
            )
        if any(other in self._roots for other in wrapped_under):
            raise WrongSecretKey(
                f"SECRET_KEY: {needing} of {len(wrapped_under)} rooms and people have keys under another one; "
                "set that one, or add it to SECRET_KEYS_RETIRED."
            )
        raise WrongSecretKey(
            "SECRET_KEY: it cannot open the messages in this database; set the key they were written with, "
            "and if it was replaced, add the old one to SECRET_KEYS_RETIRED."
        )

    def rotate(self) -> Iterator[Rotation]:
        """Wraps every key under the current root, and forgets the others. What has been done so far, after each room.

        Beside running processes, which know both roots. It may be ended at any moment, and goes on when it is repeated.
        Raises DatabaseError.
        """
        done = Rotation()
        for record in database["keys"].find():
            done.seen += 1
            try:
                done.rotated += self._rotate(record)
            except Destroyed:
                pass  # nobody can open what is left of this room; the sweep takes it away
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
        """Wraps a room's keys under the current root, and returns whether that was to be done. Raises Destroyed, CannotOpen."""
        if _root_of(record) == self._current:
            return False
        data, index = (
            self._unwrap(record[kind], record["half"], f"{record['room_id']}/{kind} key")
            for kind in ("data", "index")
        )
        wrapped = self._wrapped(record["room_id"], record["half"], data, index)
        # Unless it was deleted, or done by somebody else, meanwhile.
        return bool(
            database["keys"]
            .update_one({"_id": record["_id"], "data": record["data"]}, {"$set": wrapped})
            .matched_count
        )

    def needs_retired(self) -> bool:
        """Whether something is wrapped under a root that is not the current one."""
        return self._needed() != {self._current}

    def _needed(self) -> set[bytes]:
        """The ids of the current root and of every root that still wraps a key that can be opened."""
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
        with contextlib.suppress(DuplicateKeyError):  # it is there since an earlier start
            database["roots"].insert_one({"_id": self._current, "proof": proof})

    def _check_halves(self) -> None:
        """Raises HalvesUnusable when the file of halves is not the one that this database was made with."""
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
        """Keys for a new room. To repeat it is harmless: the first ones stay."""
        half = halves.take()
        record: Record = {"_id": new_id(), "room_id": room_id} | self._wrapped(
            room_id, half, new_key(), new_key()
        )
        with contextlib.suppress(
            DuplicateKeyError
        ):  # an earlier try at making this room came this far
            database["keys"].insert_one(record)
        self._leave_proof()  # last: a process that starts just now may have found that nothing needs this root, and dropped it

    def of(self, room_id: Id) -> RoomKeys:
        """The keys of a room. Raises CannotOpen when they are gone (shredded) or under a root that we do not have."""
        keys = self._rooms.get_or_load(room_id, lambda: self._read(room_id))
        if keys is None:
            raise CannotOpen(f"{room_id}: the keys of this room are gone")
        return keys

    def rewrap_all(self) -> None:
        """Wraps the keys of earlier versions, which are without halves, with halves. To repeat it is harmless."""
        for record in list(database["keys"].find()):
            if "half" not in record:
                data, index = (
                    self._unwrap_without_half(record[kind], f"{record['room_id']}/{kind} key")
                    for kind in ("data", "index")
                )
                wrapped = self._wrapped(record["room_id"], halves.take(), data, index)
                # Of two processes that start at once the first one's stays.
                database["keys"].update_one(
                    {"_id": record["_id"], "data": record["data"]}, {"$set": wrapped}
                )
        self._rooms.clear()

    def load(self, room_ids: Iterable[Id]) -> None:
        """Reads the keys of some rooms that are not remembered, in one question, so that `of` need not."""
        self._rooms.get_or_load_many(room_ids, self._read_many)

    def destroy(self, room_id: Id) -> None:
        """What these keys sealed can be opened by nobody any more."""
        if record := database["keys"].find_one({"room_id": room_id}):
            halves.destroy([record["half"]])
            database["keys"].delete_one({"room_id": room_id})
        self.forget(room_id)

    @staticmethod
    def shredded() -> list[Id]:
        """Those whose half is destroyed though a record of their keys is there: deleted since the backup that it comes from."""
        records = database["keys"].find({}, {"room_id": 1, "half": 1})
        return [record["room_id"] for record in records if halves.is_destroyed(record["half"])]

    def forget(self, room_id: Id) -> None:
        """Another process may have destroyed them."""
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
            with contextlib.suppress(CannotOpen):  # whoever asks for these is told
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
    """The root that a room's keys are wrapped under; None where they are damaged."""
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

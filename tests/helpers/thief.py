"""A thief of files who has SECRET_KEY: extracts records from any bytes, and opens what opens.

It uses nothing of the chat. What this program cannot open, another one that knows the formats
cannot open either.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import bson
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Record = dict[str, Any]
_ID = re.compile(rb"(?:\x07|\x02)_id\x00", re.DOTALL)
MOST = 1_000_000  # bytes of a record


def carved(folders: Iterable[Path]) -> list[Record]:
    """Return every BSON document with an `_id` in any file: data, journal, oplog, freed space."""
    found: dict[bytes, Record] = {}
    for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders):
        content = path.read_bytes() if path.is_file() else b""
        for match in _ID.finditer(content):
            start = match.start() - 4
            length = int.from_bytes(content[max(0, start) : match.start()], "little")
            if start >= 0 and 5 < length < MOST:
                try:
                    found[content[start : start + length]] = bson.decode(
                        content[start : start + length]
                    )
                except (bson.errors.BSONError, ValueError, OverflowError, UnicodeDecodeError):
                    continue
    return list(found.values())


class Thief:
    def __init__(self, secret_key: str, halves_file: Path, records: list[Record]):
        halves = halves_file.read_bytes()
        self._halves = [halves[at : at + 32] for at in range(0, len(halves), 32)]
        hkdf = HKDF(SHA256(), 32, b"real-time-chat", b"key-encryption key")
        self._root = hkdf.derive(secret_key.encode())
        self.records = records
        self.keys: dict[Any, set[bytes]] = {}  # room or person -> data keys
        self.indexes: dict[Any, set[bytes]] = {}  # likewise -> index keys
        for record in records:
            for kind, found in (("data", self.keys), ("index", self.indexes)):
                if "room_id" in record and isinstance(record.get(kind), bytes):
                    found.setdefault(record["room_id"], set()).update(
                        self._unwrapped(record[kind], f"{record['room_id']}/{kind} key")
                    )

    def opened(self, owner: Any, sealed: Any, place: str) -> bytes | None:
        """Return the plain text; None if no key of this room or person and no half opens it."""
        if not isinstance(sealed, bytes):
            return None
        for key in self.keys.get(owner, ()):
            if sealed[:1] == b"\x01":
                if (plain := _open(key, sealed, 13, place)) is not None:
                    return plain
            elif sealed[:1] == b"\x02":
                for half in self._halves:
                    if (plain := _open(_joined(key, half)[0], sealed, 19, place)) is not None:
                        return plain
        return None

    def texts(self) -> Iterator[str]:
        """Yield the bodies of all messages that it can open."""
        for record in self.records:
            for field in ("text", "original"):
                if field in record and "room_id" in record:
                    place = f"{record['room_id']}/{record.get('message_id', record['_id'])}/text"
                    if (plain := self.opened(record["room_id"], record[field], place)) is not None:
                        yield orjson.loads(plain)["body"]

    def emoji(self) -> Iterator[str]:
        for record in self.records:
            reactions = [
                *record.get("reactions", ()),
                *([record["reaction"]] if "reaction" in record else ()),
            ]
            for reaction in reactions:
                place = f"{record['room_id']}/{record.get('message_id', record['_id'])}/reaction"
                if (plain := self.opened(record["room_id"], reaction["emoji"], place)) is not None:
                    yield plain.rstrip(b"\0").decode()

    def descriptions(self) -> Iterator[str]:
        """Yield the descriptions of pictures, from the picture and from the message."""
        for record in self.records:
            if "uploader_id" in record:
                for field in ("alt", "placeholder"):
                    if plain := self.opened(
                        record["room_id"],
                        record.get(field),
                        f"{record['room_id']}/{record['_id']}/{field}",
                    ):
                        yield plain.rstrip(b"\0").decode()
            elif plain := self.opened(
                record.get("room_id"),
                record.get("images"),
                f"{record.get('room_id')}/{record['_id']}/images",
            ):
                yield from (image["alt"] for image in orjson.loads(plain))

    def topics(self) -> Iterator[str]:
        for record in self.records:
            if plain := self.opened(record["_id"], record.get("topic"), f"{record['_id']}/topic"):
                yield plain.rstrip(b"\0").decode()

    def files(self) -> set[str]:
        """Return the pictures' files whose first segment opens: `<picture>/<rendition or size>`."""
        found = set()
        for record in self.records:
            if isinstance(record.get("files_id"), str) and record.get("n") == 0:
                picture, _, part = record["files_id"].partition("/")
                part = f"avatar {part}" if part.isdecimal() else part
                for owner in self.keys:
                    if (
                        self.opened(owner, record["data"], f"{owner}/{picture}/{part}/0 of 1")
                        is not None
                    ):
                        found.add(record["files_id"])
        return found

    def guesses(self, room_id: Any, body: str) -> bool:
        """Return whether a fingerprint anywhere reveals that somebody wrote this."""
        prints = {
            bytes(record["fingerprint"]) for record in self.records if record.get("fingerprint")
        }
        for index in self.indexes.get(room_id, ()):
            alone = _fingerprint(index, "message", body, "")
            if alone in prints:
                return True
            for key, half in itertools.product(self.keys[room_id], self._halves):
                if _fingerprint(_joined(key, half)[1], "message", alone.hex()) in prints:
                    return True
        return False

    def _unwrapped(self, wrapped: bytes, place: str) -> Iterator[bytes]:
        for root in (self._root, *(_joined(self._root, half)[0] for half in self._halves)):
            if (key := _open(root, wrapped, 13, place)) is not None:
                yield key


def _open(key: bytes, sealed: bytes, header: int, place: str) -> bytes | None:
    try:
        return AESGCM(key).decrypt(
            sealed[header : header + 12], sealed[header + 12 :], place.encode()
        )
    except (InvalidTag, ValueError):
        return None


def _joined(key: bytes, half: bytes) -> tuple[bytes, bytes]:
    both = hashlib.blake2b(half, key=key, person=b"with a half", digest_size=64).digest()
    return both[:32], both[32:]


def _fingerprint(key: bytes, *parts: str) -> bytes:
    texts = [part.encode() for part in parts]
    return hashlib.blake2b(
        b"".join(len(text).to_bytes(8, "big") + text for text in texts), key=key, digest_size=32
    ).digest()

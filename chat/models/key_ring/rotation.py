"""Rotation: wrap every key under the current root, so that the chat needs no retired root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from chat.models.damaged import readable, whole
from chat.models.database import Record, database
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import proofs
from chat.models.key_ring.roots import Roots, root_of
from chat.utils.encryption import CannotOpen


@dataclass
class Rotation:
    """The progress of a rotation.

    `seen`: how many records of rooms and people were read. `rotated`: how many of them were wrapped
    again. `problems`: a sentence for each key that cannot be unwrapped.
    """

    seen: int = 0
    rotated: int = 0
    problems: list[str] = field(default_factory=list)


def rotate(roots: Roots) -> Iterator[Rotation]:
    """Wrap every key under the current root and delete the other roots' proofs.

    Yields the progress after each record. Other processes may run meanwhile, because they know both
    roots. A rotation may be interrupted at any moment; the next one continues it. Raises
    DatabaseError.
    """
    done = Rotation()
    for record in database["keys"].find():
        done.seen += 1
        try:
            done.rotated += whole("keys", record, partial(_rotate, roots))
        except Destroyed:
            pass  # somebody deleted this room or person; the sweep deletes the data that is left
        except CannotOpen as error:
            done.problems.append(str(error))
        yield done
    if proofs.root_of_halves() != roots.current:
        proofs.prove_halves(roots)
    for root_id in roots.ids - needed(roots):
        database["roots"].delete_one({"_id": root_id})
    yield done


def needs_retired(roots: Roots) -> bool:
    """Return whether any key is wrapped under a root that is not the current one."""
    return needed(roots) != {roots.current}


def _rotate(roots: Roots, record: Record) -> bool:
    """Wrap a room's keys under the current root. Return whether this call did so.

    Raises Destroyed, CannotOpen.
    """
    if root_of(record) == roots.current:
        return False
    wrapped = roots.wrap_pair(record["room_id"], record["half"], roots.unwrap_pair(record))
    # This matches nothing if another process deleted or rotated the record meanwhile.
    unchanged = {"_id": record["_id"], "data": record["data"]}
    return bool(database["keys"].update_one(unchanged, {"$set": wrapped}).matched_count)


def needed(roots: Roots) -> set[bytes]:
    """Return the ids of the current root and of every root that wraps a key with a live half."""
    records = database["keys"].find()
    found = set(readable("keys", records, _root_of_alive)) | {
        proofs.root_of_halves(),
        roots.current,
    }
    return {root_id for root_id in found if root_id}


def _root_of_alive(record: Record) -> bytes | None:
    """Return the root that wraps a room's keys; None if their half is destroyed."""
    return None if halves.is_destroyed(record["half"]) else root_of(record)

"""Proofs that SECRET_KEY and the halves belong to this database.

The collection `roots` stores one sealed proof for every SECRET_KEY that may have wrapped a key. So
a start with a wrong SECRET_KEY fails before the chat seals anything under that key. The record
`halves` in `meta` stores the proof of the halves.
"""

from __future__ import annotations

import contextlib
import logging

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.halves.store import PROOF_NUMBER, HalvesUnusable
from chat.models.key_ring.roots import Roots, root_of
from chat.utils.encryption import CannotOpen, key_id_of, unwrap, wrap

PROOF = b"real-time-chat"

log = logging.getLogger(__name__)


class WrongSecretKey(Exception):
    """SECRET_KEY does not open the data in the database. The exception's text says what to set."""


def check_roots(roots: Roots) -> None:
    """Check that the roots open the data, and forget unused ones. Raises WrongSecretKey."""
    for proof in database["roots"].find():
        root_id = bytes(proof["_id"])
        if root_id in roots.ids:
            _check_proof(roots, proof)
        else:
            _must_be_unused(roots, root_id)
            database["roots"].delete_one({"_id": proof["_id"]})
            log.info("a SECRET_KEY that is not set any more, and that nothing needs, is forgotten")


def _check_proof(roots: Roots, proof: Record) -> None:
    try:
        unwrap(proof["proof"], roots.key(bytes(proof["_id"]), "root"), "root")
    except CannotOpen as error:
        raise WrongSecretKey(
            "SECRET_KEY: the proof of it in the database is damaged; restore a backup."
        ) from error


def _must_be_unused(roots: Roots, root_id: bytes) -> None:
    """Check that a root wraps nothing. Raises WrongSecretKey when it does.

    A root wraps nothing when an operator tried its SECRET_KEY and went back to the one before, or
    when a rotation replaced it.
    """
    wrapped_under = [root_of(record) for record in database["keys"].find()]
    needing = wrapped_under.count(root_id)
    if not needing and root_of_halves() != root_id:
        return
    if not needing and wrapped_under:
        raise WrongSecretKey(
            "SECRET_KEY: rotate-keys was interrupted; "
            "add the key from before to SECRET_KEYS_RETIRED, and run it again."
        )
    if any(other in roots.ids for other in wrapped_under):
        raise WrongSecretKey(
            f"SECRET_KEY: {needing} of {len(wrapped_under)} rooms and people "
            "have keys under another one; set that one, or add it to SECRET_KEYS_RETIRED."
        )
    raise WrongSecretKey(
        "SECRET_KEY: it cannot open the messages in this database; "
        "set the key they were written with, "
        "and if it was replaced, add the old one to SECRET_KEYS_RETIRED."
    )


def prove_root(roots: Roots) -> None:
    """Store the proof of the current root. Idempotent."""
    proof = wrap(PROOF, roots.current, roots.key(roots.current, "root"), "root")
    with contextlib.suppress(DuplicateKeyError):  # an earlier start stored it
        database["roots"].insert_one({"_id": roots.current, "proof": proof})


def check_halves(roots: Roots) -> None:
    """Check that the file of halves belongs to this database. Raises HalvesUnusable."""
    known = database["meta"].find_one({"_id": "halves"}) or {}
    if "proof" not in known:
        prove_halves(roots)
        return
    try:
        roots.unwrap(known["proof"], PROOF_NUMBER, "halves")
    except CannotOpen as error:
        raise HalvesUnusable(
            f"SECRETS_DIR: the file of halves is damaged ({error}); restore it from a backup."
        ) from error


def prove_halves(roots: Roots) -> None:
    """Store the proof of the halves, under the current root."""
    proof = roots.wrap(PROOF, PROOF_NUMBER, "halves")
    database["meta"].update_one({"_id": "halves"}, {"$set": {"proof": proof}})


def root_of_halves() -> bytes | None:
    """Return the id of the root that wraps the proof of the halves, if there is one."""
    known = database["meta"].find_one({"_id": "halves"}) or {}
    if "proof" not in known:
        return None
    try:
        return key_id_of(known["proof"], "halves")
    except CannotOpen:
        return None

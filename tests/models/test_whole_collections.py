"""No request reads a whole collection: none asks for records without a condition.

The embedded database reads all that a query may match before it sorts or limits it. So whoever
registered would wait for as long as the chat has people.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MODELS = Path(__file__).parents[2] / "chat" / "models"
# Work of a start, of a command or of an upgrade, and what never has more than some records.
MAY = {
    "avatar.py: all_ids",
    "avatar.py: all_settled",
    "deleted_rooms.py: unfinished",
    "derived.py: _is_empty",
    "image/__init__.py: all_ids",
    "backup/taking.py: _copy_avatars",
    "backup/taking.py: _copy_whole",
    "backup/taking.py: _note_deleted_rooms",
    "image_quota.py: _count",
    "image_quota.py: problems",
    "image_quota.py: recount_all",
    "key_ring/__init__.py: rewrap_all",
    "key_ring/__init__.py: shredded",
    "key_ring/proofs.py: _must_be_unused",
    "key_ring/proofs.py: check_roots",
    "key_ring/rotation.py: needed",
    "key_ring/rotation.py: rotate",
    "outgoing_webhook.py: are_any",
    "prepared_export.py: all_ids",
    "push_subscription.py: are_any",
    "resealing.py: _version",
    "resealing.py: _with_text",
    "room.py: all_ids",
    "search/indexer.py: forget_all",
    "sealed_file.py: all_file_ids",
}


def whole_reads(path: Path) -> Iterator[str]:
    """Yield the functions of a module that read a collection without a condition."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            condition = call.args[0] if call.args else None
            is_empty = condition is None or (isinstance(condition, ast.Dict) and not condition.keys)
            of_collection = isinstance(call.func.value, ast.Subscript)
            if call.func.attr in {"find", "find_one"} and of_collection and is_empty:
                yield function.name


def test_no_request_reads_a_whole_collection() -> None:
    found = {
        f"{path.relative_to(MODELS).as_posix()}: {name}"
        for path in MODELS.rglob("*.py")
        if "migrations" not in path.parts
        for name in whole_reads(path)
    }
    assert found == MAY

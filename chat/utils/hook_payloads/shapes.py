"""Take what has the expected shape from JSON, where anything may be anywhere."""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]


def listed(items: object, most: int) -> tuple[list[Part], int]:
    """Return the first objects of a list, and how many items there are beyond."""
    if not isinstance(items, list):
        return [], 0
    return [each for each in items[:most] if isinstance(each, dict)], max(0, len(items) - most)


def string(value: object, other: str = "") -> str:
    """Return a text that is one and not empty, else `other`; no object is written as text."""
    return value if isinstance(value, str) and value.strip() else other

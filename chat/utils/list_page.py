"""One page of a list, with the cursor of the next page."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Cursor = TypeVar("Cursor")


class ListPage(NamedTuple, Generic[Item, Cursor]):
    """A part of a list. `following`: the cursor of the next page; None at the end."""

    items: list[Item]
    following: Cursor | None

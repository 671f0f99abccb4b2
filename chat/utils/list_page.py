"""One page of a list, with the cursor of the next page."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Cursor = TypeVar("Cursor")


class ListPage(NamedTuple, Generic[Item, Cursor]):
    """Some items of a list. `following` is where the next page begins; None at the end."""

    items: list[Item]
    following: Cursor | None

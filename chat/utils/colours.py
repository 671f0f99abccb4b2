"""Compute the colour of a person's circle of initials from their id."""

from __future__ import annotations

COLOURS = 16  # the stylesheet people.css defines as many


def colour_of(id_text: str) -> int:
    """Return the number of a person's colour, which never changes; message_view.js does the same.

    Without an id it is 0.
    """
    return int(id_text[-2:] or "0", 16) % COLOURS

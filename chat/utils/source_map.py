"""Write source maps of whole lines: https://tc39.es/ecma426/."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def mappings_of(origins: Sequence[tuple[int, int] | None]) -> str:
    """Return a source map's `mappings`, of lines alone: `origins` are (source, line) from 0."""
    last_source, last_line, parts = 0, 0, []
    for origin in origins:
        if origin is None:
            parts.append("")
            continue
        source, line = origin
        parts.append(f"A{_vlq(source - last_source)}{_vlq(line - last_line)}A")
        last_source, last_line = source, line
    return ";".join(parts)


def _vlq(number: int) -> str:
    """Return a number in base 64, five bits a digit, the lowest first; its sign is the lowest."""
    rest = abs(number) << 1 | (number < 0)
    digits = ""
    while rest > 31:
        digits += DIGITS[32 | rest & 31]
        rest >>= 5
    return digits + DIGITS[rest]

"""The colour of an attachment's bar, as a sign before its first words."""

from __future__ import annotations

import colorsys
import re

_NAMED = {"good": "🟢", "warning": "🟡", "danger": "🔴"}
_HEX = re.compile(r"#?([0-9a-fA-F]{1,6})")
# Where each sign's part of the circle of hues ends, in degrees.
_HUES = ((15, "🔴"), (40, "🟠"), (70, "🟡"), (170, "🟢"), (260, "🔵"), (335, "🟣"), (360, "🔴"))
LONGEST = 20  # characters that are looked at
PALE = 0.2  # less saturated colours are grey
DARK = 0.2  # darker colours are black


def sign_of(colour: object) -> str:
    """Return the sign of `good`, `warning`, `danger` or `#rrggbb`; an empty text without one."""
    if not isinstance(colour, str):
        return ""
    colour = colour[:LONGEST].strip()
    if sign := _NAMED.get(colour.lower()):
        return sign
    written = _HEX.fullmatch(colour)
    if written is None:
        return ""
    digits = written[1]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    number = int(digits, 16)  # Gitea omits zeros at the beginning
    return _nearest((number >> 16) / 255, (number >> 8 & 255) / 255, (number & 255) / 255)


def _nearest(red: float, green: float, blue: float) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < DARK or (saturation < PALE and value < 0.5):
        return "⚫"
    if saturation < PALE:
        return "⚪"
    return next(sign for end, sign in _HUES if 360 * hue <= end)

"""Draw small pictures, pixel by pixel, as PNG: the chat itself has no library of pictures."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable

Colour = tuple[int, int, int]
Paint = Callable[[float, float], Colour]  # of a point, from (0, 0) at the top left to (1, 1)

SKY, SEA, SUN = (236, 196, 160), (74, 88, 104), (255, 236, 190)
PAPER, INK, RED = (250, 247, 240), (52, 58, 70), (214, 64, 54)
BARS = (
    (0.35, (122, 100, 80)),
    (0.55, (64, 98, 160)),
    (0.85, RED),
    (0.5, INK),
    (0.7, (96, 138, 84)),
)


def png(width: int, height: int, paint: Paint) -> bytes:
    """Return a picture whose pixels `paint` decides."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(paint((x + 0.5) / width, (y + 0.5) / height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def avatar(number: int) -> bytes:
    """Return the avatar of a person: two hills and a sun, each time in other colours."""
    warm, cool = _colour(0.09 * number), _colour(0.09 * number + 0.45)
    lift = 0.08 * math.sin(number)

    def paint(x: float, y: float) -> Colour:
        if math.hypot(x - 0.5 - lift, y - 0.36) < 0.16:
            return _mixed(SUN, warm, 0.15)
        if y > 0.72 + lift - 0.16 * math.sin(3 * x + number):
            return cool
        if y > 0.6 + 0.14 * math.sin(4 * x + 2 * number):
            return _mixed(cool, warm, 0.5)
        return _mixed(warm, PAPER, 0.55 - 0.4 * y)

    return png(128, 128, paint)


def drawing(name: str) -> bytes:
    """Return the picture that a conversation names."""
    return png(480, 320, _DRAWINGS[name])


def _sea(x: float, y: float) -> Colour:
    if y < 0.55:
        glow = max(0.0, 1 - 3 * math.hypot(x - 0.62, y - 0.42))
        sun = math.hypot(1.5 * (x - 0.62), y - 0.42) < 0.07
        return SUN if sun else _mixed(_mixed(SEA, SKY, y / 0.55), SUN, glow)
    wave = math.sin(60 * y + 9 * math.sin(5 * x)) * 0.06
    stripe = max(0.0, 0.8 - 9 * abs(x - 0.62 - wave) * (1.4 - y))
    return _mixed(_mixed(SEA, INK, (y - 0.55) * 1.6 + wave), SUN, stripe)


def _mount(x: float, y: float) -> Colour:
    lamp = math.hypot(1.5 * (x - 0.5), y - 0.42)
    is_line = abs(lamp - 0.26) < 0.008 or abs(lamp - 0.2) < 0.004
    is_bar = 0.7 < y < 0.78
    is_strap = 0.44 < x < 0.56 and 0.6 < y < 0.84
    if is_line or (is_bar and (y < 0.708 or y > 0.772)):
        return INK
    if is_strap:
        return _mixed(RED, PAPER, 0.3)
    return _mixed(PAPER, RED, 0.35) if lamp < 0.2 else PAPER


def _chart(x: float, y: float) -> Colour:
    place = (x - 0.1) / 0.16
    if 0 <= place < len(BARS) and 0.15 < place % 1 < 0.85 and 1 - y > 0.1:
        height, colour = BARS[int(place)]
        if 0.9 - y < 0.8 * height and y < 0.9:
            return colour
    return INK if abs(y - 0.9) < 0.004 else PAPER


def _poster(x: float, y: float) -> Colour:
    distance = math.hypot(1.5 * (x - 0.5), y - 0.5)
    glow = max(0.0, 1 - 2.2 * distance) ** 2
    return RED if distance < 0.06 else _mixed((24, 26, 34), RED, glow)


_DRAWINGS: dict[str, Paint] = {"sea": _sea, "mount": _mount, "chart": _chart, "poster": _poster}


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _colour(turn: float) -> Colour:
    """Return a soft colour of the circle of colours."""
    red, green, blue = (
        round(150 + 70 * math.cos(2 * math.pi * (turn + third / 3))) for third in range(3)
    )
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

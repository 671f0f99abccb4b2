"""Read JPEGs whose last bytes are missing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO

from PIL import Image, ImageChops

from chat.utils.decoding.refusals import damaged

END = b"\xff\xd9"
ANY_OTHER = b"\x55" * 256  # data that ends no picture
# begins a segment; does not occur within the data of a scan
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def without_end(file: IO[bytes]) -> Image.Image:
    """Return a JPEG whose last bytes are missing, as browsers show it, if few rows are missing.

    A decoder invents the missing part. So the file is decoded twice, with different bytes at its
    end: the picture ends where the two results differ.
    """
    file.seek(0)
    data = file.read().rstrip(b"\0\xff")
    if not has_all_scans(data):
        raise damaged()
    one = Image.open(io.BytesIO(data + END), formats=("JPEG",))
    other = Image.open(io.BytesIO(data + ANY_OTHER + END), formats=("JPEG",))
    missing = ImageChops.difference(one, other).getbbox()
    # 18 px: the height of a row of blocks after smoothing
    most_rows = max(one.height // 20, min(18, one.height // 4))
    if missing and missing[1] < one.height - most_rows:
        raise damaged()
    return one


def has_all_scans(data: bytes) -> bool:
    """Return whether a JPEG has scans for all its coefficients; the last scan may be incomplete."""
    colours = 0
    come = set()
    for marker, content in segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            colours = content[5]
        if marker == 0xDA:
            count = content[0]
            first, last, precision = content[1 + 2 * count : 4 + 2 * count]
            if precision & 15 == 0:  # no later scan refines these coefficients
                ids = content[1 : 1 + 2 * count : 2]
                come |= {(id_, place) for id_ in ids for place in range(first, last + 1)}
    return len(come) == 64 * colours


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and content of each segment of a JPEG, without the data of scans."""
    place = 2
    while found := MARKER.search(data, place):
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        place = found.end() + length
        yield found[0][1], data[found.end() + 2 : place]

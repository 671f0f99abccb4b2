"""Read a PNG's data besides its pixels, and the pieces of an animated PNG."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from PIL import Image, PngImagePlugin

from chat.utils.decoding.refusals import damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PROFILE = 4 * 2**20  # bytes of a colour profile, unpacked


class FrameControl(NamedTuple):
    """The data before each frame of an animated PNG."""

    width: int
    height: int
    left: int
    upper: int
    duration: int
    parts_of_second: int  # the unit of `duration`, as parts of a second; 0: 100
    disposal: int
    blending: int

    @classmethod
    def of(cls, content: bytes) -> FrameControl:
        return cls(*struct.unpack(">4I2H2B", content[4:26]))


def prepare() -> None:
    """Make Pillow read a PNG's profile and gamma, and no text."""
    # Pillow skips all other data, because the chat does not store it, and damaged data would make
    # Pillow refuse the picture.
    readers = {"iCCP": read_profile, "gAMA": read_gamma}
    readers |= dict.fromkeys(("tEXt", "zTXt", "iTXt", "cHRM", "sRGB", "pHYs"), skip)
    for kind, reader in readers.items():
        setattr(PngImagePlugin.PngStream, f"chunk_{kind}", reader)


def skip(png: PngImagePlugin.PngStream, place: int, size: int) -> bytes:
    assert png.fp
    return png.fp.read(size)


def read_profile(png: PngImagePlugin.PngStream, place: int, size: int) -> bytes:
    """Read a PNG's colour profile, unless it cannot be unpacked; return the chunk."""
    chunk = skip(png, place, size)
    packed = chunk.partition(b"\0")[2]
    with contextlib.suppress(zlib.error):
        unpacked = zlib.decompressobj().decompress(packed[1:], LARGEST_PROFILE)
        png.im_info["icc_profile"] = unpacked or None
    return chunk


def read_gamma(png: PngImagePlugin.PngStream, place: int, size: int) -> bytes:
    """Read a PNG's gamma; return the chunk."""
    chunk = skip(png, place, size)
    if len(chunk) == 4:
        png.im_info["gamma"] = int.from_bytes(chunk, "big") / 100_000
    return chunk


def deepen_transparency(picture: Image.Image) -> None:
    """Scale the transparent shade of a PNG to the depth of the pixels that Pillow reads."""
    clear = picture.info.get("transparency")
    if not isinstance(picture, PngImagePlugin.PngImageFile) or clear is None or not picture.tile:
        return
    read_as = picture.tile[0].args
    if read_as == "L;2":
        picture.info["transparency"] = clear * 85
    if read_as == "L;4":
        picture.info["transparency"] = clear * 17
    if read_as == "RGB;16B":
        picture.info["transparency"] = tuple(channel >> 8 for channel in clear)


def png_pieces(file: IO[bytes], size: tuple[int, int]) -> Iterator[tuple[FrameControl, bytes]]:
    """Yield the control data of each frame of an animated PNG, and its pixels as a PNG."""
    head = b""
    control = b""
    shared = bytearray()
    data = bytearray()
    for kind, content in png_chunks(file):
        if kind in (b"fcTL", b"IEND"):
            if control and data:
                whole = SIGNATURE + png_chunk(b"IHDR", control[4:12] + head[8:]) + shared
                whole += png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
                yield FrameControl.of(control), whole
            control = content
            data.clear()
            if control:
                _must_fit(FrameControl.of(control), size)
        elif kind == b"IHDR":
            head = content
        elif kind in (b"PLTE", b"tRNS", b"iCCP", b"gAMA"):
            shared += png_chunk(kind, content)
        elif kind == b"IDAT" and control:
            data += content
        elif kind == b"fdAT":
            data += content[4:]


def _must_fit(frame: FrameControl, size: tuple[int, int]) -> None:
    if frame.left + frame.width > size[0] or frame.upper + frame.height > size[1]:
        raise damaged()


def png_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and content of each chunk of a PNG. Raises Refused where one is damaged."""
    file.seek(len(SIGNATURE))
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        content = file.read(length)
        if file.read(4) != struct.pack(">I", zlib.crc32(kind + content)):
            raise damaged()
        yield kind, content
        if kind == b"IEND":
            return


def png_chunk(kind: bytes, content: bytes | bytearray) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))

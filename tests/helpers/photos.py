"""Photos as devices write them, made here: by orientation, profile, ink and format."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageChops

from tests.helpers.pictures import chunk, written

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 160, 40), (30, 60, 200), (128, 128, 128)
QUARTERS = ("red", "green", "blue", "grey")  # upper left, upper right, lower left, lower right
COLOURS = dict(zip(QUARTERS, (RED, GREEN, BLUE, GREY), strict=True))

# EXIF's number: what was done to the upright picture before it was written
LIES = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}

# What red, green and blue light of a colour space is in CIE XYZ under D50, and its gamma
Light = tuple[float, float, float]
SPACES: dict[str, tuple[Light, Light, Light, float]] = {
    "Display P3": (
        (0.51512, 0.24120, -0.00105),
        (0.29198, 0.69225, 0.04189),
        (0.15710, 0.06657, 0.78407),
        2.2,
    ),
    "Adobe RGB": (
        (0.60974, 0.31111, 0.01947),
        (0.20528, 0.62567, 0.06087),
        (0.14919, 0.06322, 0.74457),
        2.2,
    ),
    "ProPhoto": (
        (0.79767, 0.28804, 0.0),
        (0.13519, 0.71188, 0.0),
        (0.03134, 0.00009, 0.82491),
        1.8,
    ),
}


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture with four colours, one in each corner, which shows its orientation."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(GREY, (width // 2, height // 2, width, height))
    return picture


def seen(data: bytes) -> tuple[str, ...]:
    """Return the names of the colours in the corners of a file's first picture."""
    with Image.open(io.BytesIO(data)) as picture:
        shown = picture.convert("RGB")
    width, height = shown.size
    places = [(x, y) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return tuple(named(shown.getpixel(place)) for place in places)


def named(pixel: Any) -> str:
    return min(COLOURS, key=lambda name: distance(COLOURS[name], pixel))


def distance(one: Any, other: Any) -> int:
    """Return how far two pixels are apart, in the channel with the largest difference."""
    return max(abs(left - right) for left, right in zip(one, other, strict=True))


def turned(kind: str, orientation: int) -> bytes:
    """Return a file whose pixels are oriented as EXIF's `orientation` says."""
    lies = LIES[orientation]
    picture = quarters() if lies is None else quarters().transpose(lies)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return written(picture, kind, exif=exif.tobytes(), quality=90)


def mpo(first: Image.Image, *others: Image.Image, xmp: str = "") -> bytes:
    options = {"xmp": xmp.encode()} if xmp else {}
    return written(first, "MPO", save_all=True, append_images=list(others), **options)


# Colour profiles


def rgb_profile(space: str) -> bytes:
    *light, gamma = SPACES[space]
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": xyz(0.9642, 1.0, 0.8249)}
    for name, triple in zip((b"r", b"g", b"b"), light, strict=True):
        tags |= {name + b"XYZ": xyz(*triple), name + b"TRC": curve}
    return profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    return profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": xyz(0.9642, 1.0, 0.8249), b"kTRC": curve})


def ink_profile() -> bytes:
    """Return a profile of a press whose cyan ink is red: it is like no other profile."""
    lab = {"white": (100, 0, 0), "black": (0, 0, 0), "red": (53, 80, 67)}
    grid = b""
    for number in range(16):  # cyan is the highest bit, black the lowest
        cyan, black = number >> 3, number & 1
        lightness, a, b = lab["black" if black else "red" if cyan else "white"]
        grid += bytes((round(lightness * 2.55), a + 128, b + 128))
    one_to_one = bytes(range(256))
    identity = struct.pack(">9i", 65_536, 0, 0, 0, 65_536, 0, 0, 0, 65_536)
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity
    table += one_to_one * 4 + grid + one_to_one * 3
    tags = {b"wtpt": xyz(0.9642, 1.0, 0.8249), b"A2B0": table}
    return profile(b"prtr", b"CMYK", b"Lab ", tags)


def xyz(*numbers: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(number * 65_536) for number in numbers))


def profile(device: bytes, colours: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return an ICC profile, version 2.4."""
    texts = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"x\0",
    }
    table, body = b"", b""
    all_tags = texts | tags
    beginning = 128 + 4 + 12 * len(all_tags)
    for name, content in all_tags.items():
        table += name + struct.pack(">II", beginning + len(body), len(content))
        body += content.ljust(-(-len(content) // 4) * 4, b"\0")
    header = bytes(4) + b"test" + b"\x02\x40\0\0" + device + colours + connection
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 63_190, 65_536, 54_061) + bytes(48)
    whole = header + struct.pack(">I", len(all_tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


# Printing inks


def inked(picture: Image.Image, adobe: bool = True, **options: Any) -> bytes:
    """Return a JPEG in CMYK, with Adobe's marker or without."""
    data = written(picture, "JPEG", quality=95, subsampling=0, **options)
    if adobe:
        return data
    begin = data.index(b"\xff\xee")
    end = begin + 2 + int.from_bytes(data[begin + 2 : begin + 4], "big")
    return data[:begin] + data[end:]


def ycck(picture: Image.Image) -> bytes:
    """Return the same picture with its inks as lightness and two colours: Adobe's transform 2."""
    cyan, magenta, yellow, black = picture.split()
    light = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    stored = Image.merge("CMYK", (*(ImageChops.invert(channel) for channel in light), black))
    data = inked(stored)
    transform = data.index(b"\xff\xee") + 4 + 11
    return data[:transform] + b"\2" + data[transform + 1 :]


# PNG of kinds that Pillow does not write


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *before: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def flat_png(depth: int, colour: int, pixel: bytes, *before: bytes, side: int = 16) -> bytes:
    """Return a PNG of one colour.

    `pixel` is a whole pixel, or eight of them for one bit each.
    """
    row = b"\0" + pixel * (side * depth // 8 if colour in (0, 3) and depth < 8 else side)
    return png(side, side, depth, colour, row * side, *before)


def with_exif_at_the_end(data: bytes, orientation: int) -> bytes:
    """Return a PNG whose EXIF orientation follows its pixels."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    end = data.rindex(b"IEND") - 4
    return data[:end] + chunk(b"eXIf", exif.tobytes()[6:]) + data[end:]


# Animations


def moving(kind: str, **options: Any) -> bytes:
    """Return three frames, each of one colour, with different durations."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in (RED, GREEN, BLUE)]
    pauses = {"duration": [100, 300, 200]}
    return written(frames[0], kind, save_all=True, append_images=frames[1:], **pauses | options)


def png_frame(
    picture: Image.Image, place: tuple[int, int], then: int, blend: int = 0
) -> tuple[bytes, bytes]:
    """Return the control data of an animated PNG's frame, and its packed pixels.

    The control data lacks the frame's number.
    """
    control = struct.pack(">4I2H2B", *picture.size, *place, 100, 1000, then, blend)
    width, height = picture.size
    pixels = picture.tobytes()
    rows = (b"\0" + pixels[4 * width * row : 4 * width * (row + 1)] for row in range(height))
    return control, zlib.compress(b"".join(rows))


def animated_png(size: tuple[int, int], *frames: tuple[bytes, bytes]) -> bytes:
    parts = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))
    parts += chunk(b"acTL", struct.pack(">II", len(frames), 0))
    number = 0
    for control, data in frames:
        parts += chunk(b"fcTL", struct.pack(">I", number) + control)
        number += 1
        if number == 1:
            parts += chunk(b"IDAT", data)
        else:
            parts += chunk(b"fdAT", struct.pack(">I", number) + data)
            number += 1
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


PALETTE = (RED, GREEN, BLUE, GREY)
STAY, CLEAR_AWAY, GO_BACK = 1, 2, 3  # what a GIF does with a frame before the next one


def gif(size: tuple[int, int], *frames: tuple[tuple[int, int, int, int], int, int]) -> bytes:
    """Return a GIF without a clear colour.

    Each frame is its box (left, upper, width, height), its colour's number in PALETTE, and its
    disposal.
    """
    data = b"GIF89a" + struct.pack("<2H3B", *size, 0x81 | 0x70, 3, 0)
    data += b"".join(bytes(colour) for colour in PALETTE)
    for place, colour, then in frames:
        data += b"!\xf9\4" + struct.pack("<BHB", then << 2, 10, 0) + b"\0"
        data += b"," + struct.pack("<4HB", *place, 0) + packed([colour] * (place[2] * place[3]))
    return data + b";"


def packed(numbers: list[int]) -> bytes:
    """Return LZW of numbers below 4 without compression: each code of three bits is one number."""
    clear, end = 4, 5
    codes = []
    for begin in range(0, len(numbers), 2):  # before codes grow to four bits
        codes += [clear, *numbers[begin : begin + 2]]
    bits = sum(code << (3 * place) for place, code in enumerate([*codes, end]))
    data = bits.to_bytes(3 * (len(codes) + 1) // 8 + 1, "little")
    blocks = [data[begin : begin + 255] for begin in range(0, len(data), 255)]
    return b"\2" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def frames_in(data: bytes) -> list[tuple[str, int]]:
    """Return the middle colour of each frame, and its duration in ms."""
    found = []
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            middle = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
            found.append((named(middle), round(picture.info["duration"])))
    return found

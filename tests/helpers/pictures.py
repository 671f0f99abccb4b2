"""Pictures for the tests, made here: ordinary ones and hostile ones."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

PLANTED = b"PLANTED-51.4779N-0.0015W"  # what must not survive, as text of every kind


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def gradient(width: int = 320, height: int = 200) -> Image.Image:
    return Image.merge(
        "RGB",
        [Image.radial_gradient("L").resize((width, height)).rotate(turn) for turn in (0, 90, 180)],
    )


def frames(count: int = 6) -> list[Image.Image]:
    return [gradient(60, 40).rotate(10 * number) for number in range(count)]


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = PLANTED.decode()  # ImageDescription
    made[0x0112] = 6  # Orientation: turned by 90 degrees
    gps = made.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (51.0, 28.0, 40.0), PLANTED.decode()
    return made


def png_text() -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", PLANTED.decode())
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{PLANTED.decode()}</x:xmpmeta>")
    return info


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int = 12_000) -> bytes:
    """Return a PNG of a few KB that decodes to 144 million pixels."""
    rows = zlib.compress(b"\0" * (side // 8 + 1) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def swapped_profile() -> bytes:
    """Return a colour profile that swaps red and blue, compared with sRGB.

    Something follows it.
    """
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + PLANTED
    profile = struct.pack(">I", len(profile)) + profile[4:]
    return (
        profile.replace(b"rXYZ", b"?XYZ", 1)
        .replace(b"bXYZ", b"rXYZ", 1)
        .replace(b"?XYZ", b"bXYZ", 1)
    )


def deep_png() -> bytes:
    """Return a PNG of one orange, 16 bits a channel: Pillow writes none."""
    row = b"\0" + struct.pack(">HHH", 0xFF80, 0x8080, 0x2020) * 30
    header = struct.pack(">IIBBBBB", 30, 20, 16, 2, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0" + PLANTED)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + text
        + chunk(b"IDAT", zlib.compress(row * 20))
        + chunk(b"IEND", b"")
    )


@functools.cache
def accepted() -> dict[str, bytes]:
    """Return the accepted pictures by name; each has PLANTED where its kind can."""
    xmp = f"<x:xmpmeta>{PLANTED.decode()}</x:xmpmeta>".encode()
    flat = gradient()
    return {
        "jpeg with GPS, turned": written(flat, "JPEG", exif=exif(), comment=PLANTED, xmp=xmp),
        "jpeg with something behind it": written(flat, "JPEG") + PLANTED,
        "jpeg in CMYK": written(flat.convert("CMYK"), "JPEG", exif=exif()),
        "jpeg in grey": written(flat.convert("L"), "JPEG"),
        "png with text": written(flat, "PNG", pnginfo=png_text(), exif=exif()),
        "png with 16 bits": written(
            Image.new("I;16", (300, 200), 40_000), "PNG", pnginfo=png_text()
        ),
        "png with 16 bits of colour": deep_png(),
        "jpeg with a profile": written(flat, "JPEG", icc_profile=swapped_profile()),
        "png with a profile": written(flat, "PNG", icc_profile=swapped_profile()),
        "webp with a profile": written(flat, "WEBP", icc_profile=swapped_profile()),
        "png with a profile that is none": written(flat, "PNG", icc_profile=PLANTED * 9),
        "png with alpha": written(flat.convert("RGBA"), "PNG"),
        "png with a palette": written(flat.convert("P"), "PNG", transparency=3),
        "png in one bit": written(flat.convert("1"), "PNG"),
        "png, animated": written(
            frames()[0], "PNG", save_all=True, append_images=frames()[1:], pnginfo=png_text()
        ),
        "webp with exif": written(flat, "WEBP", exif=exif(), xmp=xmp),
        "webp, animated": written(
            frames()[0], "WEBP", save_all=True, append_images=frames()[1:], duration=90, exif=exif()
        ),
        "gif": written(flat.convert("P"), "GIF", comment=PLANTED),
        "gif, animated": written(
            frames()[0],
            "GIF",
            save_all=True,
            append_images=frames()[1:],
            duration=90,
            loop=0,
            comment=PLANTED,
        ),
        "avif with exif": written(flat, "AVIF", exif=exif()),
        "png with something behind it": written(flat, "PNG")
        + b"<script>alert(1)</script>"
        + PLANTED,
        "gif that is a script, too": written(flat.convert("P"), "GIF")
        + b"/**/=1;alert(1)//"
        + PLANTED,
        "webp with something behind it": written(flat, "WEBP") + PLANTED,
        "one pixel": written(Image.new("RGB", (1, 1)), "PNG"),
        "a very long strip": written(Image.new("RGB", (4000, 1)), "PNG"),
    }


@functools.cache
def refused() -> dict[str, tuple[bytes, str]]:
    """Return the refused pictures by name, with the error code."""
    jpeg, png, gif = (
        written(gradient(), "JPEG"),
        written(gradient(), "PNG"),
        written(gradient().convert("P"), "GIF"),
    )
    webp = written(gradient(), "WEBP")
    many = [Image.new("P", (2, 2), number % 2) for number in range(501)]
    return {
        "empty": (b"", "unsupported_type"),
        "text": (b"hello", "unsupported_type"),
        "script": (b"alert(1)//", "unsupported_type"),
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "unsupported_type"),
        "html": (b"<!doctype html><script>alert(1)</script>", "unsupported_type"),
        "zip": (b"PK\x03\x04" + bytes(60), "unsupported_type"),
        "fits": (b"SIMPLE  =                    T" + b" " * 2850, "unsupported_type"),
        "bmp": (written(gradient(), "BMP"), "unsupported_type"),
        "tiff": (written(gradient(), "TIFF"), "unsupported_type"),
        "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "unsupported_type"),
        "only a head": (png[:30], "unsupported_type"),
        "jpeg, cut off": (jpeg[: len(jpeg) // 2], "validation_failed"),
        "png, cut off": (png[: len(png) // 2], "validation_failed"),
        "gif, cut off": (gif[: len(gif) // 2], "validation_failed"),
        "webp, cut off": (webp[: len(webp) // 2], "validation_failed"),
        "png with a broken sum": (
            png[:60] + bytes([png[60] ^ 255]) + png[61:],
            "validation_failed",
        ),
        "a bomb": (bomb(), "too_large"),
        "too many frames": (
            written(many[0], "GIF", save_all=True, append_images=many[1:], optimize=False),
            "too_large",
        ),
    }

"""Photos of every device look as on the device, and nothing but their pixels is stored."""

from __future__ import annotations

import io
import os
import struct
import tempfile
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageDraw
from PIL.PngImagePlugin import PngInfo

from chat.utils.pictures import PictureRefused, make_squares
from tests.helpers import photos, pictures
from tests.helpers.decoded import made_of
from tests.helpers.photos import BLUE, GREEN, GREY, QUARTERS, RED, distance, quarters, seen
from tests.helpers.pictures import PLANTED, chunk, gradient, written

GAINS = '<x:xmpmeta><rdf:Description hdrgm:Version="1.0"/></x:xmpmeta>'


def pixel(data: bytes, place: tuple[int, int] = (5, 5), mode: str = "RGB") -> Any:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert(mode).getpixel(place)


def kept(data: bytes) -> bytes:
    """Return the stored original, after a check that the preview shows the same."""
    _, original, thumbnail = made_of(data)
    assert distance(pixel(original), pixel(thumbnail)) <= 8
    return original


def refusal(data: bytes, most_pixels: int = 40_000_000) -> tuple[str, str]:
    with pytest.raises(PictureRefused) as refused:
        made_of(data, most_pixels)
    return refused.value.code, str(refused.value)


def avatar_of(data: bytes) -> bytes:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as square:
        source.write(data)
        make_squares(source, {96: square}, most_pixels=40_000_000)
        square.seek(0)
        return square.read()


# Several pictures in one JPEG


@pytest.mark.parametrize("xmp", ["", GAINS])
@pytest.mark.parametrize(
    "others", [[(640, 480)], [(1600, 1200)], [(500, 375), (1600, 1200)], [(8, 8)] * 9]
)
def test_a_jpeg_with_further_pictures_behind_it_is_its_first_one(
    others: list[tuple[int, int]], xmp: str
) -> None:
    data = photos.mpo(quarters(1600, 1200), *(Image.new("RGB", size) for size in others), xmp=xmp)
    assert data.count(b"MPF\0") == 1, "it says that there are more"
    picture, original, _ = made_of(data)
    assert (picture.content_type, picture.width, picture.height) == ("image/jpeg", 1600, 1200)
    assert seen(original) == QUARTERS
    assert b"MPF\0" not in original
    assert seen(avatar_of(data)) == QUARTERS


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_jpeg_whose_list_of_further_pictures_is_damaged_is_its_first_one(place: int) -> None:
    data = bytearray(photos.mpo(quarters(), quarters()))
    begin = data.index(b"MPF\0") + 4 + place
    data[begin : begin + 4] = b"\xff\xff\xff\xff"
    assert seen(kept(bytes(data))) == QUARTERS


def test_a_film_behind_a_photo_is_not_kept() -> None:
    film = b"\0\0\0\x18ftypmp42" + bytes(12) + PLANTED + os.urandom(5000)
    picture, original, _ = made_of(written(quarters(), "JPEG") + film)
    assert (picture.content_type, seen(original)) == ("image/jpeg", QUARTERS)
    assert PLANTED not in original


# Colours


INKS = {
    "cyan": ((255, 0, 0, 0), (0, 255, 255)),
    "light magenta": ((0, 128, 0, 0), (255, 127, 255)),
    "brown": ((60, 120, 200, 40), (164, 114, 46)),
    "half black": ((0, 0, 0, 128), (127, 127, 127)),
    "paper": ((0, 0, 0, 0), (255, 255, 255)),
}


@pytest.mark.parametrize("name", INKS)
def test_printing_inks_become_the_colours_that_browsers_show(name: str) -> None:
    """With the marker of Adobe, without, and in the form with lightness apart.

    JPEG leaves open whether 255 is all ink or none. Photoshop writes none, so browsers read it so,
    with or without its marker.
    """
    ink, colour = INKS[name]
    picture = Image.new("CMYK", (48, 48), ink)
    for data in (photos.inked(picture), photos.inked(picture, adobe=False), photos.ycck(picture)):
        found = kept(data)
        assert distance(pixel(found), colour) <= 4
        with Image.open(io.BytesIO(found)) as again:
            assert (again.format, again.mode) == ("JPEG", "RGB")
        assert distance(pixel(avatar_of(data)), colour) <= 4


@pytest.mark.parametrize("form", ["with Adobe's marker", "without", "YCCK"])
def test_inks_of_a_press_become_what_its_profile_says(form: str) -> None:
    icc = photos.ink_profile()
    cyan = Image.new("CMYK", (48, 48), (255, 0, 0, 0))
    data = photos.inked(cyan, adobe=form != "without", icc_profile=icc)
    if form == "YCCK":
        plain = photos.ycck(cyan)
        marker = data.index(b"\xff\xe2")
        end = marker + 2 + int.from_bytes(data[marker + 2 : marker + 4], "big")
        data = plain[:2] + data[marker:end] + plain[2:]
    with Image.open(io.BytesIO(data)) as before:
        assert before.info["icc_profile"] == icc
    assert distance(pixel(kept(data)), (255, 0, 0)) <= 12


WIDE = {
    ("Display P3", (180, 120, 90)): (192, 117, 83),
    ("Display P3", (90, 160, 120)): (59, 164, 117),
    ("Adobe RGB", (180, 120, 90)): (199, 121, 88),
    ("Adobe RGB", (90, 160, 120)): (0, 161, 119),
    ("ProPhoto", (180, 120, 90)): (238, 122, 102),
    ("ProPhoto", (120, 120, 120)): (139, 139, 139),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize(("space", "colour"), WIDE)
def test_colours_of_a_wide_space_become_those_of_srgb(
    kind: str, space: str, colour: tuple[int, int, int]
) -> None:
    icc = photos.rgb_profile(space)
    data = written(Image.new("RGB", (64, 64), colour), kind, icc_profile=icc, quality=100)
    with Image.open(io.BytesIO(data)) as before:
        assert before.info["icc_profile"] == icc
        assert distance(before.convert("RGB").getpixel((5, 5)), colour) <= 3
    original = kept(data)
    assert distance(pixel(original), WIDE[space, colour]) <= 6
    with Image.open(io.BytesIO(original)) as again:
        assert "icc_profile" not in again.info
    assert distance(pixel(avatar_of(data)), WIDE[space, colour]) <= 6


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P with transparency"])
def test_a_profile_does_not_take_the_transparency(mode: str) -> None:
    icc = photos.grey_profile(1.0) if mode == "LA" else photos.rgb_profile("Display P3")
    if mode == "P with transparency":
        flat = Image.new("P", (32, 32), 1)
        flat.putpalette([0, 0, 0, 180, 120, 90])
        data = written(flat, "PNG", icc_profile=icc, transparency=bytes((255, 100)))
    else:
        colour = {"RGBA": (180, 120, 90, 100), "LA": (55, 100)}[mode]
        data = written(Image.new(mode, (32, 32), colour), "PNG", icc_profile=icc)
    wanted = (128, 128, 128, 100) if mode == "LA" else (192, 117, 83, 100)
    assert distance(pixel(made_of(data)[1], mode="RGBA"), wanted) <= 2


def test_grey_of_another_brightness_becomes_that_of_srgb() -> None:
    data = written(Image.new("L", (32, 32), 55), "JPEG", icc_profile=photos.grey_profile(1.0))
    assert distance(pixel(kept(data)), (128, 128, 128)) <= 2


def test_grey_with_a_profile_of_colours_becomes_what_it_says() -> None:
    icc = photos.rgb_profile("ProPhoto")
    data = written(Image.new("L", (32, 32), 120), "JPEG", icc_profile=icc)
    assert distance(pixel(kept(data)), (139, 139, 139)) <= 2


BROKEN = {
    "empty": b"",
    "text": b"no profile" * 20,
    "cut in the head": photos.rgb_profile("Display P3")[:100],
    "cut in the table": photos.rgb_profile("Display P3")[:200],
    "cut in the body": photos.rgb_profile("Display P3")[:-60],
    "of inks": photos.ink_profile(),
    "of grey": photos.grey_profile(2.2),
    "of a space that is none": photos.rgb_profile("Display P3").replace(b"RGB XYZ ", b"XXXXXYZ "),
    "of Lab": photos.rgb_profile("Display P3").replace(b"RGB XYZ ", b"Lab XYZ "),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_profile_that_is_none_leaves_the_colours_as_they_are(kind: str, name: str) -> None:
    picture = Image.new("RGB", (32, 32), (180, 120, 90))
    options = {"icc_profile": BROKEN[name]} if BROKEN[name] else {}
    data = written(picture, kind, **options, quality=100)
    assert distance(pixel(kept(data)), (180, 120, 90)) <= 4


@pytest.mark.parametrize(
    "kind", [b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tEXt", b"zTXt", b"iTXt", b"eXIf"]
)
@pytest.mark.parametrize("content", [b"", b"x", b"x\0", b"x\0\0this is not packed", b"x" * 90])
def test_a_png_is_taken_whatever_it_says_beside_its_pixels(kind: bytes, content: bytes) -> None:
    data = written(quarters(), "PNG")
    begin = data.index(b"IDAT") - 4
    assert seen(kept(data[:begin] + chunk(kind, content) + data[begin:])) == QUARTERS


# Kinds of pixels


@pytest.mark.parametrize(("gamma", "wanted"), [(0.45455, 55), (1.0, 127), (0.3, 25)])
def test_a_png_of_another_gamma_is_as_bright_as_in_browsers(gamma: float, wanted: int) -> None:
    power = chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
    data = photos.flat_png(8, 2, b"\x37\x37\x37", power)
    assert distance(pixel(kept(data)), (wanted,) * 3) <= 1


SHADES = {
    "1 bit": (1, 0, b"\xff", (255, 255, 255, 255)),
    "2 bits": (2, 0, b"\xaa", (170, 170, 170, 255)),
    "4 bits": (4, 0, b"\x66", (102, 102, 102, 255)),
    "8 bits": (8, 0, b"\x66", (102, 102, 102, 255)),
    "16 bits": (16, 0, b"\x66\x80", (102, 102, 102, 255)),
    "16 bits, white": (16, 0, b"\xff\xff", (255, 255, 255, 255)),
    "16 bits, nearly black": (16, 0, b"\x02\xff", (2, 2, 2, 255)),
    "16 bits, middle": (16, 0, b"\x80\0", (128, 128, 128, 255)),
    "8 bits and alpha": (8, 4, b"\x66\x40", (102, 102, 102, 64)),
    "16 bits and alpha": (16, 4, b"\x66\x80\x40\0", (102, 102, 102, 64)),
    "16 bits of colour": (16, 2, b"\xff\x80\x80\x80\x20\x20", (255, 128, 32, 255)),
    "16 bits of colour and alpha": (16, 6, b"\xff\x80\x80\x80\x20\x20\x40\0", (255, 128, 32, 64)),
}


@pytest.mark.parametrize("name", SHADES)
def test_a_png_of_any_depth_keeps_its_brightness(name: str) -> None:
    depth, colour, raw, wanted = SHADES[name]
    _, original, thumbnail = made_of(photos.flat_png(depth, colour, raw))
    assert pixel(original, mode="RGBA") == wanted
    assert distance(pixel(thumbnail, mode="RGBA"), wanted) <= 3


CLEAR = {
    "1 bit": (1, 0, b"\xff", b"\0\1"),
    "2 bits": (2, 0, b"\xaa", b"\0\2"),
    "4 bits": (4, 0, b"\x66", b"\0\6"),
    "8 bits": (8, 0, b"\x66", b"\0\x66"),
    "16 bits": (16, 0, b"\x66\x80", b"\x66\x80"),
    "colour": (8, 2, b"\xff\x80\x20", b"\0\xff\0\x80\0\x20"),
    "16 bits of colour": (16, 2, b"\xff\x80\x80\x80\x20\x20", b"\xff\x80\x80\x80\x20\x20"),
}


@pytest.mark.parametrize("name", CLEAR)
def test_a_png_in_which_one_shade_is_clear_stays_clear_there(name: str) -> None:
    depth, colour, raw, clear = CLEAR[name]
    data = photos.flat_png(depth, colour, raw, chunk(b"tRNS", clear))
    assert pixel(made_of(data)[1], mode="RGBA")[3] == 0
    other = photos.flat_png(depth, colour, bytes(len(raw)), chunk(b"tRNS", clear))
    assert pixel(made_of(other)[1], mode="RGBA") == (0, 0, 0, 255)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_with_a_clear_colour_stays_clear_there(kind: str) -> None:
    picture = Image.new("P", (40, 20), 1)
    picture.putpalette([0, 0, 0, *RED, *GREEN])
    picture.paste(2, (20, 0, 40, 20))
    original = made_of(written(picture, kind, transparency=2))[1]
    assert pixel(original, (5, 5), "RGBA") == (*RED, 255)
    assert pixel(original, (35, 5), "RGBA")[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_kind_keeps_its_pixels(mode: str) -> None:
    picture = gradient(50, 40).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = picture.convert("I").point(lambda value: value * 257).convert("I;16")
        shown = gradient(50, 40).convert("L")
    else:
        shown = picture.convert("RGB")
    original = made_of(written(picture, "PNG"))[1]
    with Image.open(io.BytesIO(original)) as again:
        assert ImageChops.difference(again.convert("RGB"), shown.convert("RGB")).getbbox() is None


# How it lies


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    data = photos.turned(kind, orientation)
    picture, original, thumbnail = made_of(data)
    assert (picture.width, picture.height) == (96, 64)
    for rendition in (original, thumbnail, avatar_of(data)):
        assert seen(rendition) == QUARTERS
        with Image.open(io.BytesIO(rendition)) as again:
            assert not again.getexif()


@pytest.mark.parametrize("in_exif", [1, 3, 6])
def test_how_a_heic_lies_is_what_its_container_says(in_exif: int) -> None:
    """As iPhones write it: the container turns the picture, and EXIF repeats how it lay."""
    data = photos.turned("HEIF", 6)
    place = data.index(b"\1\x12\0\3\0\0\0\1\0\6") + 9
    twice = data[:place] + bytes((in_exif,)) + data[place + 1 :]
    assert seen(kept(twice)) == QUARTERS


def test_a_png_that_says_it_behind_its_pixels_is_upright() -> None:
    data = written(quarters().transpose(photos.LIES[6]), "PNG")
    assert seen(kept(photos.with_exif_at_the_end(data, 6))) == QUARTERS


def test_how_it_lies_is_said_by_exif_alone_as_in_browsers() -> None:
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert seen(kept(written(quarters(), "JPEG", xmp=xmp))) == QUARTERS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0II*\0",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        b"Exif\0\0II*\0\xff\xff\xff\xff\0\0",
        b"Exif\0\0" + os.urandom(64),
        b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x09\0\0\0\0\0\0\0",
    ],
    ids=["cut off", "without entries", "without a place", "noise", "a ninth way"],
)
def test_exif_that_cannot_be_read_does_not_refuse_the_picture(kind: str, exif: bytes) -> None:
    assert seen(kept(written(quarters(), kind, exif=exif))) == QUARTERS


# What is not the picture


def carrying(kind: str) -> bytes:
    xmp = f"<x:xmpmeta>{PLANTED.decode()}</x:xmpmeta>".encode()
    options: dict[str, Any] = {"exif": pictures.exif().tobytes(), "xmp": xmp, "quality": 90}
    if kind == "JPEG":
        options["comment"] = PLANTED
    if kind == "PNG":
        options = {"exif": pictures.exif().tobytes(), "pnginfo": pictures.png_text()}
    return written(gradient(), kind, icc_profile=pictures.swapped_profile(), **options)


OF_THE_FORMAT = {
    "jfif",
    "jfif_version",
    "jfif_unit",
    "jfif_density",
    "progressive",
    "progression",
    "background",
    "loop",
    "timestamp",
    "duration",
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_where_and_by_whom_it_was_taken_is_not_kept(kind: str) -> None:
    data = carrying(kind)
    assert PLANTED in data
    picture, *renditions = made_of(data)
    assert PLANTED.decode() not in picture.placeholder
    for rendition in (*renditions, avatar_of(data)):
        assert PLANTED not in rendition
        with Image.open(io.BytesIO(rendition)) as again:
            again.load()
            assert not again.getexif()
            assert set(again.info) <= OF_THE_FORMAT


POLYGLOTS = ["PNG", "GIF", "WEBP", "JPEG", "AVIF", "HEIF"]


@pytest.mark.parametrize("kind", POLYGLOTS)
@pytest.mark.parametrize(
    "tail", [b"\0", b"\r\n", b"<script>alert(1)</script>" + PLANTED, b"PK\x03\x04" + PLANTED]
)
def test_what_stands_behind_a_picture_is_not_kept(kind: str, tail: bytes) -> None:
    data = written(quarters(), kind, quality=90) + tail
    _, original, thumbnail = made_of(data)
    assert seen(original) == QUARTERS
    for rendition in (original, thumbnail, avatar_of(data)):
        assert not {word for word in (PLANTED, b"<script", b"PK\x03\x04") if word in rendition}


def test_a_gif_that_is_a_script_too_is_none_any_more() -> None:
    data = written(quarters().convert("P"), "GIF", comment=b"*/=1;alert(1)//" + PLANTED)
    original = made_of(data + b"*/=1;alert(1)//")[1]
    assert not original.startswith(b"GIF")
    assert b"alert" not in original


# Long ones


LONG = {
    "a GIF of 1000x20000": (("GIF", (1000, 20_000)), "image/png"),
    "a GIF of 16384x1": (("GIF", (16_384, 1)), "image/png"),
    "a GIF of 16383x1": (("GIF", (16_383, 1)), "image/webp"),
    "an AVIF of 10x20000": (("AVIF", (10, 20_000)), "image/jpeg"),
    "an AVIF of 16383x4": (("AVIF", (16_383, 4)), "image/webp"),
    "a clear AVIF of 10x20000": (("AVIF", (10, 20_000)), "image/png"),
    "a JPEG of 65500x1": (("JPEG", (65_500, 1)), "image/jpeg"),
    "a JPEG of 1x65500": (("JPEG", (1, 65_500)), "image/jpeg"),
    "a PNG of 1x20000": (("PNG", (1, 20_000)), "image/png"),
    "a PNG of 100000x1": (("PNG", (100_000, 1)), "image/png"),
}


@pytest.mark.parametrize("name", LONG)
def test_a_picture_too_long_for_one_format_is_kept_in_another(name: str) -> None:
    (kind, size), content_type = LONG[name]
    picture = Image.new("P" if kind == "GIF" else "RGB", size, 0)
    if kind == "GIF":
        picture.putpalette(RED)
    else:
        picture.paste(RED, (0, 0, *size))
    if "clear" in name:
        picture.putalpha(60)
    made, original, thumbnail = made_of(written(picture, kind))
    assert (made.content_type, made.width, made.height) == (content_type, *size)
    with Image.open(io.BytesIO(original)) as again:
        assert (again.size, Image.MIME[again.format or ""]) == (size, content_type)
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert max(small.size) <= 800
    if "clear" in name:
        assert abs(pixel(original, (0, 0), "RGBA")[3] - 60) <= 2
    else:
        assert distance(pixel(original, (0, 0)), RED) <= 8
    avatar_of(written(picture, kind))


def test_an_animation_too_long_for_webp_moves_on_as_a_png() -> None:
    frames = [Image.new("P", (20, 17_000)), Image.new("P", (20, 17_000), 1)]
    for frame in frames:
        frame.putpalette([*RED, *GREEN])
    pauses = [100, 300]
    data = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=pauses)
    picture, original, _ = made_of(data)
    assert (picture.content_type, picture.height) == ("image/png", 17_000)
    assert photos.frames_in(original) == [("red", 100), ("green", 300)]


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1, 20_000), (1, 320)),
        ((20_000, 1), (384, 1)),
        ((1000, 20_000), (267, 800)),
        ((20_000, 1000), (800, 160)),
        ((30, 2000), (30, 320)),
        ((1000, 3000), (267, 800)),
        ((1000, 3001), (267, 800)),
        ((1080, 2400), (360, 800)),
        ((5000, 1000), (800, 160)),
        ((1, 1), (1, 1)),
    ],
)
def test_a_preview_of_a_long_picture_shows_its_beginning(
    size: tuple[int, int], shown: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] * 9 // 10, size[1] * 9 // 10, *size))
    made, _, thumbnail = made_of(written(picture, "PNG"))
    assert (made.thumbnail_width, made.thumbnail_height) == shown
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert small.size == shown
        if max(size) > 1:
            assert distance(small.convert("RGB").getpixel((0, 0)), RED) <= 8


# HEIC


def test_a_heic_is_kept_as_a_jpeg_that_every_browser_shows() -> None:
    picture, original, _ = made_of(written(quarters(640, 480), "HEIF", quality=90))
    assert (picture.content_type, picture.width, picture.height) == ("image/jpeg", 640, 480)
    assert seen(original) == QUARTERS


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1", b"hevc"])
def test_a_heic_of_any_brand_is_taken(brand: bytes) -> None:
    data = written(quarters(), "HEIF")
    assert seen(kept(data[:8] + brand + data[12:])) == QUARTERS


def test_of_a_burst_the_chosen_picture_is_shown() -> None:
    others = [Image.new("RGB", (96, 64), "black"), Image.new("RGB", (64, 64), "white")]
    data = written(
        others[0], "HEIF", save_all=True, append_images=[quarters(), others[1]], primary_index=1
    )
    picture, original, _ = made_of(data)
    assert (picture.content_type, seen(original)) == ("image/jpeg", QUARTERS)
    assert seen(avatar_of(data)) == QUARTERS


def test_a_heic_of_tiles_as_phones_write_it_is_one_picture() -> None:
    data = written(quarters(1500, 1100), "HEIF", tile_size=512)
    assert data.count(b"grid") >= 1
    picture, original, _ = made_of(data)
    assert (picture.width, picture.height, seen(original)) == (1500, 1100, QUARTERS)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_a_heic_keeps_grey_and_transparency(mode: str) -> None:
    colour = {"L": 90, "LA": (90, 60), "RGBA": (*RED, 60)}[mode]
    data = written(Image.new(mode, (64, 64), colour), "HEIF", quality=-1, chroma=444)
    wanted = {"L": (90, 90, 90, 255), "LA": (90, 90, 90, 60), "RGBA": (*RED, 60)}[mode]
    assert distance(pixel(made_of(data)[1], mode="RGBA"), wanted) <= 6


def test_a_heic_with_ten_bits_keeps_its_brightness() -> None:
    row = struct.pack("<HHH", 0xC000, 0x8000, 0x4000) * 64
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=row * 64)
    file = io.BytesIO()
    deep.save(file, quality=-1, chroma=444)
    assert distance(pixel(kept(file.getvalue())), (192, 128, 64)) <= 4


def test_a_heic_that_cannot_be_read_says_what_to_do_on_the_phone() -> None:
    data = written(quarters(), "HEIF")
    film = b"\0\0\0\x1cftyphevc\0\0\0\0msf1hevciso8mif1" + b"\0\0\0\x10moov" + bytes(8)
    for broken in (data[:100], data[: len(data) // 2], data[:24] + bytes(len(data) - 24), film):
        code, sentence = refusal(broken)
        assert code == "validation_failed"
        assert "Most Compatible" in sentence


def test_a_film_is_no_heic() -> None:
    for brand in (b"isom", b"mp42", b"qt  ", b"M4V "):
        film = b"\0\0\0\x18ftyp" + brand + bytes(12) + bytes(200)
        assert refusal(film)[0] == "unsupported_type"


def test_a_heic_that_declares_too_many_pixels_is_refused() -> None:
    data = written(quarters(), "HEIF")
    place = data.index(b"ispe") + 8
    assert struct.unpack(">II", data[place : place + 8]) == (96, 64)
    code, _ = refusal(data[:place] + struct.pack(">II", 30_000, 30_000) + data[place + 8 :])
    assert code == "too_large"
    small = data[:place] + struct.pack(">II", 10, 10) + data[place + 8 :]
    with pytest.raises(PictureRefused):
        made_of(small, 96 * 64 - 1)


# Incomplete ones


def photo(**options: Any) -> bytes:
    noise = Image.merge("RGB", [Image.effect_noise((640, 480), 60) for _ in range(3)])
    noise.paste(quarters(640, 480), mask=Image.new("L", (640, 480), 200))
    return written(noise, "JPEG", **options)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2, 3, 10, 100])
def test_a_jpeg_without_its_last_bytes_is_taken(progressive: bool, missing: int) -> None:
    data = photo(progressive=progressive)
    picture, original, _ = made_of(data[:-missing])
    assert (picture.width, picture.height, seen(original)) == (640, 480, QUARTERS)
    assert original.endswith(b"\xff\xd9")
    assert seen(avatar_of(data[:-missing])) == QUARTERS


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_any_colours_may_lack_its_end(mode: str) -> None:
    made_of(written(gradient().convert(mode), "JPEG")[:-2])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.7, 0.85])
def test_a_jpeg_of_which_much_is_missing_is_refused(progressive: bool, part: float) -> None:
    data = photo(progressive=progressive)
    for padding in (b"", bytes(5000)):
        code, sentence = refusal(data[: int(len(data) * part)] + padding)
        assert code in ("validation_failed", "unsupported_type")
        assert sentence.endswith(".")
    if part >= 0.3:
        assert code == "validation_failed"
        assert "damaged or incomplete" in sentence


@pytest.mark.parametrize("size", [(8, 8), (16, 16), (300, 12), (12, 300)])
def test_half_a_small_jpeg_is_refused(size: tuple[int, int]) -> None:
    data = written(Image.effect_noise(size, 90), "JPEG", quality=95)
    scan = data.index(b"\xff\xda") + 10
    assert refusal(data[: (scan + len(data)) // 2])[0] == "validation_failed"


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_half_a_picture_of_another_kind_is_refused(kind: str, part: float) -> None:
    data = written(gradient(), kind)
    assert refusal(data[: int(len(data) * part)])[0] in ("validation_failed", "unsupported_type")


# Sizes


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_picture_of_one_pixel_is_taken(kind: str) -> None:
    picture, original, _ = made_of(written(Image.new("RGB", (1, 1), RED), kind))
    assert (picture.width, picture.height) == (1, 1)
    assert distance(pixel(original, (0, 0)), RED) <= 10


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0), (2**31 - 1, 2**31 - 1), (100_000, 1000)])
def test_a_png_with_no_pixels_or_very_many_is_refused(size: tuple[int, int]) -> None:
    code, sentence = refusal(photos.png(*size, 8, 2, b"\0" * 100))
    assert code in ("too_large", "validation_failed", "unsupported_type")
    assert ("make it smaller" in sentence) == (size[0] > 5)


def test_a_gif_that_declares_very_many_pixels_is_refused() -> None:
    data = written(Image.new("P", (5, 5)), "GIF")
    assert refusal(data[:6] + struct.pack("<HH", 65_535, 65_535) + data[10:])[0] == "too_large"


# What moves


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_keeps_its_frames_and_pauses(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    picture, original, _ = made_of(photos.moving(kind, **options))
    assert picture.content_type == "image/webp"
    assert photos.frames_in(original) == [("red", 100), ("green", 300), ("blue", 200)]


@pytest.mark.parametrize("pause", [0, 10])
def test_an_animation_without_pauses_moves_as_in_browsers(pause: int) -> None:
    original = made_of(photos.moving("GIF", duration=pause))[1]
    assert [milliseconds for _, milliseconds in photos.frames_in(original)] == [100, 100, 100]


def test_a_picture_for_programs_that_show_no_animation_is_no_frame_of_it() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in (GREEN, BLUE)]
    options = {"save_all": True, "append_images": frames, "duration": 200}
    data = written(quarters(40, 30), "PNG", default_image=True, **options)
    _, original, thumbnail = made_of(data)
    assert photos.frames_in(original) == [("green", 200), ("blue", 200)]
    assert distance(pixel(thumbnail), GREEN) <= 8
    assert distance(pixel(avatar_of(data)), GREEN) <= 8


def square(colour: tuple[int, int, int], opaque: int = 255) -> Image.Image:
    return Image.new("RGBA", (16, 16), (*colour, opaque))


def spot(colour: tuple[int, ...], x: int) -> Image.Image:
    frame = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
    ImageDraw.Draw(frame).rectangle((x, 5, x + 15, 20), fill=(*colour, 255))
    return frame


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_frames_that_give_way_leave_nothing_behind(kind: str) -> None:
    frames = [spot(RED, 0), spot(GREEN, 20), spot(BLUE, 40)]
    clear_away: dict[str, dict[str, Any]] = {
        "GIF": {"disposal": 2},
        "PNG": {"disposal": 1},
        "WEBP": {"lossless": True},
    }
    options = clear_away[kind] | {"append_images": frames[1:], "duration": 100}
    data = written(frames[0], kind, save_all=True, **options)
    with Image.open(io.BytesIO(made_of(data)[1])) as again:
        assert again.n_frames == 3  # type: ignore[attr-defined]
        for number, place in enumerate((8, 28, 48)):
            again.seek(number)
            shown = again.convert("RGBA")
            opaque = [shown.getpixel((x, 12))[3] > 128 for x in (8, 28, 48)]  # type: ignore[index]
            assert opaque == [x == place for x in (8, 28, 48)]


@pytest.mark.parametrize("then", [0, 1, 2])
@pytest.mark.parametrize("ground", ["clear", "grey"])
def test_frames_of_a_png_give_way_as_it_says(then: int, ground: str) -> None:
    """0 leaves a frame where it is, 1 clears its place, 2 puts back what was there before it."""
    first = Image.new("RGBA", (60, 30), (*GREY, 255 if ground == "grey" else 0))
    pieces = [photos.png_frame(first, (0, 0), 0)]
    pieces += [photos.png_frame(square(RED), (2, 5), then)]
    pieces += [photos.png_frame(square(GREEN), (22, 5), then)]
    pieces += [photos.png_frame(square(BLUE), (42, 5), 0)]
    under = "grey" if ground == "grey" else ""
    left, middle = {0: ("red", "green"), 1: ("", ""), 2: (under, under)}[then]
    original = made_of(photos.animated_png((60, 30), *pieces))[1]
    shown = shown_in(original, (9, 12), (29, 12), (49, 12))
    assert shown == [
        [under, under, under],
        ["red", under, under],
        [left, "green", under],
        [left, middle, "blue"],
    ]


def test_a_frame_that_is_half_clear_is_laid_over_what_is_there() -> None:
    ground = photos.png_frame(Image.new("RGBA", (60, 30), (*GREY, 255)), (0, 0), 0)
    over = photos.png_frame(square(RED, 128), (22, 5), 0, blend=1)
    replacing = photos.png_frame(square(RED, 128), (42, 5), 0)
    original = made_of(photos.animated_png((60, 30), ground, over, replacing))[1]
    with Image.open(io.BytesIO(original)) as again:
        again.seek(2)
        shown = again.convert("RGBA")
    assert distance(shown.getpixel((29, 12)), (174, 79, 79, 255)) <= 12
    assert distance(shown.getpixel((49, 12))[3:], (128,)) <= 12  # type: ignore[index]


def test_a_frame_of_a_png_that_stands_out_of_it_is_refused() -> None:
    for place in ((45, 5), (5, 25), (2**31, 0)):
        ground = photos.png_frame(Image.new("RGBA", (60, 30)), (0, 0), 0)
        data = photos.animated_png((60, 30), ground, photos.png_frame(square(RED), place, 0))
        assert refusal(data)[0] == "validation_failed"


def test_a_png_that_promises_more_frames_than_it_has_is_refused() -> None:
    data = photos.moving("PNG")
    count = data.index(b"acTL") + 4
    more = chunk(b"acTL", struct.pack(">I", 5) + data[count + 4 : count + 8])
    code, _ = refusal(data[: count - 8] + more + data[count + 12 :])
    assert code == "validation_failed"


def test_frames_that_stay_are_seen_through_what_is_clear() -> None:
    frames = [Image.new("RGBA", (60, 30), (*GREY, 255)), spot(RED, 0), spot(BLUE, 40)]
    options = {"append_images": frames[1:], "duration": 100, "disposal": 0, "blend": 1}
    data = written(frames[0], "PNG", save_all=True, **options)
    with Image.open(io.BytesIO(made_of(data)[1])) as again:
        again.seek(2)
        shown = again.convert("RGB")
        found = [photos.named(shown.getpixel((x, 12))) for x in (8, 30, 48)]
    assert found == ["red", "grey", "blue"]


def shown_in(data: bytes, *places: tuple[int, int]) -> list[list[str]]:
    """Return the names of the colours at some places, frame by frame; "" where it is clear."""
    found = []
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            pixels: list[Any] = [picture.convert("RGBA").getpixel(place) for place in places]
            found.append([photos.named(seen[:3]) if seen[3] > 128 else "" for seen in pixels])
    return found


IN_FRONT, ASIDE, OUTSIDE = (15, 10), (40, 20), (2, 2)
WHOLE, FIRST, SECOND = (0, 0, 60, 40), (10, 5, 20, 20), (35, 10, 20, 20)


def test_a_gif_that_fills_a_part_of_its_ground_is_clear_around_it() -> None:
    data = photos.gif((60, 40), (FIRST, 0, photos.STAY))
    assert shown_in(made_of(data)[1], IN_FRONT, OUTSIDE) == [["red", ""]]


@pytest.mark.parametrize(
    ("then", "last"),
    [
        (photos.STAY, ["red", "green", "grey"]),
        (photos.CLEAR_AWAY, ["", "green", "grey"]),
        (photos.GO_BACK, ["grey", "green", "grey"]),
    ],
)
def test_frames_of_a_gif_without_a_clear_colour_give_way_as_in_browsers(
    then: int, last: list[str]
) -> None:
    data = photos.gif((60, 40), (WHOLE, 3, photos.STAY), (FIRST, 0, then), (SECOND, 1, then))
    shown = shown_in(made_of(data)[1], IN_FRONT, ASIDE, OUTSIDE)
    assert shown == [["grey"] * 3, ["red", "grey", "grey"], last]


def test_a_frame_of_a_gif_that_says_nothing_stays_whatever_the_one_before_did() -> None:
    pieces = (WHOLE, 3, photos.STAY), (FIRST, 0, photos.CLEAR_AWAY), (SECOND, 1, 0), (FIRST, 2, 0)
    shown = shown_in(made_of(photos.gif((60, 40), *pieces))[1], IN_FRONT, ASIDE)
    assert shown == [["grey"] * 2, ["red", "grey"], ["", "green"], ["blue", "green"]]


@pytest.mark.parametrize("then", [photos.CLEAR_AWAY, photos.GO_BACK])
def test_what_a_gif_begins_with_gives_way_to_a_clear_ground(then: int) -> None:
    data = photos.gif((60, 40), (FIRST, 0, then), (SECOND, 1, then))
    shown = shown_in(made_of(data)[1], IN_FRONT, ASIDE, OUTSIDE)
    assert shown == [["red", "", ""], ["", "green", ""]]


def test_a_gif_whose_later_frame_is_larger_than_it_says_is_taken() -> None:
    data = photos.gif((20, 20), ((0, 0, 20, 20), 0, photos.STAY), ((5, 5, 40, 30), 1, photos.STAY))
    picture, original, _ = made_of(data)
    assert (picture.width, picture.height) == (20, 20)
    assert shown_in(original, (2, 2)) == [["red"], ["red"]]


@pytest.mark.parametrize("orientation", [3, 6])
def test_an_animation_is_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lies = photos.LIES[orientation]
    frame = quarters().transpose(lies) if lies is not None else quarters()
    other = ImageChops.invert(frame)
    data = written(frame, "WEBP", save_all=True, append_images=[other], exif=exif.tobytes())
    picture, original, _ = made_of(data)
    assert (picture.width, picture.height, seen(original)) == (96, 64, QUARTERS)


def test_a_png_with_much_text_is_taken() -> None:
    info = PngInfo()
    info.add_text("Comment", "x" * 3_000_000, zip=True)
    info.add_itxt("XML:com.adobe.xmp", "y" * 3_000_000, zip=True)
    assert seen(kept(written(quarters(), "PNG", pnginfo=info))) == QUARTERS


# Sentences


@pytest.mark.parametrize("name", pictures.refused())
def test_a_refusal_says_what_to_do(name: str) -> None:
    data, code = pictures.refused()[name]
    found, sentence = refusal(data)
    assert found == code
    assert sentence.count(".") == 1
    assert any(word in sentence for word in ("Use a", "send", "make it smaller", "shorten it"))


def test_nothing_is_taken_for_slow_that_is_not() -> None:
    for name, (data, _) in pictures.refused().items():
        assert "too long" not in refusal(data)[1], name

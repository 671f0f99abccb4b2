"""Pictures are judged by what they are, and nothing but their pixels survives."""

from __future__ import annotations

import io
import tempfile
import threading
import time

import pytest
from PIL import Image

from chat.utils import pictures as module
from chat.utils.pictures import Picture, PictureRefused, PixelBudget, make
from tests import pictures

ACCEPTED, REFUSED = pictures.accepted(), pictures.refused()
MOST = 40_000_000


def made_of(data: bytes, budget: PixelBudget | None = None) -> tuple[Picture, bytes, bytes]:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as original, tempfile.TemporaryFile() as thumbnail:
        source.write(data)
        picture = make(source, original, thumbnail, most_pixels=MOST, budget=budget or PixelBudget(4 * MOST))
        original.seek(0)
        thumbnail.seek(0)
        return picture, original.read(), thumbnail.read()


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_keeps_its_pixels_and_nothing_else(name: str) -> None:
    picture, original, thumbnail = made_of(ACCEPTED[name])
    for rendition in (original, thumbnail):
        assert pictures.PLANTED not in rendition
        with Image.open(io.BytesIO(rendition)) as again:
            again.load()
            assert not again.getexif()
            assert not {"icc_profile", "xmp", "exif", "comment", "XML:com.adobe.xmp", "Comment"} & set(again.info)
    with Image.open(io.BytesIO(original)) as again:
        assert again.size == (picture.width, picture.height)
        assert Image.MIME[again.format or ""] == picture.content_type
        assert getattr(again, "n_frames", 1) == (6 if "animated" in name else 1)
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert max(small.size) <= 800
        assert small.size == (picture.thumbnail_width, picture.thumbnail_height)
    assert picture.placeholder.startswith("data:image/webp;base64,")
    assert len(picture.placeholder) < 1000


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_gets_the_right_code_and_a_sentence(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(PictureRefused) as told:
        made_of(data)
    assert (told.value.code, str(told.value)[-1]) == (code, ".")


def test_a_turned_picture_is_upright() -> None:
    picture, _, _ = made_of(ACCEPTED["jpeg with GPS, turned"])
    assert (picture.width, picture.height) == (200, 320)


def test_sixteen_bits_keep_their_light() -> None:
    _, original, _ = made_of(ACCEPTED["png with 16 bits"])
    with Image.open(io.BytesIO(original)) as again:
        assert abs(again.convert("L").getpixel((5, 5)) - 40_000 // 256) <= 1


def test_sixteen_bits_of_colour_keep_their_colour() -> None:
    _, original, _ = made_of(ACCEPTED["png with 16 bits of colour"])
    with Image.open(io.BytesIO(original)) as again:
        assert again.convert("RGB").getpixel((5, 5)) == (255, 128, 32)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB")])
def test_colours_of_another_profile_become_those_of_srgb(kind: str, mode: str) -> None:
    options = {"quality": 100} if kind != "PNG" else {}
    flat = Image.new(mode, (64, 64), (200, 100, 50, 255)[: len(mode)])
    with Image.open(io.BytesIO(pictures.written(flat, kind, icc_profile=pictures.swapped_profile(), **options))) as before:
        assert before.info["icc_profile"], "it is there to begin with"
        assert near(before, (200, 100, 50))
    _, original, thumbnail = made_of(pictures.written(flat, kind, icc_profile=pictures.swapped_profile(), **options))
    for rendition in (original, thumbnail):
        with Image.open(io.BytesIO(rendition)) as again:
            assert near(again, (50, 100, 200)), again.convert("RGB").getpixel((32, 32))
            assert "icc_profile" not in again.info
            assert pictures.PLANTED not in rendition


def near(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    found = picture.convert("RGB").getpixel((32, 32))
    return all(abs(channel - wanted) <= 4 for channel, wanted in zip(found, colour, strict=True))


def test_an_animation_keeps_its_pace() -> None:
    _, original, _ = made_of(ACCEPTED["gif, animated"])
    with Image.open(io.BytesIO(original)) as again:
        again.seek(2)
        again.load()
        assert again.info["duration"] == 90


def test_a_picture_that_takes_more_than_all_pixels_is_refused() -> None:
    with pytest.raises(PictureRefused, match="all frames together"):
        made_of(ACCEPTED["gif, animated"], PixelBudget(60 * 40 * 6 - 1))
    made_of(ACCEPTED["gif, animated"], PixelBudget(60 * 40 * 6))


def test_pictures_wait_until_their_pixels_are_free() -> None:
    budget, order = PixelBudget(100_000), []

    def one() -> None:
        made_of(ACCEPTED["jpeg in grey"], budget)
        order.append("made")

    with budget.spend(90_000):
        waiting = threading.Thread(target=one)
        waiting.start()
        time.sleep(0.4)
        order.append("freed")
    waiting.join(20)
    assert order == ["freed", "made"]


def test_a_decoder_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".py") as hanging:
        hanging.write("import time\ntime.sleep(60)\n")
        hanging.flush()
        monkeypatch.setattr(module, "WORKER", hanging.name)
        monkeypatch.setattr(module, "SECONDS", 0.5)
        began = time.monotonic()
        with pytest.raises(PictureRefused, match="too long"):
            made_of(ACCEPTED["gif"])
        assert time.monotonic() - began < 10

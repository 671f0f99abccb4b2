"""Pictures are recognised by their content, and nothing but their pixels is stored."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from chat.utils import pictures as module
from chat.utils.errors import ClientGone
from chat.utils.pictures import PictureRefused
from tests.helpers import pictures
from tests.helpers.decoded import made_of
from tests.helpers.servers import is_alive

ACCEPTED, REFUSED = pictures.accepted(), pictures.refused()


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_keeps_its_pixels_and_nothing_else(name: str) -> None:
    picture, original, thumbnail = made_of(ACCEPTED[name])
    for rendition in (original, thumbnail):
        assert pictures.PLANTED not in rendition
        with Image.open(io.BytesIO(rendition)) as again:
            again.load()
            assert not again.getexif()
            assert not {
                "icc_profile",
                "xmp",
                "exif",
                "comment",
                "XML:com.adobe.xmp",
                "Comment",
            } & set(again.info)
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


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB")]
)
def test_colours_of_another_profile_become_those_of_srgb(kind: str, mode: str) -> None:
    options = {"quality": 100} if kind != "PNG" else {}
    flat = Image.new(mode, (64, 64), (200, 100, 50, 255)[: len(mode)])
    with Image.open(
        io.BytesIO(pictures.written(flat, kind, icc_profile=pictures.swapped_profile(), **options))
    ) as before:
        assert before.info["icc_profile"], "it is there to begin with"
        assert near(before, (200, 100, 50))
    _, original, thumbnail = made_of(
        pictures.written(flat, kind, icc_profile=pictures.swapped_profile(), **options)
    )
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


def test_an_animation_whose_frames_have_too_many_pixels_together_is_refused() -> None:
    a_quarter = 60 * 40 * 6 // 4
    with pytest.raises(PictureRefused, match="all frames together"):
        made_of(ACCEPTED["gif, animated"], a_quarter - 1)
    made_of(ACCEPTED["gif, animated"], a_quarter)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Return a function that replaces the decoder by another program, as a hostile file could."""

    def becomes(program: str) -> None:
        path = tmp_path / "worker.py"
        path.write_text("import sys, time\n" + program)
        monkeypatch.setattr(module, "WORKER", path)

    return becomes


@pytest.mark.parametrize(
    "program", ["time.sleep(60)", "sys.stdout.write('{'); sys.stdout.flush(); time.sleep(60)"]
)
def test_a_decoder_that_hangs_is_killed(
    worker: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    worker(program)
    monkeypatch.setattr(module, "SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(PictureRefused, match="too long"):
        made_of(ACCEPTED["gif"])
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "program", ["", "print('{', end='')", "sys.stdout.write('x' * 10_000_000)", "sys.exit(1)"]
)
def test_a_decoder_that_says_nothing_that_counts_is_refused(
    worker: Callable[[str], None], program: str
) -> None:
    worker(program)
    with pytest.raises(PictureRefused, match="cannot be decoded"):
        made_of(ACCEPTED["gif"])


def test_a_decoder_has_ten_seconds_of_cpu_and_is_ended_by_the_system(
    worker: Callable[[str], None],
) -> None:
    """The real worker sets the limits before it opens the file; this test reads them in a child."""
    ours = module.WORKER.read_text()
    assert "CPU_SECONDS = 10 " in ours
    busy = "def renditions(*_):\n    while True:\n        pass\n\n\nif __name__"
    ours = ours.replace("__file__", repr(str(module.WORKER))).replace("if __name__", busy)
    ours = ours.replace("CPU_SECONDS = 10 ", "CPU_SECONDS = 1 ")
    worker(ours.replace("from __future__ import annotations", ""))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(PictureRefused, match="too long"):
        made_of(ACCEPTED["gif"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert 0.4 < after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_a_picture_that_nobody_waits_for_is_dropped_and_its_decoder_killed(
    worker: Callable[[str], None], tmp_path: Path
) -> None:
    worker(
        f"import os\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    with pytest.raises(ClientGone):
        made_of(ACCEPTED["gif"], has_hung_up=(tmp_path / "pid").exists)
    assert not is_alive(int((tmp_path / "pid").read_text()))

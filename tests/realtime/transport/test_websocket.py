"""RFC 6455: what the server accepts, what it refuses, and with which close code."""

from __future__ import annotations

import time

import pytest

from chat.realtime.transport.frames import Broken, Parser, unmask
from tests.realtime.tools import BINARY, CLOSE, PING, PONG, TEXT, Plain, Talker, frame


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 127, 65_535, 65_536, 70_001])
def test_frames_of_every_length_are_read_however_they_are_cut(size: int) -> None:
    payload = bytes(i % 251 for i in range(size))
    data = frame(BINARY, payload) + frame(TEXT, b"end")
    for portion in (1, 2, 7, 1000, len(data)) if size < 1000 else (997, 32_768, len(data)):
        parser, found = Parser(100_000), []
        for at in range(0, len(data), portion):
            found += list(parser.feed(data[at : at + portion]))
        assert found == [(BINARY, payload), (TEXT, "end")]


def test_unmasking_is_what_the_rfc_says() -> None:
    payload, mask = bytes(range(256)) * 3, b"\x01\x80\xff\x00"
    assert unmask(payload, mask) == bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    assert unmask(bytes.fromhex("7f9f4d5158"), bytes.fromhex("37fa213d")) == b"Hello", (
        "the example of section 5.7"
    )


def test_a_message_may_come_in_fragments_with_control_frames_between() -> None:
    parser = Parser(100)
    data = (
        frame(TEXT, b"Hel", whole=False)
        + frame(PING, b"?")
        + frame(0, b"", whole=False)
        + frame(0, "lö".encode()[:2], whole=False)
    )
    data += frame(0, "lö".encode()[2:])
    assert list(parser.feed(data)) == [(PING, b"?"), (TEXT, "Hellö")]


def test_the_limit_counts_the_whole_message_and_is_told_by_the_header() -> None:
    for data in (
        frame(TEXT, b"x" * 101)[:6],
        frame(TEXT, b"x" * 60, whole=False) + frame(0, b"x" * 41)[:2],
        b"\x82\xff" + b"\xff" * 8,
    ):
        with pytest.raises(Broken) as broken:
            list(Parser(100).feed(data))
        assert broken.value.code == 1009
    allowed = frame(TEXT, b"x" * 60, whole=False) + frame(PING, b"y" * 60) + frame(0, b"x" * 40)
    assert list(Parser(100).feed(allowed))[1] == (TEXT, "x" * 100), (
        "a control frame is not part of it"
    )


BAD = {
    "a reserved bit": (frame(TEXT, b"42", reserved=4), 1002),
    "another reserved bit": (frame(TEXT, b"42", reserved=1), 1002),
    "no mask": (frame(TEXT, b"42", masked=False), 1002),
    "an unknown opcode": (frame(3, b""), 1002),
    "an unknown control opcode": (frame(11, b""), 1002),
    "a ping in fragments": (frame(PING, b"", whole=False), 1002),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "a fragment of nothing": (frame(0, b"x"), 1002),
    "a message in a message": (frame(TEXT, b"x", whole=False) + frame(TEXT, b"y"), 1002),
    "text that is not UTF-8": (frame(TEXT, b"\xc3\x28"), 1007),
    "text that is not UTF-8 in fragments": (
        frame(TEXT, b"\xc3", whole=False) + frame(0, b"\x28"),
        1007,
    ),
    "half a surrogate pair": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "too large": (frame(TEXT, b"4" * 100_001), 1009),
    "a close frame of one byte": (frame(CLOSE, b"\x03"), 1002),
    "close code 1005": (frame(CLOSE, b"\x03\xed"), 1002),
    "close code 999": (frame(CLOSE, b"\x03\xe7"), 1002),
    "a close reason that is not UTF-8": (frame(CLOSE, b"\x03\xe8\xc3\x28"), 1007),
    "close": (frame(CLOSE, b"\x03\xe8bye"), 1000),
    "close without a code": (frame(CLOSE, b""), 1000),
    "close with a code of one's own": (frame(CLOSE, b"\x0f\xa0"), 4000),
}


@pytest.mark.parametrize("name", BAD)
def test_a_stream_that_breaks_is_closed_with_its_code_and_nobody_else_notices(
    patient: Plain, bystander: Talker, name: str
) -> None:
    """Stock accepted reserved bits and frames without a mask.

    It closed with 1011 instead of 1007, and wrote HTTP into the stream.
    """
    data, code = BAD[name]
    talker = Talker(patient)
    talker.socket.sendall(data)
    assert talker.ended() == code
    assert patient.goodbye(talker.sid, 1) in ("transport error", "transport close")


def test_pings_are_answered_and_pongs_are_not(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send_frame(PONG, b"nobody asked")
    talker.send_frame(PING, b"are you there")
    assert talker.frame() == (PONG, b"are you there")


def test_events_before_a_broken_frame_are_handled(patient: Plain) -> None:
    patient.post("/reset")
    talker = Talker(patient)
    talker.socket.sendall(
        frame(TEXT, b'42["slow",1,0.05]') + frame(TEXT, b'42["slow",2,0]') + frame(3, b"")
    )
    assert talker.ended() == 1002
    patient.goodbye(talker.sid)
    assert patient.state["heard"] == [1, 2]


def test_the_close_handshake_does_not_wait_for_ever(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send_frame(3)
    assert talker.ended() == 1002
    began = time.monotonic()
    with pytest.raises(
        OSError
    ):  # its own close frame never comes; what it sends meanwhile is thrown away
        while time.monotonic() < began + 5:
            talker.send_frame(PONG)
            time.sleep(0.05)
    assert 1 < time.monotonic() - began < 4

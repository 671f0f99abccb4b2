"""A large audience is served in slices, with pauses while several send to it.

It receives everything, in order.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.realtime.transport import flushing
from chat.realtime.transport.flushing import LARGE, REST, Flusher
from tests.realtime.fake_loop import Loop
from tests.realtime.tools import Plain, Talker

PEOPLE, DROPS = LARGE + 60, 200


def test_a_large_audience_hears_everything_in_order_while_more_keeps_coming(patient: Plain) -> None:
    crowd = [Talker(patient) for _ in range(PEOPLE)]
    for talker in crowd:
        assert talker.call("join", "square") == [True]
    crowd[0].event("flood", "square", DROPS, 10)  # it lets the loop go round now and then
    for talker in crowd:
        assert [json.loads(talker.until('42["drop"')[2:])[1][0] for _ in range(DROPS)] == list(
            range(DROPS)
        )
    for talker in crowd:
        talker.close()


def say(flusher: Flusher, websockets: list[Any], packet: bytes) -> None:
    for websocket in websockets:
        if not websocket.out:
            flusher.large.append(websocket)
        websocket.out.append(packet)
    flusher.wake()


def test_what_is_said_after_a_round_goes_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, flusher = Loop(monkeypatch, flushing), Flusher()
    websockets = [loop.websocket() for _ in range(2 * LARGE)]
    for packet in (b"one", b"two", b"three"):
        said = loop.now
        say(flusher, websockets, packet)
        loop.turn()
        loop.turn()
        assert [data for _, data in loop.sent[-2 * LARGE :]] == [packet] * 2 * LARGE
        assert loop.sent[-1][0] - said < 0.001 * 2 * LARGE, (
            "nobody waited for anything but the sockets before"
        )
        assert not loop.calls


def test_after_a_round_in_which_several_had_spoken_others_have_most_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, flusher = Loop(monkeypatch, flushing), Flusher()
    websockets = [loop.websocket() for _ in range(LARGE)]
    say(flusher, websockets, b"one,")
    say(flusher, websockets, b"two,")
    loop.turn()
    assert {data for _, data in loop.sent} == {b"one,two,"}
    ended = loop.now
    for packet in (b"three,", b"four,", b"five,"):
        say(flusher, websockets, packet)
    assert len(loop.calls) == 1
    loop.turn()
    assert loop.sent[LARGE][0] - ended == pytest.approx(REST * 0.001 * LARGE)
    assert [data for _, data in loop.sent[LARGE:]] == [b"three,four,five,"] * LARGE, (
        "one send for all that was said meanwhile"
    )


def test_what_is_said_to_a_large_audience_while_it_is_served_waits_for_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, flusher = Loop(monkeypatch, flushing), Flusher()
    websockets = [loop.websocket() for _ in range(2 * LARGE)]
    say(flusher, websockets, b"one,")
    loop.turn()
    say(flusher, websockets, b"two,")
    while loop.calls:
        loop.turn()
    assert [data for _, data in loop.sent] == [b"one,"] * LARGE + [b"one,two,"] * LARGE + [
        b"two,"
    ] * LARGE


def test_whoever_asked_learns_when_the_last_socket_of_an_audience_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, flusher = Loop(monkeypatch, flushing), Flusher()
    websockets = [loop.websocket() for _ in range(2 * LARGE + 1)]
    told: list[tuple[str, int]] = []
    flusher.large_written.append(lambda: told.append(("large", len(loop.sent))))
    say(flusher, websockets, b"one")
    loop.turn()
    assert not told, "most of the audience waits for its slice"
    small = loop.websocket()
    small.out.append(b"two")
    flusher.small.append(small)
    flusher.small_written.append(lambda: told.append(("small", len(loop.sent))))
    flusher.large_written.append(lambda: told.append(("next", len(loop.sent))))
    flusher.wake()
    while loop.calls:
        loop.turn()
    assert [name for name, _ in told] == ["small", "large", "next"]
    assert dict(told)["large"] == len(websockets) + 1

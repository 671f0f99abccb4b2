"""Defects that brought the stock stack down, or could.

Each test has what was measured there: eventlet 0.41.3, python-engineio 4.15.1.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.helpers.servers import ROOT, wait_until
from tests.realtime.tools import BINARY, TEXT, Line, Plain, Talker, frame


def sessions(app: Plain) -> int:
    return int(app.state["counters"]["open_sockets"])


def knock(app: Plain, times: int) -> list[int]:
    """Return the statuses of so many handshakes that nothing follows."""
    return [
        app.http.get(app.url + "/socket.io/?EIO=4&transport=polling", timeout=5).status_code
        for _ in range(times)
    ]


def test_1_every_packet_of_a_large_post_is_handled_in_order_and_one_bad_is_told(
    patient: Plain,
) -> None:
    """Stock: more than 16 packets, or one bad among good, and all were dropped, and answered 200.

    1 of 200 messages arrived.
    """
    patient.post("/reset")
    sid = patient.poll_session(connected=True)
    assert (
        patient.push(sid, "\x1e".join(f'42["slow",{number},0]' for number in range(200))).text
        == "ok"
    )
    wait_until(lambda: len(patient.state["heard"]) == 200, "all are handled")
    assert (
        patient.push(
            sid, '42["slow",200,0]\x1e42["slow",201,0]\x1eabc\x1e42["slow",203,0]'
        ).status_code
        == 400
    )
    wait_until(lambda: len(patient.state["heard"]) >= 202, "the good before the bad are handled")
    assert patient.state["heard"] == list(range(202))


def test_2_a_malformed_text_frame_is_a_close_frame_and_a_disconnect_within_a_second(
    patient: Plain, bystander: Talker
) -> None:
    """Stock: an HTTP 500 inside the WebSocket stream, and `disconnect` after 48 s."""
    talker = Talker(patient)
    talker.send("4{malformed")
    assert talker.ended(1) == 1003
    assert patient.goodbye(talker.sid, 1) == "transport error"


def test_3_endless_fragments_are_stopped_at_the_limit_and_cost_no_memory(
    patient: Plain, bystander: Talker
) -> None:
    """Stock: 41 MB from a client that had not even connected, and the worker was killed at 30 s."""
    line = Line(patient.port)
    line.next()
    before = patient.state["memory"]
    line.send_frame(TEXT, b"4", whole=False)
    with pytest.raises(OSError):  # it is hung up on before 40 MB are through
        for _ in range(40_000):
            line.send_frame(0, b"x" * 1000, whole=False)
    assert patient.state["memory"] - before < 4_000_000
    empty = Line(patient.port)
    empty.next()
    empty.send_frame(TEXT, b"", whole=False)
    empty.socket.sendall(frame(0, b"", whole=False) * 50_000)
    assert bystander.call("message-with-ack", 1) == [1], (
        "nor do fragments without anything in them hold anybody up"
    )


def test_4_a_frame_of_a_megabyte_holds_nobody_up(another: Callable[..., Plain]) -> None:
    """Stock: unmasked byte by byte, and everybody stalled for 2 s."""
    app = another(max_http_buffer_size=2_000_000)
    talker, other = Talker(app), Talker(app)
    app.post("/reset")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(talker.call, "message-with-ack", "x" * 1_000_000)
        while not answer.done():
            other.call("message-with-ack", 1)
    assert answer.result() == ["x" * 1_000_000]
    assert app.state["stall"] < 0.1


@pytest.mark.parametrize("words", [[], ["3"], ["40/nowhere"], ['40{"refuse":"no"}']])
def test_5_who_never_connects_is_closed(quick: Plain, words: list[str]) -> None:
    """Stock: stayed for ever, kept alive by its pongs."""
    line = Line(quick.port)
    for word in words:
        line.send(word)
    end = time.monotonic() + 3
    opcode, payload = line.frame()
    while opcode == TEXT and time.monotonic() < end:
        if payload == b"2":
            line.send("3")
        opcode, payload = line.frame()
    assert (opcode, payload[:2]) == (8, (1000).to_bytes(2, "big"))


def test_5_who_connected_stays(quick: Plain) -> None:
    talker = Talker(quick)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        talker.event("message", 1)
        talker.until('42["message-back"')
    assert quick.push(quick.poll_session(), "40").text == "ok"


def test_5_a_refused_connect_gives_no_more_time(another: Callable[..., Plain]) -> None:
    """The ten seconds began anew with each, so that a place could be held for ever."""
    app = another(connect_timeout=3.0)
    silent, refused = Line(app.port), Line(app.port)
    time.sleep(2)
    refused.send('40{"refuse":"no"}')
    assert refused.until("44")
    assert silent.ended(5) == 1000
    assert refused.ended(1.5) == 1000, "its time counts from the opening, not from the refusal"


@pytest.mark.parametrize("connect", ['40{"refuse":"no"}', "40/nowhere"])
def test_5_three_refused_connects_end_a_session_and_what_follows_costs_nothing(
    patient: Plain, bystander: Talker, connect: str
) -> None:
    line = Line(patient.port)
    line.next()
    before = patient.state["counters"]["packets_in"]
    with contextlib.suppress(OSError):
        for _ in range(20_000):
            line.send(connect)
    answers = []
    with contextlib.suppress(OSError, AssertionError):  # until it is closed
        while True:
            answers.append(str(line.next()))
    assert len([answer for answer in answers if answer.startswith("44")]) <= 3
    after = patient.state["counters"]["packets_in"]
    assert after - before < 10_000, "what was not read yet is not read any more"
    assert Talker(patient).call("message-with-ack", 1) == [1]


def test_5_who_is_in_a_namespace_is_not_put_out_for_two_that_are_not_there(patient: Plain) -> None:
    talker = Talker(patient)
    for _ in range(2):
        talker.send("40/nowhere")
        talker.until("44/nowhere")
    assert talker.call("message-with-ack", 1) == [1]


def test_5_coming_and_going_on_one_line_has_an_end(patient: Plain, bystander: Talker) -> None:
    line = Line(patient.port)
    with pytest.raises((AssertionError, OSError)):  # a close frame, or nothing more
        for _ in range(100):
            line.send("40")
            line.until("40")
            line.send("41")
    meant = patient.complaints.count("RuntimeError: meant to fail")
    assert patient.complaints.count("Traceback") == meant


def test_6_in_a_flood_of_handshakes_the_oldest_gives_way_and_nobody_is_shut_out(
    another: Callable[..., Plain],
) -> None:
    """Stock: no limit. Refusing the newest would let one with a thousand places lock others out."""
    app = another(connect_timeout=100.0)
    first, connected = app.poll_session(), Talker(app)
    assert set(knock(app, 1100)) == {200}
    state = app.state["counters"]
    assert (state["open_sockets"], state["crowded_out"], state["refused"]) == (1001, 101, 0)
    assert app.push(first, "40").status_code == 400, "the oldest is gone"
    late = app.poll_session()
    assert app.push(late, "40").text == "ok", "the newest is not"
    assert connected.call("message-with-ack", 1) == [1], "and who is connected notices nothing"


def test_6_a_websocket_that_gives_way_is_closed_at_once(another: Callable[..., Plain]) -> None:
    app = another(connect_timeout=100.0, most_pending=3)
    lines = [Line(app.port) for _ in range(5)]
    assert [line.ended(2) for line in lines[:2]] == [1013, 1013]
    lines[2].send("40")
    assert lines[2].until("40")


def test_6_the_limit_can_be_lifted_for_load_tests(another: Callable[..., Plain]) -> None:
    app = another(limits=False)
    assert set(knock(app, 1100)) == {200}
    assert app.state["counters"]["crowded_out"] == 0


def test_7_who_does_not_read_is_cut_off_and_costs_bounded_memory(
    patient: Plain, bystander: Talker
) -> None:
    """Stock: an unbounded queue, for 45 s."""
    slow = Talker(patient, receive_buffer=4096)
    slow.call("join", "flooded")
    before = patient.state["memory"], patient.state["counters"]["slow_consumers"]
    began = time.monotonic()
    bystander.event("flood", "flooded", 2000, 10_000)
    assert patient.goodbye(slow.sid, 12) == "transport error"
    assert time.monotonic() - began < 11
    state = patient.state
    assert state["counters"]["slow_consumers"] > before[1]
    assert state["memory"] - before[0] < 12_000_000


def test_7_who_takes_nothing_of_what_waits_is_cut_off_too(patient: Plain) -> None:
    slow = Talker(patient, receive_buffer=4096)
    patient.post(
        "/emit", event="large", data="y" * 12_000_000, to=slow.sid
    )  # more than the kernel takes
    assert patient.goodbye(slow.sid, 12) == "transport error"


def test_7_who_reads_slowly_but_reads_gets_all_of_a_large_answer(patient: Plain) -> None:
    slow = Talker(patient, receive_buffer=4096)
    slow.event("message-with-ack", "x")
    patient.post("/emit", event="large", data="y" * 3_000_000, to=slow.sid)
    patient.post("/emit", event="small", data="z", to=slow.sid)
    for _ in range(20):
        slow.buffer += slow.socket.recv(20_000)
        time.sleep(0.01)
    assert len(slow.hears("large")[0]) == 3_000_000
    assert slow.hears("small") == ["z"]


def test_7_who_does_not_poll_is_cut_off_too(patient: Plain, bystander: Talker) -> None:
    sid = patient.poll_session(connected=True)
    patient.push(sid, '42["join","flooded polls"]')
    bystander.event("flood", "flooded polls", 300, 10_000)
    wait_until(lambda: patient.get(sid, t="x").status_code == 400, "the session is closed", 5)


def test_8_a_packet_that_no_client_sends_is_answered_at_once(patient: Plain) -> None:
    """Stock: POST of "6" hung, and leaked the session."""
    sid = patient.poll_session(connected=True)
    began = time.monotonic()
    assert patient.push(sid, "6").status_code == 400
    assert time.monotonic() - began < 1
    assert patient.get(sid).json()["message"] == "Session ID unknown"


@pytest.mark.parametrize("chunked", [False, True])
def test_8_a_post_that_is_too_large_is_answered_at_once(patient: Plain, *, chunked: bool) -> None:
    """Stock: no answer."""
    sid = patient.poll_session(connected=True)
    body = b"4" * 100_001
    answer = patient.push(sid, iter([body]) if chunked else body)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert patient.get(sid).status_code == 400


# 9 is in tests/test_gunicorn.py


def test_10_what_a_client_sends_in_order_is_handled_in_order(patient: Plain) -> None:
    """Stock: one greenlet an event, and 95 of 200 overtaken."""
    patient.post("/reset")
    talker = Talker(patient)
    for number in range(200):
        talker.event("slow", number, 0.01 if number % 7 == 0 else 0)
    wait_until(lambda: len(patient.state["heard"]) == 200, "all are handled")
    assert patient.state["heard"] == list(range(200))


def test_10_clients_do_not_wait_for_each_other(patient: Plain) -> None:
    slow, other = Talker(patient), Talker(patient)
    slow.event("slow", 1, 3)
    began = time.monotonic()
    assert other.call("slow", 2, 0) == [2]
    assert time.monotonic() - began < 1


def test_10_a_client_that_sends_faster_than_is_handled_is_read_no_further(
    patient: Plain, bystander: Talker
) -> None:
    talker = Talker(patient)
    before = patient.state["counters"]["packets_in"]
    talker.event("slow", 0, 1.5)
    padding = "x" * 1000
    talker.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        for _ in range(20_000):
            talker.event("message-with-ack", padding)
    assert patient.state["counters"]["packets_in"] - before < 5_000
    talker.socket.settimeout(10)


def test_11_what_holds_a_cpu_is_done_in_threads() -> None:
    """Stock: bcrypt in a greenlet stalled everybody for 3.4 s.

    The chat's hashes go through extensions.off_the_loop.
    """
    passwords = (ROOT / "chat/utils/passwords.py").read_text()
    callers = [
        path
        for path in (ROOT / "chat").rglob("*.py")
        if re.search(r"\b(hash_password|matches)\b", path.read_text())
    ]
    assert "bcrypt" in passwords
    assert callers
    script = (
        "import eventlet; eventlet.monkey_patch()\nimport time\n"
        "from chat.extensions import off_the_loop\nfrom chat.utils.passwords import hash_password\n"
        "gaps = []\n"
        "def watch():\n    before = time.monotonic()\n"
        "    while True:\n        eventlet.sleep(0.01)\n"
        "        now = time.monotonic()\n"
        "        gaps.append(now - before)\n        before = now\n"
        "eventlet.spawn(watch)\neventlet.sleep(0.05)\n"
        "hashes = [eventlet.spawn(off_the_loop, hash_password, 'x' * 12) for _ in range(4)]\n"
        "began = time.monotonic()\n[each.wait() for each in hashes]\n"
        "print(max(gaps), time.monotonic() - began)\n"
    )
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    gap, whole = map(float, found.stdout.split())
    assert gap < whole / 2, "the loop goes on while four passwords are hashed"


@pytest.mark.parametrize("count", ["11", "9999999999", "99999999999999"])
def test_12_more_attachments_than_anybody_needs_are_refused(
    patient: Plain, bystander: Talker, count: str
) -> None:
    """Stock: 9,999,999,999 were announced, and waited for."""
    talker = Talker(patient)
    talker.send(f'45{count}-["message"]')
    assert talker.ended() == 1003


def test_12_ten_attachments_are_taken(patient: Plain) -> None:
    talker = Talker(patient)
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    talker.send(f'4510-["message",{places}]')
    for number in range(10):
        talker.send_frame(BINARY, bytes([number]))
    assert str(talker.next()).startswith("4510-")


# 13 and 14 are in test_protocol.py and test_websocket.py


def test_15_gunicorn_opens_no_door_that_nobody_asked_for() -> None:
    """Stock: gunicorn from 25.1 listens on a control socket."""
    assert re.search(
        r"^control_socket_disable = True\b", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize(
    "name",
    ["connect", "disconnect", "connect_error", "disconnecting", "newListener", "removeListener"],
)
def test_16_reserved_names_reach_no_handler(patient: Plain, bystander: Talker, name: str) -> None:
    """Stock called the application's handlers of `connect` and `disconnect` as if it were true."""
    patient.post("/reset")
    talker = Talker(patient)
    talker.event(name, "x")
    assert talker.ended() == 1003
    assert patient.goodbye(talker.sid) == "transport error"


def test_thousands_drop_at_once_and_the_loop_goes_on(another: Callable[..., Plain]) -> None:
    app = another(limits=False)
    lines: list[Line] = []

    def connect(_: int) -> None:
        line = Line(app.port)
        line.send("40")
        line.until("42")
        lines.append(line)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(connect, range(1500)))
    assert sessions(app) == 1500
    app.post("/reset")
    dropping = threading.Thread(target=lambda: [line.close() for line in lines])
    dropping.start()
    dropping.join()
    wait_until(
        lambda: sessions(app) == 0 and len(app.state["goodbyes"]) == 1500, "all are gone", 20
    )
    state = app.state
    assert (state["environs"], state["sids"], state["namespaces"]) == (0, [], [])
    assert {goodbye["reason"] for goodbye in state["goodbyes"]} == {"transport close"}
    assert json.dumps(state["counters"])
